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

// Plan prints the changes region by region, where they are many a recap, then how an apply goes about them, what is worth
// knowing, and the sum in one line.
func (t *Text) Plan(p plan.Plan, d Detail) {
	totals := p.Totals()
	if t.shown {
		t.out.print("\n") // a reconcile stands above
	}
	if d == Full {
		t.rewrites(p)
	}
	if len(p.Changes) > 0 && d == Full {
		t.legend(totals)
		for _, r := range p.Regions() {
			t.region(r, p.Prices)
		}
	}
	recap := d == Summary || len(p.Changes) > atAGlance
	if recap {
		t.recap(p, totals)
	}
	t.schedule(p, recap)
	t.advice(p, totals)
	t.costLine(p, totals)
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
func (t *Text) region(r plan.Region, prices order.Prices) {
	o := t.out
	o.println(o.bold(Sanitize(r.Name)), ": ", regionSum(r.Totals))
	if prices.Named() && r.Totals.Orders() > 0 {
		o.println("  ", o.dim("for "+costText(r.Totals.Cost, r.Totals.Orders(), prices)))
	}
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
	if totals.InDoubt > 0 && !t.heldTold {
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
	case len(p.Changes)+p.Rewrites() > 0:
	case p.Unchanged == 0:
		return "No changes. There is no order to plan."
	case p.Unchanged == 1:
		return "No changes. The one order is bought as wished."
	default:
		return fmt.Sprintf("No changes. All %d orders are bought as wished.", p.Unchanged)
	}
	return fmt.Sprintf("Plan: %s to create%s, %d to grow%s, %d to update, %d to forget, %d in doubt%s.",
		plural(n.Create, "order"), instances(n.Instances-n.Grown), n.Grow, instances(n.Grown), n.Update, n.Forget, n.InDoubt,
		rewritesSum(p, "to move", "to remove", "to import"))
}

func instances(n int) string {
	if n == 0 {
		return ""
	}
	return " (" + plural(n, "instance") + ")"
}
