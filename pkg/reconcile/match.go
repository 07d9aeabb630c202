package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Verdict is what was found out of an order in doubt. All but Adopted leave it in doubt, the zero value too.
type Verdict uint8

// The verdicts.
const (
	Unlisted  Verdict = iota // its region could not be searched
	Adopted                  // as many instances as were asked for are its: it was bought
	Partial                  // fewer are, or some have no bid yet; listings lag
	Missing                  // none is, which is no proof that nothing was bought
	Duplicate                // more are, or some are another order's too: somebody has to look
	NoMarker                 // none is, and it was called for without a marker: listings can't tell
)

var verdictNames = [...]string{
	Unlisted: "unlisted", Adopted: "adopted", Partial: "partial", Missing: "missing",
	Duplicate: "duplicate", NoMarker: "no_marker",
}

// String is the verdict as scripts read it.
func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return fmt.Sprintf("verdict(%d)", uint8(v))
	}
	return verdictNames[v]
}

// MarshalText lets a verdict stand in JSON as its name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// A Finding is what was found out of one order in doubt.
type Finding struct {
	Verdict   Verdict
	Doubt     order.Intent
	Instances []Instance // that carry its marker, or that its sourceIds became; sorted by bid, each once
	// Ids that an answer named without saying plainly that it bought. They belong to the purchase of an order that is
	// adopted: it has none that may as well be another order's.
	BuyID     string
	SourceIDs []string
	// Suggestions are instances without a marker that look like what a held order asked for, oldest first and at most
	// MaxSuggestions: perhaps somebody changed their descriptions. They prove nothing.
	Suggestions []Instance

	named bool // an answer named ids, be they another purchase's
}

// BIDs are the ids of the instances that were found. With Adopted there is one for each instance asked for.
func (f Finding) BIDs() []string { return BIDs(f.Instances) }

// BIDs are the ids of instances, of those that have one yet.
func BIDs(instances []Instance) []string {
	var ids []string
	for _, i := range instances {
		if i.BID != "" {
			ids = append(ids, i.BID)
		}
	}
	return ids
}

// evidence is what may speak for the doubts of a region: a whole listing, or none, and what sources became.
type evidence struct {
	region   string
	sources  map[source]instanceOf
	carrying map[order.Marker][]Instance // listed, by their markers
	owned    map[string]bool             // bids that records hold
}

// carriers are instances by their markers.
func carriers(listed []Instance) map[order.Marker][]Instance {
	carrying := map[order.Marker][]Instance{}
	for _, i := range listed {
		if m := order.FindMarker(i.Desc); m != "" {
			carrying[m] = append(carrying[m], i)
		}
	}
	return carrying
}

// instances are those that speak for the doubt. A sourceId of an answer that may not have been this call's proves
// nothing where its instance carries another call's marker.
func (e evidence) instances(d doubt) []Instance {
	var found []Instance
	for _, id := range d.sourceIDs {
		i := e.sources[source{e.region, id}]
		if m := order.FindMarker(i.Desc); i.found && (m == "" || m == d.Marker) {
			found = append(found, i.Instance)
		}
	}
	if d.Marker != "" {
		found = append(found, e.carrying[d.Marker]...)
	}
	slices.SortStableFunc(found, func(a, b Instance) int { return cmp.Compare(a.BID, b.BID) })
	return slices.CompactFunc(found, func(a, b Instance) bool { return a.BID != "" && a.BID == b.BID })
}

// certain tells whether the ids that the answer named are the doubt's own: no other doubt names them, or what they became
// carries its marker; and nothing that they became carries another one.
func (e evidence) certain(d doubt) bool {
	proven := 0
	for _, id := range d.sourceIDs {
		switch m := order.FindMarker(e.sources[source{e.region, id}].Desc); {
		case m == "":
		case m == d.Marker:
			proven++
		default:
			return false
		}
	}
	return !d.shared || proven > 0 && proven == len(d.sourceIDs)
}

// unknown returns why a source of the doubt could not be looked up, or nil.
func (e evidence) unknown(d doubt) error {
	for _, id := range d.sourceIDs {
		if err := e.sources[source{e.region, id}].err; err != nil {
			return err
		}
	}
	return nil
}

// match gives each doubt of a region its finding, in their order.
func (e evidence) match(doubts []doubt) []Finding {
	asking, claims := map[order.Marker]int{}, map[string]int{}
	findings := make([]Finding, len(doubts))
	for n, d := range doubts {
		findings[n] = Finding{Doubt: d.Intent, Instances: e.instances(d), BuyID: d.buyID, SourceIDs: d.sourceIDs, named: d.named}
		asking[d.Marker]++
		for _, bid := range findings[n].BIDs() {
			claims[bid]++
		}
	}
	for n := range findings {
		f := &findings[n]
		shared := f.Doubt.Marker != "" && asking[f.Doubt.Marker] > 1
		for _, bid := range f.BIDs() {
			shared = shared || claims[bid] > 1 || e.owned[bid]
		}
		f.Verdict = f.judge(shared)
		if f.Verdict == Adopted && !e.certain(doubts[n]) {
			f.BuyID, f.SourceIDs = "", nil
		}
	}
	return findings
}

// judge compares what speaks for the doubt with what its call asked for. What speaks for two orders can't tell whose
// the instances are.
func (f Finding) judge(shared bool) Verdict {
	found, wished := len(f.Instances), f.Doubt.Order.Quantity
	switch {
	case shared || found > wished:
		return Duplicate
	case found == 0 && f.Doubt.Marker == "":
		return NoMarker
	case found == 0:
		return Missing
	case found < wished || len(f.BIDs()) < wished:
		return Partial
	default:
		return Adopted
	}
}

// foreign are the instances whose markers were made for the fleet, and not with this state: another operator, or
// another copy of the fleet, buys in the region. What was imported from one is this state's.
func foreign(fleet, lineage string, listed []Instance, owned map[string]bool) []Instance {
	var others []Instance
	for _, i := range listed {
		if m := order.FindMarker(i.Desc); m.OfFleet(fleet) && !m.OfLineage(fleet, lineage) && !owned[i.BID] {
			others = append(others, i)
		}
	}
	return others
}
