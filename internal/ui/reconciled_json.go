package ui

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// jsonFinding is what was found of an order in doubt, or with "foreign", of a region, or with "stranger", one instance
// for which no purchase accounts.
type jsonFinding struct {
	Address  *order.Address `json:"address,omitempty"`
	Region   string         `json:"region"`
	Attempt  int            `json:"attempt,omitempty"`
	Verdict  string         `json:"verdict"`            // a reconcile.Verdict, foreign, stranger or settled
	Quantity int            `json:"quantity,omitempty"` // instances that the call asked for
	Marker   order.Marker   `json:"marker,omitempty"`
	BIDs     []string       `json:"bids"`

	BuyID       string           `json:"buy_id,omitempty"`     // that an answer in doubt named
	SourceIDs   []string         `json:"source_ids,omitempty"` // that it named
	Suggestions []jsonSuggestion `json:"suggestions,omitempty"`
}

// jsonSuggestion is an instance without a marker that looks like the order.
type jsonSuggestion struct {
	BID       string `json:"bid"`
	Desc      string `json:"desc"`
	StartTime string `json:"start_time,omitempty"`
}

func suggestionsOf(f reconcile.Finding) []jsonSuggestion {
	var suggestions []jsonSuggestion
	for _, i := range f.Suggestions {
		suggestions = append(suggestions, jsonSuggestion{i.BID, f.Doubt.Order.Redact(i.Desc), i.StartTime})
	}
	return suggestions
}

type jsonFindingEvent struct {
	envelope
	Finding jsonFinding `json:"finding"`
}

type jsonReconcileCounts struct {
	Adopted   int `json:"adopted"`   // orders
	Instances int `json:"instances"` // of them
	Held      int `json:"held"`      // orders that stay in doubt
	Duplicate int `json:"duplicate"` // of those
	Unlisted  int `json:"unlisted"`  // regions
	Foreign   int `json:"foreign"`   // instances
	Strangers int `json:"strangers"` // instances
}

// Reconciled prints an event for each finding and a reconcile_summary.
func (j *JSON) Reconciled(regions []reconcile.Region) {
	for _, r := range regions {
		for _, f := range r.Findings {
			j.finding(f)
		}
		for _, f := range r.Strangers {
			j.unaccounted(r.Name, f)
		}
		if len(r.Foreign) > 0 {
			j.emit(jsonFindingEvent{
				newEnvelope(levelWarn, "reconcile_finding", Sanitize(r.Name)+": "+adviceForeign),
				jsonFinding{Region: r.Name, Verdict: "foreign", BIDs: listed(reconcile.BIDs(r.Foreign))},
			})
		}
	}
	n := reconcile.Sum(regions)
	j.emit(struct {
		envelope
		Changes jsonReconcileCounts `json:"changes"`
	}{newEnvelope(levelInfo, "reconcile_summary", reconcileSum(n)), jsonReconcileCounts(n)})
	j.flush()
}

func (j *JSON) finding(f reconcile.Finding) {
	d := &f.Doubt
	level, what := levelWarn, ""
	switch f.Verdict {
	case reconcile.Adopted:
		level, what = levelInfo, "adopted"
	case reconcile.Duplicate:
		level, what = levelError, adviceDuplicate
	case reconcile.Unlisted, reconcile.Partial, reconcile.Missing, reconcile.NoMarker:
		what = "held: " + whyHeld(f)
	}
	j.emit(jsonFindingEvent{newEnvelope(level, "reconcile_finding", placeOf(f)+": "+what), jsonFinding{
		Address: &d.Order.Address, Region: d.Order.Region, Attempt: d.Attempt, Verdict: f.Verdict.String(),
		Quantity: d.Order.Quantity, Marker: d.Marker, BIDs: listed(f.BIDs()),
		BuyID: f.BuyID, SourceIDs: f.SourceIDs, Suggestions: suggestionsOf(f),
	}})
}

func (j *JSON) unaccounted(region string, f reconcile.Stranger) {
	finding := jsonFinding{Region: region, Attempt: f.Attempt, Verdict: "stranger", Marker: f.Marker, BIDs: listed(reconcile.BIDs([]reconcile.Instance{f.Instance}))}
	if f.Attempt > 0 {
		finding.Address = &f.Address
	}
	j.emit(jsonFindingEvent{newEnvelope(levelError, "reconcile_finding", unaccountedText(region, f)+": "+adviceStranger), finding})
}
