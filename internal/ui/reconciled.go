package ui

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Reconciled prints what was adopted, what stays in doubt and why, and what somebody has to look into.
func (t *Text) Reconciled(regions []reconcile.Region) {
	var adopted, held, duplicate []reconcile.Finding
	for _, r := range regions {
		for _, f := range r.Findings {
			switch f.Verdict {
			case reconcile.Adopted:
				adopted = append(adopted, f)
			case reconcile.Duplicate:
				duplicate = append(duplicate, f)
			case reconcile.Unlisted, reconcile.Partial, reconcile.Missing, reconcile.NoMarker:
				held = append(held, f)
			}
		}
	}
	if t.shown { // an earlier look stands above
		t.out.print("\n")
	}
	t.adoptedFindings(adopted)
	t.heldFindings(held)
	t.duplicateFindings(duplicate)
	t.unaccounted(regions)
	t.foreignInstances(regions)
	t.sum(reconcileSum(reconcile.Sum(regions)))
	t.flush(t.out)
}

func (t *Text) adoptedFindings(findings []reconcile.Finding) {
	if len(findings) == 0 {
		return
	}
	t.labelled(codeGreen, "Adopted:", plural(len(findings), "order")+", "+saidAdopted(len(findings)))
	g := grid{columns: []column{
		{title: "ADDRESS", give: 2, least: 24, cut: shortenMiddle}, {title: "REGION", give: 1, least: 12},
		{title: "INSTANCES", right: true}, {title: "BIDS"}, // never shortened
	}}
	for _, f := range findings[:min(len(findings), listedPurchases)] {
		o := &f.Doubt.Order
		g.rows = append(g.rows, []string{
			Sanitize(o.Address.String()), Sanitize(o.Region), strconv.Itoa(o.Quantity), Sanitize(firstOf(f.BIDs())),
		})
	}
	g.print(t.out, "  ")
	t.moreFindings(len(findings)-listedPurchases, "state show ADDRESS shows every bid")
	t.out.print("\n")
}

func (t *Text) heldFindings(findings []reconcile.Finding) {
	if len(findings) == 0 {
		return
	}
	t.labelled(codeYellow, "Held:", plural(len(findings), "order")+". "+adviceHeld(len(findings)))
	t.heldTold = true
	for _, f := range findings[:min(len(findings), listedPurchases)] {
		t.lines("  ", placeOf(f)+": "+whyHeld(f))
		t.suggestions(f)
	}
	t.moreFindings(len(findings)-listedPurchases, "state list shows what is in doubt")
	t.out.print("\n")
}

func (t *Text) moreFindings(n int, where string) {
	if n > 0 {
		t.lines("  ", "and "+plural(n, "order")+" more: bastion-fleet "+where)
	}
}

// suggestions shows what may be the order's, though it carries no marker, and what to type if it is.
func (t *Text) suggestions(f reconcile.Finding) {
	if len(f.Suggestions) == 0 {
		return
	}
	t.lines("    ", "Without a marker, but like it:")
	for _, i := range f.Suggestions {
		t.lines("      ", suggestionText(f, i))
	}
	t.lines("    ", "If the console shows that its call bought them:")
	t.out.println("      ", resolveCommand(f)) // not broken: it is copied
}

// suggestionText is what tells an instance from others like it.
func suggestionText(f reconcile.Finding, i reconcile.Instance) string {
	text := Sanitize(i.BID)
	if i.StartTime != "" {
		text += ", since " + Sanitize(i.StartTime)
	}
	if i.Desc != "" {
		text += `, "` + Sanitize(f.Doubt.Order.Redact(i.Desc)) + `"`
	}
	return text
}

// resolveCommand takes an order out of doubt. Listings show no buyId: the console does.
func resolveCommand(f reconcile.Finding) string {
	buyID := "BUYID"
	if f.BuyID != "" {
		buyID = ShellWord(f.BuyID)
	}
	return "bastion-fleet resolve " + ShellWord(f.Doubt.Order.Address.String()) + " --bought " + buyID
}

