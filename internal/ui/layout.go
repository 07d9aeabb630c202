package ui

import (
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// A fact is something that a plan tells of an order. Where all orders of a region have it in common, it is told once.
type fact struct {
	column
	same func(a, b *order.Order) bool
	text func(o *order.Order) string
}

var facts = []fact{
	{
		column{give: 3, least: 11},
		func(a, b *order.Order) bool { return a.AZ == b.AZ },
		func(o *order.Order) string { return "in " + Sanitize(o.AZ) },
	},
	{
		column{give: 2, least: 16},
		func(a, b *order.Order) bool { return a.VPCID == b.VPCID && a.SubnetID == b.SubnetID },
		func(o *order.Order) string { return Sanitize(network(o)) },
	},
	{
		column{},
		func(a, b *order.Order) bool { return a.IPVersion == b.IPVersion },
		func(o *order.Order) string { return Sanitize(o.IPVersion) },
	},
	ofCharge(period),
	ofCharge(payment),
	ofCharge(renewal),
	ofCharge(activity),
}

// ofCharge is one of the things that make up how an order is billed.
func ofCharge(text func(order.Charge) string) fact {
	return fact{
		column{give: 6, least: 8},
		func(a, b *order.Order) bool { return a.Charge == b.Charge || text(a.Charge) == text(b.Charge) },
		func(o *order.Order) string { return text(o.Charge) },
	}
}

// layOut returns a row for each change, and the facts that all of them have in common.
func layOut(changes []plan.Change) (grid, string) {
	own, shared := divide(changes)
	g := grid{columns: []column{
		{give: 4, least: 28, cut: shortenMiddle},
		{give: 5, least: 18},
	}}
	for _, f := range own {
		g.columns = append(g.columns, f.column)
	}
	g.columns = append(g.columns, column{give: 1, least: 12, colour: codeDim}) // the description

	width := len(g.columns)
	cells := make([]string, 0, width*len(changes))
	counts := 0 // the columns that the numbers of instances take; they end below each other
	for i := range changes {
		counts = max(counts, len(count(&changes[i], shownOrder(&changes[i]))))
	}
	for i := range changes {
		c := &changes[i]
		o := shownOrder(c)
		cells = append(cells, Sanitize(c.Address.String()), pad(count(c, o), counts, true)+" x "+Sanitize(o.Spec))
		for _, f := range own {
			cells = append(cells, f.text(o))
		}
		cells = append(cells, Sanitize(o.Desc))
		g.rows = append(g.rows, cells[i*width:(i+1)*width])
	}
	return g, strings.Join(shared, ", ")
}

// divide tells the facts that differ from those that all changes have in common.
func divide(changes []plan.Change) (own []fact, shared []string) {
	first := shownOrder(&changes[0])
	for _, f := range facts {
		same := true
		for i := 0; same && i < len(changes); i++ {
			same = f.same(first, shownOrder(&changes[i]))
		}
		if same {
			shared = append(shared, nonEmpty(f.text(first))...)
		} else {
			own = append(own, f)
		}
	}
	return own, shared
}

// shownOrder is the order that a change is about: the wish, else what was called for, else what was bought. What is
// sensitive in the files is so in the state too, which may have been written before it was said.
func shownOrder(c *plan.Change) *order.Order {
	o := &c.Order
	switch {
	case c.Action == plan.InDoubt:
		o = &c.Before.Doubt.Order
	case !c.Wished():
		o = &c.Before.Order
	}
	return o.Shown(c.Order.Sensitive)
}

// count says how many instances a change is about.
func count(c *plan.Change, o *order.Order) string {
	switch c.Action {
	case plan.Grow:
		return strconv.Itoa(c.Before.Bought()) + " -> " + strconv.Itoa(o.Quantity)
	case plan.Forget:
		return strconv.Itoa(c.Before.Bought())
	default:
		return strconv.Itoa(o.Quantity)
	}
}
