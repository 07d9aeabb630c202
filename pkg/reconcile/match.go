package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Verdict is what was found out of an order in doubt. All but Adopted leave it in doubt, the zero value too.
type Verdict uint8

// The verdicts.
const (
	Unlisted  Verdict = iota // its region could not be listed
	Adopted                  // as many instances as were asked for carry its marker: it was bought
	Partial                  // fewer do, or some have no bid yet; listings lag
	Missing                  // none does, which is no proof that nothing was bought
	Duplicate                // more do, or another order in doubt has the same marker: somebody has to look
	NoMarker                 // it was called for without a marker: listings can't tell
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
	Instances []Instance // that carry its marker, sorted by bid
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

// match gives each doubt of a region its finding, in their order. The listing it is given must be a whole one.
func match(doubts []order.Intent, marked []Instance) []Finding {
	asking := map[order.Marker]int{}
	for _, d := range doubts {
		asking[d.Marker]++
	}
	carrying := map[order.Marker][]Instance{}
	for _, i := range marked {
		m := order.FindMarker(i.Desc)
		carrying[m] = append(carrying[m], i)
	}
	findings := make([]Finding, len(doubts))
	for n, d := range doubts {
		f := Finding{Verdict: NoMarker, Doubt: d}
		if d.Marker != "" {
			f.Instances = slices.Clone(carrying[d.Marker])
			slices.SortStableFunc(f.Instances, func(a, b Instance) int { return strings.Compare(a.BID, b.BID) })
			f.Verdict = f.judge(asking[d.Marker] > 1)
		}
		findings[n] = f
	}
	return findings
}

// judge compares what carries the doubt's marker with what its call asked for. A marker that two doubts share can't
// tell whose the instances are.
func (f Finding) judge(shared bool) Verdict {
	found, wished := len(f.Instances), f.Doubt.Order.Quantity
	switch {
	case shared || found > wished:
		return Duplicate
	case found == 0:
		return Missing
	case found < wished || len(f.BIDs()) < wished:
		return Partial
	default:
		return Adopted
	}
}

// foreign are the instances whose markers were made for the fleet, and not with this state: another operator, or
// another copy of the fleet, buys in the region.
func foreign(fleet, lineage string, marked []Instance) []Instance {
	var others []Instance
	for _, i := range marked {
		if m := order.FindMarker(i.Desc); m.OfFleet(fleet) && !m.OfLineage(fleet, lineage) {
			others = append(others, i)
		}
	}
	return others
}
