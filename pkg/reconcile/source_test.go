package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// named is the record of an order in doubt whose answer named a buyId and sourceIds.
func named(d order.Intent, sourceIDs ...string) order.Record {
	r := open(d)
	r.DoubtWhy = &order.Failure{BuyID: "buy-1", SourceIDs: sourceIDs}
	return r
}

func withBuyID(r order.Record, id string) order.Record {
	r.Purchases[0].BuyID = id
	return r
}

// What sourceIds settle needs no listing; what they don't settle is searched by marker as well.
func TestSourceIDs(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 2, north)
	unmarked := two
	unmarked.Marker = ""
	plain := reconcile.Instance{BID: "b1", Desc: "renamed in the console"}
	of := func(d order.Intent, bid string) reconcile.Instance { return sold(d, bid)[0] }
	owner := purchased(one)
	owner.Purchases[0].SourceIDs = []string{"s1"}
	owner.Purchases[0].BuyID = "buy-1"

	for _, c := range []struct {
		name    string
		records []order.Record
		sources map[string]reconcile.Instance
		listed  []reconcile.Instance
		want    string // verdict, bids and ids of the first doubt
		calls   int
	}{
		{"all became instances", []order.Record{named(two, "s1", "s2")},
			map[string]reconcile.Instance{"s1": of(two, "b1"), "s2": of(two, "b2")}, nil, "adopted [b1 b2] buy-1 [s1 s2]", 2},
		{"without a marker", []order.Record{named(unmarked, "s1", "s2")},
			map[string]reconcile.Instance{"s1": plain, "s2": {BID: "b2"}}, nil, "adopted [b1 b2] buy-1 [s1 s2]", 2},
		{"its description was changed", []order.Record{named(one, "s1")},
			map[string]reconcile.Instance{"s1": plain}, nil, "adopted [b1] buy-1 [s1]", 1},
		{"fewer sourceIds than instances, the others are listed", []order.Record{named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(two, "b1")}, sold(two, "b1", "b2"), "adopted [b1 b2] buy-1 [s1]", 2},
		{"fewer sourceIds than instances", []order.Record{named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(two, "b1")}, nil, "partial [b1] buy-1 [s1]", 2},
		{"one of two is an instance yet, without a marker", []order.Record{named(unmarked, "s1", "s2")},
			map[string]reconcile.Instance{"s1": plain}, nil, "partial [b1] buy-1 [s1 s2]", 3},
		{"none is an instance yet", []order.Record{named(two, "s1", "s2")}, nil, nil, "missing [] buy-1 [s1 s2]", 3},
		{"none is an instance yet, but listed", []order.Record{named(one, "s1")}, nil, sold(one, "b1"), "adopted [b1] buy-1 [s1]", 2},
		{"an instance without a bid yet", []order.Record{named(one, "s1")},
			map[string]reconcile.Instance{"s1": of(one, "")}, nil, "missing [] buy-1 [s1]", 2},
		{"two became one instance", []order.Record{named(two, "s1", "s2")},
			map[string]reconcile.Instance{"s1": of(two, "b1"), "s2": of(two, "b1")}, nil, "partial [b1] buy-1 [s1 s2]", 3},
		{"more than were asked for", []order.Record{named(one, "s1", "s2")},
			map[string]reconcile.Instance{"s1": of(one, "b1"), "s2": of(one, "b2")}, nil, "duplicate [b1 b2] buy-1 [s1 s2]", 2},
		{"more with the marker", []order.Record{named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(two, "b1")}, sold(two, "b2", "b3"), "duplicate [b1 b2 b3] buy-1 [s1]", 2},
		{"another call's instance", []order.Record{named(one, "s1")},
			map[string]reconcile.Instance{"s1": of(two, "b1")}, nil, "missing [] buy-1 [s1]", 2},
		{"another purchase's ids", []order.Record{owner, named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(one, "b1")}, sold(two, "b2", "b3"), "adopted [b2 b3]  []", 1},
		{"another purchase's sourceId", []order.Record{withBuyID(owner, "buy-9"), named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(one, "b1")}, sold(two, "b2", "b3"), "adopted [b2 b3]  []", 1},
		{"another purchase's buyId", []order.Record{withBuyID(purchased(one), "buy-1"), named(two, "s1")},
			map[string]reconcile.Instance{"s1": of(two, "b1")}, nil, "missing []  []", 1},
		{"another order's instance", []order.Record{purchased(one, "b1"), named(unmarked, "s1")},
			map[string]reconcile.Instance{"s1": plain}, nil, "duplicate [b1] buy-1 [s1]", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &account{regions: map[string][]reconcile.Instance{north: c.listed}, sources: c.sources}
			s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: c.records, Lister: a}
			f := s.Run(t.Context())[0].Findings[0]
			if got := fmt.Sprint(f.Verdict, " ", f.BIDs(), " ", f.BuyID, " ", f.SourceIDs); got != c.want || len(a.calls) != c.calls {
				t.Errorf("%s after %d calls, want %s after %d", got, len(a.calls), c.want, c.calls)
			}
		})
	}
}

