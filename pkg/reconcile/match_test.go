package reconcile_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

func TestVerdicts(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 2, north)
	unmarked := one
	unmarked.Marker = ""
	twin := doubt(3, 1, north)
	twin.Marker = one.Marker
	retried := one
	retried.Marker = order.NewMarker(fleet, lineage, one.Order.Address, 2)
	elsewhere := one
	elsewhere.Marker = order.NewMarker(fleet, "another", one.Order.Address, 1)
	inTheMiddle := reconcile.Instance{BID: "b1", Desc: string(one.Marker) + " moved"}

	for _, c := range []struct {
		name   string
		doubts []order.Intent
		listed []reconcile.Instance
		want   []string // verdict and bids of each doubt
		totals reconcile.Totals
	}{
		{"as many as asked for", []order.Intent{one, two}, slices.Concat(sold(two, "b3"), sold(one, "b1"), sold(two, "b2")),
			[]string{"adopted [b1]", "adopted [b2 b3]"}, reconcile.Totals{Adopted: 2, Instances: 3}},
		{"fewer", []order.Intent{two}, sold(two, "b1"), []string{"partial [b1]"}, reconcile.Totals{Held: 1}},
		{"one without a bid yet", []order.Intent{two}, sold(two, "b1", ""), []string{"partial [b1]"}, reconcile.Totals{Held: 1}},
		{"none with a bid yet", []order.Intent{two}, sold(two, "", ""), []string{"partial []"}, reconcile.Totals{Held: 1}},
		{"none", []order.Intent{one}, others(3), []string{"missing []"}, reconcile.Totals{Held: 1}},
		{"more", []order.Intent{one, two}, slices.Concat(sold(one, "b2", "b1"), sold(two, "b3", "b4")),
			[]string{"duplicate [b1 b2]", "adopted [b3 b4]"}, reconcile.Totals{Adopted: 1, Instances: 2, Held: 1, Duplicate: 1}},
		{"more, one without a bid yet", []order.Intent{one}, sold(one, "b1", ""), []string{"duplicate [b1]"},
			reconcile.Totals{Held: 1, Duplicate: 1}},
		{"a marker of two", []order.Intent{one, twin}, sold(one, "b1"), []string{"duplicate [b1]", "duplicate [b1]"},
			reconcile.Totals{Held: 2, Duplicate: 2}},
		{"a marker of two, no bid yet", []order.Intent{one, twin}, sold(one, ""), []string{"duplicate []", "duplicate []"},
			reconcile.Totals{Held: 2, Duplicate: 2}},
		{"without a marker", []order.Intent{unmarked}, others(1), []string{"no_marker []"}, reconcile.Totals{Held: 1}},
		{"of another attempt", []order.Intent{one}, sold(retried, "b1"), []string{"missing []"}, reconcile.Totals{Held: 1, Strangers: 1}},
		{"of another state", []order.Intent{one}, sold(elsewhere, "b1", "b2"), []string{"missing []"}, reconcile.Totals{Held: 1, Foreign: 2}},
		{"not at the end", []order.Intent{one}, []reconcile.Instance{inTheMiddle}, []string{"missing []"}, reconcile.Totals{Held: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &account{regions: map[string][]reconcile.Instance{north: c.listed}}
			regions := search(a, c.doubts...).Run(t.Context())
			var got []string
			for _, f := range regions[0].Findings {
				got = append(got, fmt.Sprint(f.Verdict, " ", f.BIDs()))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.totals, reconcile.Sum(regions)); d != "" {
				t.Errorf("totals (-want +got):\n%s", d)
			}
		})
	}
}

// A finding that nobody filled in adopts nothing.
func TestTheZeroVerdictHolds(t *testing.T) {
	got := reconcile.Sum([]reconcile.Region{{Name: north, Findings: []reconcile.Finding{{}}}})
	if want := (reconcile.Totals{Held: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// What was imported from another state is this one's, whatever its markers say: nobody else buys in the region.
func TestWhatWasImportedIsNobodyElses(t *testing.T) {
	d, imported := doubt(1, 1, north), of(fleet, "another", doubt(2, 1, north))
	a := &account{regions: map[string][]reconcile.Instance{north: sold(imported, "b1", "b2")}}
	s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{open(d), purchased(imported, "b1")}, Lister: a}
	if f := s.Run(t.Context())[0].Foreign; len(f) != 1 || f[0].BID != "b2" {
		t.Errorf("another state's: %v", f)
	}
}

// Whatever is listed, an order is adopted with exactly the instances that carry its marker, and only if there are as
// many as it asked for.
func TestOnlyItsOwnInstancesAreAdopted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &account{regions: map[string][]reconcile.Instance{}}
		var doubts []order.Intent
		owners := map[string]order.Marker{} // of each bid
		for n := range rapid.IntRange(1, 8).Draw(t, "doubts") {
			d := doubt(n, rapid.IntRange(1, 3).Draw(t, "quantity"), rapid.SampledFrom([]string{north, east}).Draw(t, "region"))
			if rapid.IntRange(0, 9).Draw(t, "unmarked") == 0 {
				d.Marker = ""
			}
			doubts = append(doubts, d)
			for i := range rapid.IntRange(0, 4).Draw(t, "instances") {
				bid := fmt.Sprint("b", n, "-", i)
				owners[bid] = d.Marker
				in := rapid.SampledFrom([]string{north, east}).Draw(t, "shown in")
				a.regions[in] = append(a.regions[in], sold(d, bid)...)
			}
		}
		for _, in := range []string{north, east} {
			a.regions[in] = rapid.Permutation(append(a.regions[in], others(rapid.IntRange(0, 200).Draw(t, "others"))...)).Draw(t, "order")
		}
		findings := 0
		for _, r := range search(a, doubts...).Run(t.Context()) {
			findings += len(r.Findings)
			for _, f := range r.Findings {
				var carrying int
				for _, i := range a.regions[r.Name] {
					if f.Doubt.Marker != "" && owners[i.BID] == f.Doubt.Marker {
						carrying++
					}
				}
				if wished := f.Doubt.Order.Quantity; (f.Verdict == reconcile.Adopted) != (carrying == wished) {
					t.Errorf("%s: %s, with %d of %d instances", f.Doubt.Order.Address, f.Verdict, carrying, wished)
				}
				for _, bid := range f.BIDs() {
					if owners[bid] != f.Doubt.Marker {
						t.Errorf("%s is given %s, which carries %q", f.Doubt.Order.Address, bid, owners[bid])
					}
				}
			}
		}
		if findings != len(doubts) {
			t.Errorf("%d findings for %d doubts", findings, len(doubts))
		}
	})
}
