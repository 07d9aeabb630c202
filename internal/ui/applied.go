package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// How much of a result is listed before it is only counted.
const (
	listedPurchases = 20
	listedCauses    = 10
	listedAddresses = 5
)

// Applied prints what was bought, what was not and why, and what remains to be done by somebody. Of a plan without
// changes there is no more to say than it said itself.
func (t *Text) Applied(e Ending) {
	p, r := e.Plan, e.Result
	if len(r.Entries)+len(r.Waves) == 0 && len(p.Changes)+p.Rewrites() == 0 {
		return
	}
	t.out.print("\n")
	t.boughtEntries(entriesOf(r, apply.EndBought))
	t.failedEntries(entriesOf(r, apply.EndFailed))
	t.doubtfulEntries(entriesOf(r, apply.EndInDoubt))
	t.failedInstances(e)
	t.waveEnds(e)
	t.skippedEntries(e)
	t.boughtCostLine(p, r)
	t.sum(resultSum(e))
	t.flush(t.out)
}

func entriesOf(r apply.Result, end apply.End) []apply.Entry {
	var entries []apply.Entry
	for _, e := range r.Entries {
		if e.End == end {
			entries = append(entries, e)
		}
	}
	return entries
}

// boughtEntries tells what is paid from what somebody still has to pay for.
func (t *Text) boughtEntries(entries []apply.Entry) {
	var paid, unpaid []apply.Entry
	for _, e := range entries {
		if e.Purchase.Unpaid {
			unpaid = append(unpaid, e)
		} else {
			paid = append(paid, e)
		}
	}
	if len(paid) > 0 {
		t.labelled(codeGreen, "Bought:", plural(len(paid), "order"))
		t.purchases(paid, listedPurchases)
	}
	if len(unpaid) > 0 {
		t.labelled(codeYellow, "Bought, awaiting payment:", plural(len(unpaid), "order")+" without auto_pay. Pay in the console.")
		t.purchases(unpaid, len(unpaid)) // somebody has to pay for each of them
	}
}

// purchases lists the first ids, and says where all of them are.
func (t *Text) purchases(entries []apply.Entry, listed int) {
	g := grid{columns: []column{
		{title: "ADDRESS", give: 2, least: 24, cut: shortenMiddle}, {title: "REGION", give: 1, least: 12},
		{title: "INSTANCES", right: true}, {title: "BUY ID"}, // never shortened
	}}
	for _, e := range entries[:min(len(entries), listed)] {
		g.rows = append(g.rows, []string{
			Sanitize(e.Address.String()), Sanitize(e.Region), strconv.Itoa(e.Purchase.Quantity), Sanitize(buyIDOf(e)),
		})
	}
	g.print(t.out, "  ")
	if more := len(entries) - listed; more > 0 {
		t.out.println("  and ", plural(more, "order"), " more: bastion-fleet state list shows every buy id")
	}
	t.out.print("\n")
}

// buyIDOf is what the vendor's console and support know the purchase by.
func buyIDOf(e apply.Entry) string {
	if e.Purchase.BuyID == "" {
		return strings.Join(e.Purchase.SourceIDs, ", ")
	}
	return e.Purchase.BuyID
}

// failedEntries groups like causes, the most frequent first.
func (t *Text) failedEntries(entries []apply.Entry) {
	if len(entries) == 0 {
		return
	}
	groups := map[string][]apply.Entry{}
	for _, e := range entries {
		groups[Cause(e.Failure)] = append(groups[Cause(e.Failure)], e)
	}
	causes := make([]string, 0, len(groups))
	for c := range groups {
		causes = append(causes, c)
	}
	slices.SortFunc(causes, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), strings.Compare(a, b))
	})
	t.labelled(codeRed, "Failed:", plural(len(entries), "order")+", for which nothing was bought. Run apply again when the cause is gone.")
	for _, c := range causes[:min(len(causes), listedCauses)] {
		t.lines("  ", c)
		t.lines("    ", plural(len(groups[c]), "order")+": "+addresses(groups[c]))
	}
	if more := len(causes) - listedCauses; more > 0 {
		t.lines("  ", "and "+plural(more, "other cause")+": see bastion-fleet state list and state show")
	}
	t.out.print("\n")
}

