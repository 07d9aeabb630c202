package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// reconciled looks for what the orders in doubt bought, records and shows what is certain, and returns the plan as it
// is after that. What a saved plan leaves open it returns too. An apply begins with it: what is found now can't be
// bought again, and somebody has to look into duplicates before anything more is bought.
func (o *applyOptions) reconciled(ctx context.Context, store *state.Store, a account, p plan.Plan, from source) (plan.Plan, []order.Address, error) {
	if len(doubts(store.Snapshot())) == 0 {
		return p, nil, nil
	}
	regions, err := o.lookAndAdopt(ctx, store, a, from.state)
	if err != nil {
		return p, nil, err
	}
	for _, r := range regions {
		if r.Err != nil {
			o.view().Warning(warning(notListed(r, "apply")))
		}
	}
	o.view().Reconciled(regions)
	found := reconcile.Sum(regions)
	switch {
	case found.Strangers > 0 && !o.ignoreExisting:
		return p, nil, hinted{
			errors.New("instances of this state are accounted for by no purchase that it knows: nothing is bought now"),
			"Look at the instances named above, record them with state import, or delete what is too much, and run apply " +
				"again. To buy all the same, and perhaps a second time, add --ignore-existing.",
		}
	case found.Duplicate > 0:
		return p, nil, hinted{
			errors.New("more was bought than was asked for: nothing is bought now"),
			"Look at the instances named above, say with resolve what became of their orders, and run apply again.",
		}
	case found.Adopted == 0:
		return p, nil, nil
	}
	p, open, err := from.again(p, store.Snapshot())
	if len(open) > 0 {
		o.view().Warning("what was in doubt when the plan was saved may have to be bought by now, and the plan does not " +
			"speak of it: " + joined(open) + ". Make a new plan for it: bastion-fleet plan --out FILE")
	}
	return p, open, err
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
