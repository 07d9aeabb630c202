package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// approve asks, unless the flags or a plan file have answered.
func (o *applyOptions) approve(ctx context.Context, a account, p plan.Plan, from source) error {
	if o.autoApprove || from.planID != "" {
		return nil
	}
	if o.json {
		return hinted{errors.New("--json can't ask for approval"), "Add --auto-approve, or apply a plan file."}
	}
	question := "\n" + approvalQuestion(p, o.seller(a))
	yes, err := abandonable(ctx, func() (bool, error) { return o.streams().Confirm(question) })
	if err == nil && !yes {
		return hinted{errors.New("not approved: nothing was bought"), "Answer yes, or add --auto-approve."}
	}
	return err
}

// approvalQuestion says once more what is spent, and where.
func approvalQuestion(p plan.Plan, seller string) string {
	t, cost, unpaid := p.Totals(), "", ""
	if text := ui.Cost(p); text != "" {
		cost = " for " + text
	}
	if t.Unpaid > 0 {
		unpaid = fmt.Sprintf(" (%s will wait unpaid)", counted(t.Unpaid, "purchase"))
	}
	return fmt.Sprintf("Buy %s by %s%s from %s%s?", counted(t.Instances, "instance"), counted(t.Orders(), "order"), cost, seller, unpaid)
}

// counted is n with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