// doubtfulEntries tells what nobody knows from what only the state may not know, because it could not be recorded.
func (t *Text) doubtfulEntries(entries []apply.Entry) {
	var open, bought, unbought []apply.Entry
	for _, e := range entries {
		switch {
		case buyIDOf(e) != "":
			bought = append(bought, e)
		case e.Failure.Class != order.ClassInDoubt:
			unbought = append(unbought, e)
		default:
			open = append(open, e)
		}
	}
	t.openEntries(open)
	t.unrecordedEntries("Bought, but not recorded:", bought)
	t.unrecordedEntries("Not bought, but not recorded:", unbought)
}

func (t *Text) openEntries(entries []apply.Entry) {
	if len(entries) == 0 {
		return
	}
	t.labelled(codeRed, "In doubt:", plural(len(entries), "order")+". "+adviceInDoubt)
	for _, e := range entries[:min(len(entries), listedPurchases)] {
		t.lines("  ", place(e.Address.String(), e.Region)+": "+causeOfCall(e.Failure))
	}
	if more := len(entries) - listedPurchases; more > 0 {
		t.lines("  ", "and "+plural(more, "order")+" more: bastion-fleet state list shows them")
	}
	t.lines("  ", "bastion-fleet state show ADDRESS shows the marker.")
	t.out.print("\n")
}

// unrecordedEntries lists all that is known of the entries, however many there are: no file may have it.
func (t *Text) unrecordedEntries(label string, entries []apply.Entry) {
	if len(entries) == 0 {
		return
	}
	t.labelled(codeRed, label, plural(len(entries), "order")+", which the state may hold in doubt. Keep these lines.")
	for _, e := range entries {
		text := place(e.Address.String(), e.Region) + ": "
		if id := buyIDOf(e); id != "" {
			text += "bought as " + Sanitize(id) + "; "
		}
		t.lines("  ", text+causeOfCall(e.Failure))
	}
	t.out.print("\n")
}

// labelled prints a paragraph that begins with a coloured label.
func (t *Text) labelled(colour, label, text string) {
	for i, line := range wrap(label+" "+text, t.out.width()) {
		if i == 0 {
			line = t.out.with(colour, label) + line[len(label):]
		}
		t.out.println(line)
	}
}

// lines prints text wrapped to the width, indented.
func (t *Text) lines(indent, text string) {
	for _, line := range wrap(text, max(0, t.out.width()-len(indent))) {
		t.out.println(indent, line)
	}
}

// addresses names the first few.
func addresses(entries []apply.Entry) string {
	var names []string
	for _, e := range entries[:min(len(entries), listedAddresses)] {
		names = append(names, Sanitize(e.Address.String()))
	}
	text := strings.Join(names, ", ")
	if more := len(entries) - listedAddresses; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// resultSum is the last line of an apply. One that leaves a part of the plan undone is not complete, even if there was
// nothing to buy.
func resultSum(e Ending) string {
	p, r := e.Plan, e.Result
	left := rewritesSum(p, "moved", "removed", "imported") + leftSum(p.Totals())
	how := "incomplete"
	if r.Interrupted {
		how = "interrupted"
	}
	wave, unwell := e.unwell()
	switch {
	case !r.Complete():
		return fmt.Sprintf("Apply %s: %d of %s bought%s; %d failed, %d in doubt, %d skipped%s.",
			how, r.Count(apply.EndBought), plural(len(r.Entries), "order"), instances(r.Instances()),
			r.Count(apply.EndFailed), r.Count(apply.EndInDoubt), r.Count(apply.EndSkipped), left)
	case unwell:
		return fmt.Sprintf("Apply %s: %s%s; %s.", how, boughtSum(r), left, wave)
	case leftSum(p.Totals()) != "":
		return "Apply incomplete: " + boughtSum(r) + left + "."
	}
	return "Apply complete: " + boughtSum(r) + left + "."
}

func boughtSum(r apply.Result) string {
	if len(r.Entries) == 0 {
		return "nothing to buy"
	}
	return plural(r.Count(apply.EndBought), "order") + " bought" + instances(r.Instances())
}

// leftSum counts what no apply carries out.
func leftSum(n plan.Totals) string {
	var text string
	if n.Update > 0 {
		text += "; " + plural(n.Update, "order") + " to update not executable"
	}
	if n.InDoubt > 0 {
		text += "; " + plural(n.InDoubt, "order") + " in doubt from before held"
	}
	return text
}
