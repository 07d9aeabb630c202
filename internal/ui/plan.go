package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// A sign stands before every order of a plan.
type sign struct{ symbol, colour, meaning string }

var signs = [...]sign{
	plan.None:    {" ", "", ""},
	plan.Create:  {"+", codeGreen, "create: bought by an apply"},
	plan.Grow:    {"^", codeGreen, "grow: more instances are bought by an apply"},
	plan.Update:  {"~", codeYellow, "update: bought otherwise than wished; not executable"},
	plan.Forget:  {".", codeCyan, "forget: no longer in the files; kept, nothing is deleted"},
	plan.InDoubt: {"?", codeRed, "in doubt: it may have been bought; held"},
}

// Plan prints the changes region by region, where they are many a recap, then what is worth knowing about them, then
// the sum in one line.
func (t *Text) Plan(p plan.Plan, d Detail) {
	totals := p.Totals()
	if len(p.Changes) > 0 && d == Full {
		t.legend(totals)
		for _, r := range p.Regions() {
			t.region(r)
		}
	}
	if d == Summary || len(p.Changes) > atAGlance {
		t.recap(p, totals)
	}
	t.advice(p, totals)
	t.sum(planSum(p, totals))
	t.flush(t.out)
}

// legend explains the signs that the plan uses.
func (t *Text) legend(totals plan.Totals) {
	counts := map[plan.Action]int{
		plan.Create: totals.Create, plan.Grow: totals.Grow, plan.Update: totals.Update,
		plan.Forget: totals.Forget, plan.InDoubt: totals.InDoubt,
	}
	for action, s := range signs {
		if counts[plan.Action(action)] > 0 {
			t.out.println("  ", t.out.with(s.colour, s.symbol), " ", s.meaning)
		}
	}
	t.out.print("\n")
}

// region prints one region: what its orders have in common once, and each order with the rest.
func (t *Text) region(r plan.Region) {
	o := t.out
	o.println(o.bold(Sanitize(r.Name)), ": ", regionSum(r.Totals))
	g, shared := layOut(r.Changes)
	if shared != "" {
		if len(r.Changes) > 1 {
			shared = "each " + shared
		}
		for _, line := range wrap(shared, max(0, o.width()-2)) {
			o.println("  ", o.dim(line))
		}
	}
	o.print("\n")
	limit := o.width()
	if limit > 0 {
		limit -= len(rowIndent)
	}
	widths := g.widths(limit)
	for i := range r.Changes {
		c := &r.Changes[i]
		s := signs[c.Action]
		o.print("  ", o.with(s.colour, s.symbol), " ")
		g.write(o, g.rows[i], widths, limit > 0)
		o.print("\n")
		t.notes(c)
	}
	o.print("\n")
}

const rowIndent = "  + "

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

// shownOrder is the order that a change is about: the wish, else what was called for, else what was bought.
func shownOrder(c *plan.Change) *order.Order {
	switch {
	case c.Action == plan.InDoubt:
		return &c.Before.Doubt.Order
	case c.Wished():
		return &c.Order
	default:
		return &c.Before.Order
	}
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

// notes prints beneath an order what its line can't hold.
func (t *Text) notes(c *plan.Change) {
	switch c.Action {
	case plan.Update:
		t.fields(c.Fields)
	case plan.InDoubt:
		d := c.Before.Doubt
		t.note(fmt.Sprintf("in doubt since %s, attempt %d: %s", moment(d.At), d.Attempt, causeOfDoubt(c.Before)))
		if d.Marker != "" {
			t.note("its marker is " + Sanitize(string(d.Marker)))
		}
	case plan.Create:
		if c.Before != nil && c.Before.Failure != nil {
			t.note("the last attempt bought nothing: " + causeOfCall(*c.Before.Failure))
		}
	case plan.None, plan.Grow, plan.Forget:
	}
}

const noteIndent = "      "

func (t *Text) note(text string) {
	for _, line := range wrap(text, max(0, t.out.width()-len(noteIndent))) {
		t.out.println(noteIndent, t.out.dim(line))
	}
}

// fields prints old and new values, aligned; on two lines where they don't fit on one.
func (t *Text) fields(changes []plan.FieldChange) {
	o := t.out
	longest := 0
	for _, f := range changes {
		longest = max(longest, len(f.Field))
	}
	for _, f := range changes {
		name := pad(string(f.Field), longest, false)
		old, wished := fieldText(f.Field, f.Old), fieldText(f.Field, f.New)
		indent := len(noteIndent) + longest + columnGap
		o.print(noteIndent, name, spaces(columnGap))
		room := o.width() - indent
		if o.width() == 0 || widthOf(old)+len(" -> ")+widthOf(wished) <= room {
			o.println(o.red(old), " -> ", o.green(wished))
			continue
		}
		o.println(o.red(shorten(old, room)))
		o.println(spaces(indent-len("-> ")), "-> ", o.green(shorten(wished, room)))
	}
}

// fieldText is a value as a fleet file has it.
func fieldText(f order.Field, value string) string {
	if value == "" {
		return "not set"
	}
	switch f {
	case order.FieldQuantity, order.FieldDuration, order.FieldAutoRenew, order.FieldAutoPay:
		return value
	default:
		return `"` + Sanitize(value) + `"`
	}
}

// advice says what nobody should miss, and what to do about it.
func (t *Text) advice(p plan.Plan, totals plan.Totals) {
	say := func(text string) {
		for _, line := range wrap(text, t.out.width()) {
			t.out.println(line)
		}
		t.out.print("\n")
	}
	if p.Selected {
		say("This is a part of the fleet: --target, --exclude or --region left the rest out.")
	}
	if totals.Update > 0 {
		say(plural(totals.Update, "order") + " to update. " + adviceUpdate)
	}
	if totals.InDoubt > 0 {
		say(plural(totals.InDoubt, "order") + " in doubt. " + adviceInDoubt)
	}
	if totals.Unpaid > 0 {
		say(plural(totals.Unpaid, "order") + " without auto_pay: " + adviceUnpaid)
	}
}

// regionSum is a region's header.
func regionSum(n plan.Totals) string {
	var parts []string
	add := func(count int, what string) {
		if count > 0 {
			parts = append(parts, strconv.Itoa(count)+" "+what)
		}
	}
	add(n.Create, "to create"+instances(n.Instances-n.Grown))
	add(n.Grow, "to grow"+instances(n.Grown))
	add(n.Update, "to update")
	add(n.Forget, "to forget")
	add(n.InDoubt, "in doubt")
	return strings.Join(parts, ", ")
}

// sum prints what everything comes to: one line, but for the person whose terminal is too narrow for it.
func (t *Text) sum(text string) {
	for _, line := range wrap(text, t.out.width()) {
		t.out.println(t.out.bold(line))
	}
	t.shown = true
}

// planSum is the plan's last line. Scripts read it, though they had better read change_summary.
func planSum(p plan.Plan, n plan.Totals) string {
	switch {
	case len(p.Changes) > 0:
	case p.Unchanged == 0:
		return "No changes. There is no order to plan."
	case p.Unchanged == 1:
		return "No changes. The one order is bought as wished."
	default:
		return fmt.Sprintf("No changes. All %d orders are bought as wished.", p.Unchanged)
	}
	return fmt.Sprintf("Plan: %s to create%s, %d to grow%s, %d to update, %d to forget, %d in doubt.",
		plural(n.Create, "order"), instances(n.Instances-n.Grown), n.Grow, instances(n.Grown), n.Update, n.Forget, n.InDoubt)
}

func instances(n int) string {
	if n == 0 {
		return ""
	}
	return " (" + plural(n, "instance") + ")"
}
