package plan

import (
	"cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Renamed counts the orders to create that are, but for their names, what is bought or in doubt under names that the files
// no longer have: orders that got other names are bought twice where no moved block says so. Move is what the first of them
// would need. Nothing is decided by it, for there may as well be so many alike.
func (p Plan) Renamed() (move order.Move, count int) {
	if t := p.Totals(); t.Create == 0 || t.Forget+t.InDoubt == 0 {
		return order.Move{}, 0
	}
	for _, name := range []func(order.Address) order.Address{sameKey, anyName} {
		if move, count = p.renamed(name); count > 0 {
			return move, count
		}
	}
	return order.Move{}, 0
}

func sameKey(a order.Address) order.Address { return order.Address{Key: a.Key} }

func anyName(order.Address) order.Address { return order.Address{} }

// renamed is Renamed among orders that agree in a part of their names.
func (p Plan) renamed(part func(order.Address) order.Address) (move order.Move, count int) {
	likeness := func(o order.Order, quantity int) order.Order {
		o.Address, o.Quantity, o.Sensitive = part(o.Address), quantity, 0
		return o
	}
	type group struct {
		first order.Address
		count int
	}
	left := map[order.Order]group{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Wished() || c.Before == nil {
			continue
		}
		quantity := c.Before.Bought()
		if c.Before.Doubt != nil {
			quantity += c.Before.Doubt.Order.Quantity
		}
		like := likeness(c.Before.Order, quantity)
		g := left[like]
		g.first, g.count = cmp.Or(g.first, c.Address), g.count+1
		left[like] = g
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Action != Create {
			continue
		}
		like := likeness(c.Order, c.Quantity)
		g := left[like]
		if g.count == 0 {
			continue
		}
		if count++; count == 1 {
			move = order.Move{From: g.first, To: c.Address}
		}
		g.count--
		left[like] = g
	}
	return move, count
}

// BoughtBefore counts the orders to create for which something was bought that was removed from the fleet since, and
// returns the first.
func (p Plan) BoughtBefore() (first order.Address, count int) {
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Action != Create || c.Before == nil || len(c.Before.Former) == 0 {
			continue
		}
		if count++; count == 1 {
			first = c.Address
		}
	}
	return first, count
}
