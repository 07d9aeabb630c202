package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// What is more than these is not taken in at a glance.
const (
	atAGlance  = 20 // changes of a plan: beyond, a recap follows them
	recapSpecs = 15 // lines of a recap's second table
)

// recap sums a plan up for those who approve it: where it buys, and what, on which terms. It comes last, for a long
// plan has scrolled its beginning away when the question is asked.
func (t *Text) recap(p plan.Plan, totals plan.Totals) {
	if len(p.Changes) == 0 {
		return
	}
	t.regionTable(p, totals)
	if totals.Orders() > 0 {
		t.specTable(p)
	}
}

// regionTable has a line for each region.
func (t *Text) regionTable(p plan.Plan, totals plan.Totals) {
	regions := p.Regions()
	g := grid{columns: []column{
		{title: "REGION", give: 1, least: 10}, {title: "CREATE", right: true}, {title: "GROW", right: true},
		{title: "UPDATE", right: true}, {title: "FORGET", right: true}, {title: "IN DOUBT", right: true},
		{title: "INSTANCES", right: true},
	}}
	if p.Prices.Named() {
		g.columns = append(g.columns, costColumn(p.Prices))
	}
	add := func(name string, n plan.Totals) {
		row := []string{name}
		for _, count := range []int{n.Create, n.Grow, n.Update, n.Forget, n.InDoubt, n.Instances} {
			row = append(row, strconv.Itoa(count))
		}
		if p.Prices.Named() {
			row = append(row, costCell(n.Cost, n.Orders()))
		}
		g.rows = append(g.rows, row)
	}
	for _, r := range regions {
		add(Sanitize(r.Name), r.Totals)
	}
	if len(regions) > 1 {
		add("all", totals)
	}
	g.print(t.out, "")
	t.out.print("\n")
}

// A specTotal counts what has one price: a spec on some terms.
type specTotal struct {
	spec, billing     string
	orders, instances int
	cost              plan.Cost
}

// specTotals returns what the plan buys, the most instances first.
func specTotals(p plan.Plan) []specTotal {
	type key struct{ spec, billing string }
	found := map[key]*specTotal{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Action.Buys() {
			continue
		}
		k := key{c.Order.Spec, billing(c.Order.Charge)}
		w := found[k]
		if w == nil {
			w = &specTotal{spec: k.spec, billing: k.billing}
			found[k] = w
		}
		w.orders++
		w.instances += c.Quantity
		w.cost = w.cost.Plus(c.Cost)
	}
	specs := make([]specTotal, 0, len(found))
	for _, w := range found {
		specs = append(specs, *w)
	}
	slices.SortFunc(specs, func(a, b specTotal) int {
		return cmp.Or(cmp.Compare(b.instances, a.instances), strings.Compare(a.spec, b.spec), strings.Compare(a.billing, b.billing))
	})
	return specs
}

// specTable has a line for each spec and its terms.
func (t *Text) specTable(p plan.Plan) {
	g := grid{columns: []column{
		{title: "SPEC", give: 1, least: 12}, {title: "BILLING", give: 2, least: 12},
		{title: "ORDERS", right: true}, {title: "INSTANCES", right: true},
	}}
	if p.Prices.Named() {
		g.columns = append(g.columns, costColumn(p.Prices))
	}
	specs := specTotals(p)
	for _, w := range specs[:min(len(specs), recapSpecs)] {
		row := []string{Sanitize(w.spec), w.billing, strconv.Itoa(w.orders), strconv.Itoa(w.instances)}
		if p.Prices.Named() {
			row = append(row, costCell(w.cost, w.orders))
		}
		g.rows = append(g.rows, row)
	}
	g.print(t.out, "")
	if more := len(specs) - recapSpecs; more > 0 {
		t.out.println("and ", strconv.Itoa(more), " more")
	}
	t.out.print("\n")
}
