package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// checkMovedAway notes the creates of what was bought under the same name before, and is recorded under another one that
// the files do not order. Such files are older than the move, or it was taken back in them alone: they would buy it again.
func (r *rewriter) checkMovedAway(changed []pair, orders []order.Order, records []order.Record) {
	elsewhere := movedAway(orders, records)
	if len(elsewhere) == 0 {
		return
	}
	for _, both := range changed {
		a := both.address()
		if at, moved := elsewhere[a]; moved && both.action() == Create {
			r.conflict("%s would be bought again: what was bought for it was moved to %s, which the files do not order. Order that; or "+
				"write a moved block from = %s, to = %s to take the move back, or removed { from = %s } to have another one", a, at, at, a, at)
		}
	}
}

// movedAway returns where what was called for an address is recorded by now, where the files do not order it there.
func movedAway(orders []order.Order, records []order.Record) map[order.Address]order.Address {
	elsewhere := map[order.Address]order.Address{}
	for i := range records {
		r := &records[i]
		names := r.CalledFor()
		if len(names) == 0 {
			continue
		}
		_, wished := slices.BinarySearchFunc(orders, r.Address, func(o order.Order, a order.Address) int { return o.Address.Compare(a) })
		for _, name := range names {
			if !wished {
				elsewhere[name] = r.Address
			}
		}
	}
	return elsewhere
}
