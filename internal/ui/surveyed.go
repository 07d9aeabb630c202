package ui

import (
	"cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Surveyed prints the first instances that the state does not know of, region by region.
func (t *Text) Surveyed(regions []reconcile.Surveyed) {
	t.shown = true // a plan stands above, with a notice beneath it perhaps
	t.strangers(regions, codeRed, "Unknown:", "with a marker of this fleet that no order of the state holds")
}

// Unmatched prints the first instances that an import leaves, region by region.
func (t *Text) Unmatched(regions []reconcile.Surveyed) {
	t.strangers(regions, codeYellow, "Left:", adviceUnmatched)
}

func (t *Text) strangers(regions []reconcile.Surveyed, colour, label, what string) {
	g := grid{columns: []column{
		{title: "REGION", give: 1, least: 12}, {title: "BID"}, // never shortened
		{title: "MADE", give: 4, least: 10, drop: true}, {title: "BOUGHT BY", give: 3, least: 20},
		{title: "DESCRIPTION", give: 2, least: 16, cut: shortenMiddle},
	}}
	found := 0
	for _, r := range regions {
		for _, s := range r.Strangers {
			if found++; found > listedPurchases {
				continue
			}
			g.rows = append(g.rows, []string{
				Sanitize(r.Region), Sanitize(s.BID), Sanitize(s.StartTime), Sanitize(buyerOf(s)), Sanitize(descOf(r, s)),
			})
		}
	}
	if t.shown { // a plan stands above
		t.out.print("\n")
	}
	t.labelled(colour, label, plural(found, "instance")+" "+what)
	g.print(t.out, "  ")
	if more := found - listedPurchases; more > 0 {
		t.lines("  ", "and "+plural(more, "instance")+" more: --json shows all of them")
	}
	t.shown = true
	t.flush(t.out)
}

// descOf is a stranger's description as it may be shown: of one that may be sensitive, the marker.
func descOf(r reconcile.Surveyed, s reconcile.Stranger) string {
	if r.SensitiveDescs {
		return s.Marker.AppendTo(order.SensitiveText)
	}
	return s.Desc
}

// buyerOf is whose call bought an instance that the state does not know of.
func buyerOf(s reconcile.Stranger) string {
	switch {
	case !s.Own:
		return "another state"
	case s.Address == (order.Address{}):
		return "this state"
	default:
		return "this state, " + s.Address.String()
	}
}

// jsonStranger is an instance of the fleet that the state does not know of.
type jsonStranger struct {
	Region   string         `json:"region"`
	BID      string         `json:"bid"` // empty, perhaps, while the instance is being made
	Desc     string         `json:"desc"`
	Marker   order.Marker   `json:"marker"`
	Start    string         `json:"start_time"`        // as the API says it
	BoughtBy string         `json:"bought_by"`         // another_state or this_state
	Address  *order.Address `json:"address,omitempty"` // with this_state, where it is known
	Attempt  int            `json:"attempt,omitempty"`
}

// Surveyed prints an event for each instance.
func (j *JSON) Surveyed(regions []reconcile.Surveyed) {
	j.strangers(regions, levelError, " is in no order of the state")
}

// Unmatched prints an event for each instance.
func (j *JSON) Unmatched(regions []reconcile.Surveyed) {
	j.strangers(regions, levelWarn, ", "+adviceUnmatched)
}

func (j *JSON) strangers(regions []reconcile.Surveyed, level, what string) {
	for _, r := range regions {
		for _, s := range r.Strangers {
			j.emit(struct {
				envelope
				Finding jsonStranger `json:"finding"`
			}{newEnvelope(level, "survey_finding", Sanitize(r.Region+": "+cmp.Or(s.BID, "an instance without a bid"))+what), strangerJSON(r, s)})
		}
	}
	j.flush()
}

func strangerJSON(r reconcile.Surveyed, s reconcile.Stranger) jsonStranger {
	out := jsonStranger{
		Region: r.Region, BID: s.BID, Desc: descOf(r, s), Marker: s.Marker, Start: s.StartTime, BoughtBy: "another_state",
	}
	if s.Own {
		out.BoughtBy = "this_state"
	}
	if s.Address != (order.Address{}) {
		out.Address, out.Attempt = &s.Address, s.Attempt
	}
	return out
}
