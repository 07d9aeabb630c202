package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// checkWaves refuses names of --approve-wave that are no wave's: a slip would end the run where it was to go on.
func (o *applyOptions) checkWaves(r order.Rollout) error {
	if len(o.approvedWaves) == 0 {
		return nil
	}
	if len(r.Waves) == 0 {
		return hinted{
			errors.New("--approve-wave: the fleet's rollout has no waves"),
			"Leave it out, or add wave blocks to the rollout block.",
		}
	}
	var names []string
	for _, w := range r.Waves {
		names = append(names, w.Name)
	}
	names = append(names, order.RemainingWave)
	for _, name := range o.approvedWaves {
		if slices.Contains(names, name) {
			continue
		}
		hint := "There are " + strings.Join(names, ", ") + "."
		if near := nearest(names, name, 3); near != "" {
			hint = "Did you mean " + near + "? " + hint
		}
		return hinted{fmt.Errorf("--approve-wave: there is no wave %q", name), hint}
	}
	return nil
}

// firstWave is the wave in which the plan's first purchases are, or -1.
func firstWave(p plan.Plan) int {
	first := -1
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action.Buys() && (first < 0 || c.Wave < first) {
			first = c.Wave
		}
	}
	if first >= len(p.Waves) {
		return -1
	}
	return first
}

// ofWave is the part of a plan that a wave buys.
func ofWave(p plan.Plan, wave int) plan.Plan {
	part := p
	part.Changes = nil
	for _, c := range p.Changes {
		if c.Action.Buys() && c.Wave == wave {
			part.Changes = append(part.Changes, c)
		}
	}
	return part
}

// approvesFirst tells whether the wave that the plan's first purchases are in was approved by its name. Who names it has
// seen what it buys, and need not be asked about the plan again.
func (o *applyOptions) approvesFirst(p plan.Plan) bool {
	first := firstWave(p)
	return first >= 0 && slices.Contains(o.approvedWaves, p.Waves[first].Name)
}

// A waveApprover answers for the waves of a run by flags, or by whoever sits at the terminal.
type waveApprover struct {
	plan     plan.Plan
	all      bool     // --auto-approve
	approved []string // by --approve-wave, and by the plan's own question
	// ask asks a person; nil where none is there.
	ask   func(ctx context.Context, question string) (bool, error)
	story *story
}

var _ apply.Approver = (*waveApprover)(nil)

// Approve returns whether the wave may begin.
func (a *waveApprover) Approve(ctx context.Context, w apply.WaveTotal) (bool, error) {
	switch {
	case a.all || slices.Contains(a.approved, w.Wave):
		return true, nil
	case a.ask == nil:
		return false, nil
	}
	return a.ask(ctx, a.question(w))
}

// question says how the wave before ended, and what this one buys.
func (a *waveApprover) question(w apply.WaveTotal) string {
	text := ""
	if before := a.story.last(); before != "" {
		text = before + "\n"
	}
	cost, unpaid := "", ""
	if i := slices.IndexFunc(a.plan.Waves, func(p plan.Wave) bool { return p.Name == w.Wave }); i >= 0 {
		part := ofWave(a.plan, i)
		if amount := ui.Cost(part); amount != "" {
			cost = " for " + amount
		}
		if n := part.Totals().Unpaid; n > 0 {
			unpaid = fmt.Sprintf(" (%s will wait unpaid)", counted(n, "purchase"))
		}
	}
	var regions []string
	for _, r := range w.Regions {
		regions = append(regions, r.Region)
	}
	return text + fmt.Sprintf("Wave %s: buy %s by %s%s in %s%s?", w.Wave, counted(w.Instances, "instance"), counted(w.Orders, "order"),
		cost, strings.Join(regions, ", "), unpaid)
}

// askAtTerminal returns what asks about a wave while the view is suspended, or nil where nobody is there to answer.
func (o *applyOptions) askAtTerminal(shown ui.Observer) func(ctx context.Context, question string) (bool, error) {
	if o.json || !o.streams().Attended() {
		return nil
	}
	return func(ctx context.Context, question string) (bool, error) {
		shown.Suspend()
		defer shown.Resume()
		return o.askPerson(ctx, "\n"+question)
	}
}
