package ui

import (
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Settled prints what is bought again, and what that risks.
func (t *Text) Settled(settled []reconcile.Settled, settle time.Duration) {
	t.out.print("\n")
	t.labelled(codeYellow, "Settled:", plural(len(settled), "order")+". "+adviceSettled(settle))
	for _, s := range settled[:min(len(settled), listedPurchases)] {
		t.lines("  ", settledText(s))
	}
	t.moreFindings(len(settled)-listedPurchases, "state list shows them")
	t.shown = true
	t.flush(t.out)
}

func adviceSettled(settle time.Duration) string {
	return fmt.Sprintf("%d complete listings over %s showed nothing of them, so they count as not bought: on_in_doubt = %q. "+
		"One that was bought all the same, and that listings still hide, is now bought a second time.",
		reconcile.Looks, order.Span(settle), order.RebuyAfterSettle)
}

func settledText(s reconcile.Settled) string {
	o := &s.Doubt.Order
	return fmt.Sprintf("%s: attempt %d", place(o.Address.String(), o.Region), s.Doubt.Attempt)
}

// Settled prints a reconcile_finding for each order.
func (j *JSON) Settled(settled []reconcile.Settled, settle time.Duration) {
	for _, s := range settled {
		d := &s.Doubt
		j.emit(jsonFindingEvent{newEnvelope(levelWarn, "reconcile_finding", settledText(s)+": "+adviceSettled(settle)), jsonFinding{
			Address: &d.Order.Address, Region: d.Order.Region, Attempt: d.Attempt, Verdict: "settled",
			Quantity: d.Order.Quantity, Marker: d.Marker, BIDs: []string{},
		}})
	}
	j.flush()
}
