package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// StateList prints a line for each record.
func (t *Text) StateList(records []order.Record) {
	if len(records) == 0 {
		t.Notice("The state holds no orders.")
		return
	}
	g := grid{columns: []column{
		{title: "ADDRESS", give: 2, least: 20, cut: shortenMiddle},
		{title: "REGION", give: 3, least: 8},
		{title: "STATUS"},
		{title: "INSTANCES", give: 1, least: 12, drop: true},
		{title: "BUY ID"}, // never shortened: it is what people come for
	}}
	for i := range records {
		r := &records[i]
		g.rows = append(g.rows, []string{
			Sanitize(r.Address.String()), Sanitize(r.Region()), r.Status().Words(),
			strconv.Itoa(r.Bought()) + " x " + Sanitize(r.Order.Spec), Sanitize(lastBuyID(r)),
		})
	}
	g.print(t.out, "")
	t.flush(t.out)
}

func unpaid(r *order.Record) bool {
	for _, p := range r.Purchases {
		if p.Unpaid {
			return true
		}
	}
	return false
}

// lastBuyID is the last purchase's id, with the number of those before it, and whether any was left to be paid.
func lastBuyID(r *order.Record) string {
	n := len(r.Purchases)
	if n == 0 {
		return ""
	}
	text := purchaseName(r.Purchases[n-1])
	if n > 1 {
		text += " (+" + strconv.Itoa(n-1) + ")"
	}
	if unpaid(r) {
		text += ", unpaid"
	}
	return text
}

// purchaseName is the buyId, or where nobody knows it, how its instances were found.
func purchaseName(p order.Purchase) string {
	switch {
	case p.BuyID != "" || len(p.BIDs) == 0:
		return p.BuyID
	case p.Imported:
		return "imported as " + firstOf(p.BIDs)
	default:
		return "adopted as " + firstOf(p.BIDs)
	}
}

// firstOf is the first id, with the number of the others.
func firstOf(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	return fmt.Sprintf("%s (and %d more)", ids[0], len(ids)-1)
}

// StateShow prints one record, a fact a line, and its purchases, doubt and failure beneath.
func (t *Text) StateShow(r order.Record) {
	o := r.Order.Shown(0)
	t.out.println(t.out.bold(Sanitize(r.Address.String())))
	t.facts("  ", [][2]string{
		{"status", statusText(&r)},
		{"region", r.Region()},
		{"az", o.AZ},
		{"network", network(o)},
		{"spec", o.Spec},
		{"instances", boughtText(&r)},
		{"ip version", o.IPVersion},
		{"desc", o.Desc},
		{"billing", billing(o.Charge)},
		{"attempts", strconv.Itoa(r.Attempt)},
		{"updated", moment(r.UpdatedAt)},
	})
	for _, p := range r.Purchases {
		t.out.println("\n  ", t.out.green("purchase"))
		t.purchase(p)
	}
	for _, p := range r.Former {
		t.out.println("\n  ", t.out.yellow("former purchase"), ", removed from the fleet since")
		t.purchase(p)
	}
	if r.Doubt != nil {
		t.doubt(r.Doubt, r.DoubtWhy)
	}
	if r.Failure != nil {
		t.out.println("\n  ", t.out.yellow("last failure"))
		t.facts("    ", [][2]string{{"why", causeOfCall(*r.Failure)}, {"class", r.Failure.Class.String()}})
	}
	t.flush(t.out)
}

// doubt prints the open call, and the ids that its answer named without saying that it bought.
func (t *Text) doubt(d *order.Intent, why *order.Failure) {
	t.out.println("\n  ", t.out.red("in doubt"))
	facts := [][2]string{
		{"since", moment(d.At)}, {"run", d.Run}, {"attempt", strconv.Itoa(d.Attempt)},
		{"instances", strconv.Itoa(d.Order.Quantity)}, {"called as", calledFor(d.For)}, {"marker", string(d.Marker)},
	}
	if why == nil {
		facts = append(facts, [2]string{"why", endedBeforeAnswer})
	} else {
		facts = append(append(facts, [2]string{"why", causeWithRequest(*why)}), namedFacts(*why)...)
	}
	t.facts("    ", facts)
	t.out.print("\n")
	for _, line := range wrap(adviceInDoubt, t.out.width()) {
		t.out.println(line)
	}
}

// namedFacts are the ids of an answer that did not plainly say that it bought. Most failures have none.
func namedFacts(f order.Failure) [][2]string {
	var facts [][2]string
	if f.BuyID != "" {
		facts = append(facts, [2]string{"named buy id", f.BuyID})
	}
	if len(f.SourceIDs) > 0 {
		facts = append(facts, [2]string{"named source ids", strings.Join(f.SourceIDs, ", ")})
	}
	return facts
}

func boughtText(r *order.Record) string {
	if r.Gone {
		return "0"
	}
	if len(r.Purchases) == 0 {
		return "0 bought, " + strconv.Itoa(r.Order.Quantity) + " asked for"
	}
	return strconv.Itoa(r.Bought())
}

func (t *Text) purchase(p order.Purchase) {
	pay := ""
	if p.Unpaid {
		pay = "by hand, in the console (auto_pay was false)"
	}
	answer := ""
	switch {
	case p.Imported:
		answer = "none: the purchase was imported"
	case p.BuyID == "" && len(p.BIDs) > 0:
		answer = "lost, with the buyId in it; a reconcile found the instances by the marker"
	}
	t.facts("    ", [][2]string{
		{"buy id", p.BuyID}, {"source ids", strings.Join(p.SourceIDs, ", ")}, {"request id", p.RequestID},
		{"answer", answer}, {"bids", strings.Join(p.BIDs, ", ")}, {"instances", strconv.Itoa(p.Quantity)}, {"payment", pay}, {"run", p.Run},
		{"attempt", strconv.Itoa(p.Attempt)}, {"bought as", calledFor(p.For)}, {"marker", string(p.Marker)}, {"at", moment(p.At)},
	})
}

// calledFor is what a call was made for, where its record has moved since.
func calledFor(a order.Address) string {
	if a == (order.Address{}) {
		return ""
	}
	return a.String()
}

// statusText is the status in words, of a record that may be there for what is kept of it alone.
func statusText(r *order.Record) string {
	if r.Gone {
		return "moved or removed: nothing is at this address any more"
	}
	return r.Status().Words()
}

// facts prints names and values in two columns and leaves empty values out. Nothing is shortened: ids are copied
// from here.
func (t *Text) facts(indent string, pairs [][2]string) {
	longest := 0
	for _, p := range pairs {
		longest = max(longest, len(p[0]))
	}
	for _, p := range pairs {
		if p[1] != "" {
			t.fact(indent, pad(p[0], longest, false), Sanitize(p[1]))
		}
	}
}

// fact prints a name and its value, broken between words where the terminal would break it anywhere.
func (t *Text) fact(indent, name, value string) {
	room := 0
	if w := t.out.width(); w > 0 {
		room = max(leastWidth/2, w-len(indent)-widthOf(name)-columnGap)
	}
	for i, line := range wrap(value, room) {
		if i > 0 {
			name = spaces(widthOf(name))
		}
		t.out.println(indent, t.out.dim(name), spaces(columnGap), line)
	}
}