// whyHeld says what was found of an order that stays in doubt.
func whyHeld(f reconcile.Finding) string {
	switch f.Verdict {
	case reconcile.Partial:
		return fmt.Sprintf("%d of %s listed so far", len(f.BIDs()), plural(f.Doubt.Order.Quantity, "instance"))
	case reconcile.Missing:
		return "not listed, which is no proof"
	case reconcile.NoMarker:
		return "it was called for without a marker, and can't be found by one"
	case reconcile.Unlisted:
		return "its region could not be searched"
	case reconcile.Adopted, reconcile.Duplicate: // not held for what was not found
	}
	return ""
}

// duplicateFindings lists every bid: each of them may be on the bill.
func (t *Text) duplicateFindings(findings []reconcile.Finding) {
	if len(findings) == 0 {
		return
	}
	t.labelled(codeRed, "Duplicate:", plural(len(findings), "order")+". "+adviceDuplicate)
	for _, f := range findings {
		t.lines("  ", duplicateText(f))
	}
	t.out.print("\n")
}

// duplicateText names all that is known of what was bought.
func duplicateText(f reconcile.Finding) string {
	text := fmt.Sprintf("%s: %s asked for, %d found", placeOf(f), plural(f.Doubt.Order.Quantity, "instance"), len(f.Instances))
	if f.Doubt.Marker != "" {
		text += " with marker " + Sanitize(string(f.Doubt.Marker))
	}
	text += ": " + allOf(f.BIDs())
	if f.BuyID != "" {
		text += "; buy id " + Sanitize(f.BuyID)
	}
	if len(f.SourceIDs) > 0 {
		text += "; source ids " + allOf(f.SourceIDs)
	}
	return text
}

// unaccounted lists every instance that this state bought and does not account for: each may be on the bill twice.
func (t *Text) unaccounted(regions []reconcile.Region) {
	first := true
	for _, r := range regions {
		for _, f := range r.Strangers {
			if first {
				t.labelled(codeRed, "Not accounted for:", adviceStranger)
				first = false
			}
			t.lines("  ", unaccountedText(r.Name, f))
		}
	}
	if !first {
		t.out.print("\n")
	}
}

func unaccountedText(region string, f reconcile.Stranger) string {
	text := "no order that the state knows"
	if f.Attempt > 0 {
		text = fmt.Sprintf("%s, attempt %d", Sanitize(f.Address.String()), f.Attempt)
	}
	return fmt.Sprintf("%s: %s, marker %s: %s", Sanitize(region), Sanitize(cmp.Or(f.BID, "no bid yet")), Sanitize(string(f.Marker)), text)
}

func (t *Text) foreignInstances(regions []reconcile.Region) {
	first := true
	for _, r := range regions {
		if len(r.Foreign) == 0 {
			continue
		}
		if first {
			t.labelled(codeYellow, "Another state:", adviceForeign)
			first = false
		}
		text := Sanitize(r.Name) + ": " + allOf(reconcile.BIDs(r.Foreign[:min(len(r.Foreign), listedPurchases)]))
		if more := len(r.Foreign) - listedPurchases; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		t.lines("  ", text)
	}
	if !first {
		t.out.print("\n")
	}
}

func placeOf(f reconcile.Finding) string {
	return place(f.Doubt.Order.Address.String(), f.Doubt.Order.Region)
}

// allOf is every id, for people who have to look each of them up.
func allOf(ids []string) string { return Sanitize(strings.Join(ids, ", ")) }

// reconcileSum is the last line of a reconcile. One that could not look everywhere, or found what must not be, is not
// complete.
func reconcileSum(n reconcile.Totals) string {
	how := "complete"
	if n.Unlisted+n.Duplicate+n.Strangers > 0 {
		how = "incomplete"
	}
	if n.Adopted+n.Held+n.Strangers == 0 {
		return "Reconcile complete: nothing is in doubt."
	}
	text := fmt.Sprintf("Reconcile %s: %s adopted%s, %d held", how, plural(n.Adopted, "order"), instances(n.Instances), n.Held)
	if n.Duplicate > 0 {
		text += ", " + plural(n.Duplicate, "duplicate") + " among them"
	}
	if n.Strangers > 0 {
		text += "; " + plural(n.Strangers, "instance") + " not accounted for"
	}
	return text + "."
}
