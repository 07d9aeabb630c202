package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Search says whose orders are looked for.
type Search struct {
	Fleet   string
	Lineage string
	Doubts  []order.Intent // at most one for each address, as records have them
	Lister  Lister
}

// A Region is what was found in one.
type Region struct {
	Name     string
	Findings []Finding  // one for each of its doubts, sorted by address
	Foreign  []Instance // with markers of this fleet that another state made
	Err      error      // why it could not be listed; its findings are Unlisted then, but for those without a marker
}

// Run lists every region that has doubts with a marker, once for all of them, and returns the regions with doubts in
// name order. It makes a call for each page unless calls fail or pages disagree. When ctx ends, the regions that are
// left are not listed.
func (s Search) Run(ctx context.Context) []Region {
	doubts := map[string][]order.Intent{}
	for _, d := range s.Doubts {
		doubts[d.Order.Region] = append(doubts[d.Order.Region], d)
	}
	var regions []Region
	for _, name := range slices.Sorted(maps.Keys(doubts)) {
		slices.SortFunc(doubts[name], func(a, b order.Intent) int { return a.Order.Address.Compare(b.Order.Address) })
		regions = append(regions, s.look(ctx, name, doubts[name]))
	}
	return regions
}

// look lists a region, if any of its doubts can be found by that.
func (s Search) look(ctx context.Context, name string, doubts []order.Intent) Region {
	r := Region{Name: name}
	var marked []Instance
	if slices.ContainsFunc(doubts, func(d order.Intent) bool { return d.Marker != "" }) {
		marked, r.Err = list(ctx, s.Lister, name)
	}
	r.Findings, r.Foreign = match(doubts, marked), foreign(s.Fleet, s.Lineage, marked)
	for n := range r.Findings {
		if f := &r.Findings[n]; r.Err != nil && f.Verdict != NoMarker {
			f.Verdict = Unlisted // a listing that failed shows nothing, and says nothing
		}
	}
	return r
}

// Totals count what was found.
type Totals struct {
	Adopted   int // orders
	Instances int // of them
	Held      int // orders that stay in doubt, for whatever reason
	Duplicate int // of those
	Unlisted  int // regions
	Foreign   int // instances
}

// Sum counts what was found in all regions.
func Sum(regions []Region) Totals {
	var t Totals
	for _, r := range regions {
		t.Foreign += len(r.Foreign)
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
