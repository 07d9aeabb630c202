package reconcile

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Search says whose orders are looked for.
type Search struct {
	Fleet   string
	Lineage string
	Records []order.Record // all that the state knows; those in doubt are looked for
	Regions []string       // to look in; nil: every one that has doubts
	Lister  Lister
	// Progress is told where the search stands, by one goroutine at a time; nil: nobody is.
	Progress func(Step)
}

// A Region is what was found in one.
type Region struct {
	Name     string
	Findings []Finding  // one for each of its doubts, sorted by address
	Foreign  []Instance // listed, with markers of this fleet that another state made
	// Strangers are listed instances with markers of this very state for which no record of it accounts: a call bought
	// that is recorded as one that did not, or a copy of the state was used.
	Strangers []Stranger
	Err       error // why it could not be searched, or not for all of its doubts; see Unlisted
}

// Run looks up every sourceId that the orders in doubt know, lists every region where that left an order unsettled, once
// for all of them, and returns the regions with doubts in name order. It makes a call for each sourceId and each page
// unless calls fail or pages disagree. When ctx ends, the rest is not looked for.
func (s Search) Run(ctx context.Context) []Region {
	doubts := doubtsOf(s.Records)
	names := slices.Sorted(maps.Keys(doubts))
	if s.Regions != nil {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(s.Regions, name) })
	}
	steps := newSteps(s.Progress)
	sources := s.lookUp(ctx, names, doubts, steps)
	known := knownInstances(s.Records)
	regions := make([]Region, len(names))
	listings := make([][]Instance, len(names))
	sideBySide(len(names), func(n int) {
		e := evidence{region: names[n], sources: sources, owned: known.bids}
		regions[n], listings[n] = s.look(ctx, e, doubts[names[n]], steps)
	})
	for n := range regions {
		regions[n].Strangers = s.strangers(known, names[n], listings[n], doubts[names[n]])
	}
	return regions
}

// look finds out what can be found out of a region's doubts. It returns what it kept of the listing, if it read one.
func (s Search) look(ctx context.Context, e evidence, doubts []doubt, steps *steps) (Region, []Instance) {
	r := Region{Name: e.region}
	var listed []Instance
	if slices.ContainsFunc(doubts, func(d doubt) bool { return len(e.instances(d)) < d.Order.Quantity }) {
		shapes := shapesAsked(doubts)
		l := listing{
			lister: s.Lister, region: e.region, steps: steps,
			keep: func(i Instance) bool { return order.MayMention(i.Desc) || shapes[shapeOf(i)] },
		}
		listed, r.Err = l.read(ctx)
	}
	e.carrying = carriers(listed)
	r.Findings, r.Foreign = e.match(doubts), foreign(s.Fleet, s.Lineage, listed, e.owned)
	r.discount(e, doubts)
	suggest(r.Findings, listed, e.owned)
	return r, listed
}

// discount turns what was not found where something could not be read into Unlisted: that shows nothing, and says nothing.
func (r *Region) discount(e evidence, doubts []doubt) {
	unlisted := r.Err != nil
	for n, d := range doubts {
		unread := e.unknown(d)
		r.Err = cmp.Or(r.Err, unread)
		switch f := &r.Findings[n]; f.Verdict {
		case Missing, Partial:
			if unlisted || unread != nil {
				f.Verdict = Unlisted
			}
		case NoMarker:
			if unread != nil {
				f.Verdict = Unlisted
			}
		case Unlisted, Adopted, Duplicate:
		}
	}
}

// strangers are those of the listed instances that carry a marker of this state and are no record's. More instances than
// a call in doubt asked for are its own finding.
func (s Search) strangers(known known, region string, listed []Instance, doubts []doubt) []Stranger {
	asked := map[order.Marker]bool{}
	for _, d := range doubts {
		asked[d.Marker] = true
	}
	survey := Survey{Fleet: s.Fleet, Lineage: s.Lineage, Records: s.Records}
	return slices.DeleteFunc(survey.strangers(known, region, listed), func(f Stranger) bool { return !f.Own || asked[f.Marker] })
}

// Totals count what was found.
type Totals struct {
	Adopted   int // orders
	Instances int // of them
	Held      int // orders that stay in doubt, for whatever reason
	Duplicate int // of those
	Unlisted  int // regions
	Foreign   int // instances
	Strangers int // instances
}

// Sum counts what was found in all regions.
func Sum(regions []Region) Totals {
	var t Totals
	for _, r := range regions {
		t.Foreign += len(r.Foreign)
		t.Strangers += len(r.Strangers)
		if r.Err != nil {
			t.Unlisted++
		}
		for _, f := range r.Findings {
			switch f.Verdict {
			case Adopted:
				t.Adopted++
				t.Instances += f.Doubt.Order.Quantity
			case Duplicate:
				t.Duplicate++
				t.Held++
			case Unlisted, Partial, Missing, NoMarker:
				t.Held++
			}
		}
	}
	return t
}
