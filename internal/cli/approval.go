package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// approve asks, unless the flags or a plan file have answered. A yes counts for the wave that the first purchases are in
// too: it is named, and returned.
func (o *applyOptions) approve(ctx context.Context, a account, p plan.Plan, from source) (approved []string, err error) {
	if o.autoApprove || from.planID != "" || o.approvesFirst(p) {
		return nil, nil
	}
	if o.json {
		return nil, hinted{errors.New("--json can't ask for approval"), "Add --auto-approve, " + approveFirst(p) + "or apply a plan file."}
	}
	question := "\n" + approvalQuestion(p, o.seller(a))
	yes, err := o.askPerson(ctx, question)
	if err == nil && !yes {
		err = hinted{errors.New("not approved: nothing was bought"), "Answer yes, " + approveFirst(p) + "or add --auto-approve."}
	}
	if first := firstWave(p); err == nil && first >= 0 {
		approved = []string{p.Waves[first].Name}
	}
	return approved, err
}

// approveFirst is a hint at the flag that approves no more than the wave that the plan's first purchases are in.
func approveFirst(p plan.Plan) string {
	first := firstWave(p)
	if first < 0 {
		return ""
	}
	return "add --approve-wave " + ui.ShellWord(p.Waves[first].Name) + " for the wave that comes next, "
}

// approvalQuestion says once more what is done to the state, what is spent, and where.
func approvalQuestion(p plan.Plan, seller string) string {
	t, cost, unpaid := p.Totals(), "", ""
	first, buy := rewritesQuestion(p), "Buy"
	switch {
	case t.Orders() == 0:
		return first + "? Nothing is bought."
	case first != "":
		first, buy = first+", then ", "buy"
	}
	if text := ui.Cost(p); text != "" {
		cost = " for " + text
	}
	if t.Unpaid > 0 {
		unpaid = fmt.Sprintf(" (%s will wait unpaid)", counted(t.Unpaid, "purchase"))
	}
	return fmt.Sprintf("%s%s %s by %s%s from %s%s%s?", first, buy, counted(t.Instances, "instance"), counted(t.Orders(), "order"),
		cost, seller, unpaid, wavesQuestion(p))
}

// wavesQuestion names the wave that a yes counts for at once, and those that are asked about before they begin.
func wavesQuestion(p plan.Plan) string {
	first := firstWave(p)
	if first < 0 {
		return ""
	}
	text := fmt.Sprintf(", beginning with wave %s (%s)", p.Waves[first].Name, counted(ofWave(p, first).Totals().Orders(), "order"))
	var asked []string
	for i := first + 1; i < len(p.Waves); i++ {
		if w := p.Waves[i]; w.Approve && ofWave(p, i).Totals().Orders() > 0 {
			asked = append(asked, w.Name)
		}
	}
	if len(asked) > 0 {
		text += ", and asking again before " + strings.Join(asked, ", ")
	}
	return text
}

// rewritesQuestion asks about what the plan does to records, or is empty where it does nothing.
func rewritesQuestion(p plan.Plan) string {
	var parts []string
	for _, part := range []struct {
		what  string
		count int
	}{{"move", len(p.Moves)}, {"remove", len(p.Removals)}, {"import", len(p.Imports)}} {
		if part.count > 0 {
			parts = append(parts, part.what+" "+counted(part.count, "order"))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	last := len(parts) - 1
	text := parts[last]
	if last > 0 {
		text = strings.Join(parts[:last], ", ") + " and " + text
	}
	return strings.ToUpper(text[:1]) + text[1:] + " in the state"
}

// counted is n with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
