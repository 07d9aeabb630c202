package plan

import (
	"fmt"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Reconciled returns a plan that was saved before a reconcile as it is after it; records are what the state holds by
// now. What the plan buys stays as it was approved. Orders that were in doubt are decided about anew; where something
// would have to be bought for one, which nobody has approved, it leaves the plan and its address is returned as open.
func (p Plan) Reconciled(records []order.Record) (_ Plan, open []order.Address, err error) {
	known := make(map[order.Address]*order.Record, len(records))
	for i := range records {
		known[records[i].Address] = &records[i]
	}
	for _, m := range p.Moves {
		if err := m.carryOut(known); err != nil {
			return Plan{}, nil, err
		}
	}
	before := p.Changes
	p.Changes = make([]Change, 0, len(before))
	settled := map[order.Address]Action{}
	for i := range before {
		both := before[i].pair(known[before[i].Address])
		action := both.action()
		if before[i].Action == InDoubt {
			settled[before[i].Address] = action
		}
		switch {
		case before[i].Action.Buys() && action == InDoubt:
			return Plan{}, nil, fmt.Errorf("%s: the plan would buy what is in doubt", before[i].Address)
		case before[i].Action != InDoubt:
			p.Changes = append(p.Changes, before[i])
		case action.Buys():
			open = append(open, before[i].Address)
		case action != None:
			p.Changes = append(p.Changes, both.change())
		case both.wish != nil:
			p.Unchanged++
		}
	}
	p.Waves = slices.Clone(p.Waves)
	for i := range p.Waves {
		p.Waves[i].reconcile(known, settled)
	}
	return p, open, nil
}

// reconcile sorts anew what a wave holds in doubt. settled says what is to be done by now about what the plan selects.
func (w *Wave) reconcile(known map[order.Address]*order.Record, settled map[order.Address]Action) {
	if len(w.InDoubt) == 0 {
		return
	}
	before := w.InDoubt
	w.Bought, w.InDoubt = slices.Clone(w.Bought), nil
	for _, a := range before {
		r := known[a]
		action, selected := settled[a]
		switch {
		case r != nil && r.Doubt != nil:
			w.InDoubt = append(w.InDoubt, a)
		case selected && action.Buys(), !selected && (r == nil || r.Status() == order.StatusFailed):
			w.LeftOut++ // nobody has approved that it is bought
		case r != nil && r.Status() == order.StatusBought:
			w.Bought = append(w.Bought, a)
		}
	}
	slices.SortFunc(w.Bought, order.Address.Compare)
}

// Hoped tells whether the plan would buy for an order in doubt if its call had bought nothing.
func (c *Change) Hoped() bool {
	if c.Action != InDoubt {
		return false
	}
	settled := *c.Before
	settled.Doubt = nil
	return c.pair(&settled).action().Buys()
}

// pair is what the change wishes and what is known at its address by now.
func (c *Change) pair(known *order.Record) pair {
	both := pair{known: known, lifecycle: c.Lifecycle}
	if c.Wished() {
		both.wish = &c.Order
	}
	return both
}

// carryOut does the move to records by address, which it does not write to.
func (m Move) carryOut(known map[order.Address]*order.Record) error {
	from, to := order.Record{Address: m.From}, order.Record{Address: m.To}
	if r := known[m.From]; r != nil {
		from = *r
	}
	if r := known[m.To]; r != nil {
		to = *r
	}
	left, moved, err := from.MoveTo(to, from.UpdatedAt)
	if err != nil {
		return err
	}
	known[m.From], known[m.To] = &left, &moved
	return nil
}