// Two answers that name one source can't tell whose it is.
func TestASourceOfTwoOrdersIsADuplicate(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 1, north)
	one.Marker, two.Marker = "", ""
	a := &account{sources: map[string]reconcile.Instance{"s1": {BID: "b1"}}}
	s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{named(one, "s1"), named(two, "s1")}, Lister: a}
	for _, f := range s.Run(t.Context())[0].Findings {
		if f.Verdict != reconcile.Duplicate {
			t.Errorf("%s: %s", f.Doubt.Order.Address, f.Verdict)
		}
	}
	if len(a.calls) != 1 {
		t.Errorf("%d calls for one source", len(a.calls))
	}
}

// What two answers named is no order's until its instances tell whose it is, and what became another call's instances is
// not recorded with what the marker found.
func TestIDsThatMayBeAnotherOrdersAreNotRecorded(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 1, north)
	for name, c := range map[string]struct {
		records []order.Record
		sources map[string]reconcile.Instance
		want    []string
	}{
		"told by the marker": {[]order.Record{named(one, "s1"), named(two, "s1")}, map[string]reconcile.Instance{"s1": sold(one, "b1")[0]},
			[]string{"adopted [b1] buy-1 [s1]", "adopted [b2]  []"}},
		"not told": {[]order.Record{named(one, "s1"), named(two, "s1")}, nil,
			[]string{"adopted [b1]  []", "adopted [b2]  []"}},
		"a buyId alone": {[]order.Record{named(one), named(two)}, nil,
			[]string{"adopted [b1]  []", "adopted [b2]  []"}},
		"another call's": {[]order.Record{named(one, "s2"), open(two)}, map[string]reconcile.Instance{"s2": sold(two, "b2")[0]},
			[]string{"adopted [b1]  []", "adopted [b2]  []"}},
	} {
		a := &account{regions: map[string][]reconcile.Instance{north: append(sold(one, "b1"), sold(two, "b2")...)}, sources: c.sources}
		s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: c.records, Lister: a}
		var got []string
		for _, f := range s.Run(t.Context())[0].Findings {
			got = append(got, fmt.Sprint(f.Verdict, " ", f.BIDs(), " ", f.BuyID, " ", f.SourceIDs))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// A source that can't be looked up says nothing, and keeps nothing from being found in the listing.
func TestASourceThatCannotBeLookedUpProvesNothing(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 1, north)
	denied := errors.New("denied")
	for _, c := range []struct {
		listed []reconcile.Instance
		want   reconcile.Verdict
	}{
		{nil, reconcile.Unlisted},
		{sold(one, "b1"), reconcile.Adopted},
	} {
		a := &account{regions: map[string][]reconcile.Instance{north: c.listed}}
		a.script = func(call int, _ *page) error {
			if call == 1 {
				return denied
			}
			return nil
		}
		s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{named(one, "s1"), open(two)}, Lister: a}
		r := s.Run(t.Context())[0]
		if got := r.Findings[0].Verdict; got != c.want || !errors.Is(r.Err, denied) || r.Findings[1].Verdict != reconcile.Missing {
			t.Errorf("%s, the other one %s, want %s: %v", got, r.Findings[1].Verdict, c.want, r.Err)
		}
	}
}

// However many are in doubt, and whatever is known of them, a search costs a call for each source and each page at most.
func TestASearchCostsPagesAndSourcesAtMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &account{regions: map[string][]reconcile.Instance{}, sources: map[string]reconcile.Instance{}}
		var records []order.Record
		sources := 0
		inDoubt := map[string]bool{}
		for n := range rapid.IntRange(1, 12).Draw(t, "doubts") {
			d := doubt(n, rapid.IntRange(1, 3).Draw(t, "quantity"), rapid.SampledFrom([]string{north, east}).Draw(t, "region"))
			r := open(d)
			inDoubt[d.Order.Region] = true
			for i := range rapid.IntRange(0, 3).Draw(t, "sources") {
				id := fmt.Sprint("s", n, "-", i)
				r = named(d, append(slices.Clone(sourcesOf(r)), id)...)
				if rapid.Bool().Draw(t, "shown") {
					a.sources[id] = sold(d, fmt.Sprint("b", id))[0]
				}
				sources++
			}
			records = append(records, r)
		}
		pages := 0
		for _, region := range []string{north, east} {
			a.regions[region] = others(rapid.IntRange(0, 350).Draw(t, "listed"))
			if inDoubt[region] {
				pages += max(1, (len(a.regions[region])+reconcile.PageSize-1)/reconcile.PageSize)
			}
		}
		steps := 0
		s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: records, Lister: a, Progress: func(reconcile.Step) { steps++ }}
		regions := s.Run(t.Context())
		if len(a.calls) > pages+sources || steps != len(a.calls) {
			t.Errorf("%d calls and %d steps for %d pages and %d sources", len(a.calls), steps, pages, sources)
		}
		if again := s.Run(t.Context()); cmp.Diff(regions, again, cmp.AllowUnexported(order.Key{}, reconcile.Finding{})) != "" {
			t.Error("the same search found something else")
		}
	})
}

func sourcesOf(r order.Record) []string {
	if r.DoubtWhy == nil {
		return nil
	}
	return r.DoubtWhy.SourceIDs
}
