package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// reconciled looks for what the orders in doubt bought, records and shows what is certain, and returns the plan as it
// is after that. What a saved plan leaves open it returns too. An apply begins with it: what is found now can't be
// bought again, and somebody has to look into duplicates before anything more is bought.
func (o *applyOptions) reconciled(ctx context.Context, store *state.Store, a account, p plan.Plan, from source) (plan.Plan, []order.Address, error) {
	s := store.Snapshot()
	if len(doubts(s)) == 0 {
		return p, nil, nil
	}
	first, err := o.look(ctx, store, a, from, nil)
	if err != nil {
		return p, nil, err
	}
	cannotAsk := o.json && !o.autoApprove && from.planID == "" // nothing will be bought, so nobody need wait
	if p.Rollout.OnInDoubt == order.RebuyAfterSettle && !cannotAsk {
		if err := o.settle(ctx, store, a, p, from, first); err != nil {
			return p, nil, err
		}
	}
	after := store.Snapshot()
	if after.Serial == s.Serial { // nothing was recorded
		return p, nil, nil
	}
	p, open, err := from.again(p, after)
	if len(open) > 0 {
		o.view().Warning("what was in doubt when the plan was saved may have to be bought by now, and the plan does not " +
			"speak of it: " + joined(open) + ". Make a new plan for it: bastion-fleet plan --out FILE")
	}
	return p, open, err
}

// look searches the regions, or with nil all that have doubts, records what is certain and shows what was found. A look
// that is not the first shows it only where there is something new. What somebody has to look into is an error.
func (o *applyOptions) look(ctx context.Context, store *state.Store, a account, from source, only []string) (reconcile.Look, error) {
	look := reconcile.Look{Began: time.Now()}
	var err error
	if look.Regions, err = o.lookAndAdopt(ctx, store, a, from.state, only); err != nil {
		return look, err
	}
	look.Ended = time.Now()
	for _, r := range look.Regions {
		if r.Err != nil {
			o.view().Warning(warning(notListed(r, "apply")))
		}
	}
	found := reconcile.Sum(look.Regions)
	if only == nil || found.Adopted+found.Duplicate+found.Strangers > 0 {
		o.view().Reconciled(look.Regions)
	}
	switch {
	case found.Strangers > 0 && !o.ignoreExisting:
		return look, hinted{
			errors.New("instances of this state are accounted for by no purchase that it knows: nothing is bought now"),
			"Look at the instances named above, record them with state import, delete what is too much, or take the marker off " +
				"the description of what only got a copy of it, and run apply again. To buy all the same, and perhaps a second time, add --ignore-existing.",
		}
	case found.Duplicate > 0:
		return look, hinted{
			errors.New("more was bought than was asked for: nothing is bought now"),
			"Look at the instances named above, say with resolve what became of their orders, and run apply again.",
		}
	}
	return look, nil
}

// warning is an error with its hint, as one text.
func warning(err error) string {
	text := err.Error()
	if h, ok := errors.AsType[hinted](err); ok {
		text += ". " + h.hint
	}
	return text
}

func joined(addresses []order.Address) string {
	names := make([]string, len(addresses))
	for n, a := range addresses {
		names[n] = a.String()
	}
	return strings.Join(names, ", ")
}
