package reconcile

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// MaxSuggestions bounds what is suggested for one order.
const MaxSuggestions = 10

// clockSkew is how much earlier than its order's intent an instance may seem to begin: clocks differ.
const clockSkew = 15 * time.Minute

// A shape is what must be alike in an order and an instance for the one to suggest the other.
type shape struct{ az, vpcID, subnetID, spec string }

func shapeOf(i Instance) shape { return shape{i.AZ, i.VPCID, i.SubnetID, i.Spec} }

func shapeAsked(o order.Order) shape { return shape{o.AZ, o.VPCID, o.SubnetID, o.Spec} }

// shapesAsked are the shapes that the doubts ask for.
func shapesAsked(doubts []doubt) map[shape]bool {
	shapes := map[shape]bool{}
	for _, d := range doubts {
		shapes[shapeAsked(d.Order)] = true
	}
	return shapes
}

// suggest gives the findings that leave an order held the instances that look like it. None is suggested that any order
// is known to have; for how many orders it is suggested does not matter, for nothing follows from it.
func suggest(findings []Finding, listed []Instance, owned map[string]bool) {
	taken := map[string]bool{}
	for _, f := range findings {
		for _, bid := range f.BIDs() {
			taken[bid] = true
		}
	}
	byShape := map[shape][]Instance{}
	var mentioning []Instance
	for _, i := range listed {
		if marked(i) || i.BID == "" || owned[i.BID] || taken[i.BID] {
			continue
		}
		byShape[shapeOf(i)] = append(byShape[shapeOf(i)], i)
		if order.MayMention(i.Desc) {
			mentioning = append(mentioning, i)
		}
	}
	for n := range findings {
		f := &findings[n]
		switch f.Verdict {
		case Partial, Missing, NoMarker:
			f.Suggestions = alike(f.Doubt, byShape[shapeAsked(f.Doubt.Order)], mentioning)
		case Unlisted, Adopted, Duplicate:
		}
	}
}

// alike are the first of the instances that could have been bought by the call: of those that have its shape, as to charge
// and time; of those that mention a marker, where it is the call's.
func alike(call order.Intent, shaped, mentioning []Instance) []Instance {
	var found []Instance
	for _, i := range mentioning {
		if call.Marker.MentionedIn(i.Desc) {
			found = append(found, i)
		}
	}
	for _, i := range shaped {
		if !call.Marker.MentionedIn(i.Desc) && chargedAlike(call.Order.Charge, i.Charge) && !beganBefore(i.StartTime, call.At.Add(-clockSkew)) {
			found = append(found, i)
		}
	}
	return found[:min(len(found), MaxSuggestions)]
}

// chargedAlike compares what both name: listings may lack it, and orders may leave it to the API's default.
func chargedAlike(asked, listed order.Charge) bool {
	alike := func(a, b string) bool { return a == "" || b == "" || a == b }
	return alike(asked.Mode, listed.Mode) && alike(asked.Unit, listed.Unit) &&
		(asked.Duration == 0 || listed.Duration == 0 || asked.Duration == listed.Duration)
}

// beganBefore tells whether a listing's startTime is certainly before t. Its form and zone are unknown. Without a zone it
// is read as UTC, which is the latest that it can mean: the vendor's regions are all east of that.
func beganBefore(startTime string, t time.Time) bool {
	for _, layout := range []string{time.RFC3339, time.DateTime} {
		if began, err := time.Parse(layout, startTime); err == nil {
			return began.Before(t)
		}
	}
	return false
}
