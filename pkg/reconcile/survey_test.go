package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// purchased is the record of an order whose call was answered; with bids, of one that a reconcile adopted.
func purchased(d order.Intent, bids ...string) order.Record {
	return order.Record{
		Address: d.Order.Address, Order: d.Order, Attempt: d.Attempt,
		Purchases: []order.Purchase{{Attempt: d.Attempt, BIDs: bids, Quantity: d.Order.Quantity, Marker: d.Marker}},
	}
}

// refused is the record of an order for which two calls bought nothing.
func refused(d order.Intent) order.Record {
	return order.Record{Address: d.Order.Address, Order: d.Order, Attempt: d.Attempt + 1, Failure: &order.Failure{Class: order.ClassRejected}}
}

func open(d order.Intent) order.Record {
	return order.Record{Address: d.Order.Address, Order: d.Order, Attempt: d.Attempt, Doubt: &d}
}

// opened are the records of orders in doubt.
func opened(doubts []order.Intent) []order.Record {
	records := make([]order.Record, len(doubts))
	for n, d := range doubts {
		records[n] = open(d)
	}
	return records
}

// removed is the record once its order is none of the fleet's any more.
func removed(r order.Record) order.Record {
	r, err := r.Remove(nil, time.Time{})
	if err != nil {
		panic(err)
	}
	return r
}

func inRegion(region string, r order.Record) order.Record {
	r.Order.Region = region
	return r
}

// atAddress is the record moved to order.NAME.
func atAddress(name string, r order.Record) order.Record {
	_, r, err := r.MoveTo(order.Record{Address: order.Address{Name: name}}, time.Time{})
	if err != nil {
		panic(err)
	}
	return r
}

// of is d as a fleet and a state of those names would have called for it.
func of(fleet, lineage string, d order.Intent) order.Intent {
	d.Marker = order.NewMarker(fleet, lineage, d.Order.Address, d.Attempt)
	return d
}

func TestStrangers(t *testing.T) {
	one, two := doubt(1, 1, north), doubt(2, 2, north)
	other := of(fleet, "another", one)
	const another, own = "b9: another state's", "b9: "
	for _, c := range []struct {
		name    string
		records []order.Record
		coming  []order.Intent
		listed  []reconcile.Instance
		want    []string
	}{
		{"nothing of the fleet", nil, nil, slices.Concat(others(3), sold(of("other", lineage, one), "b9")), nil},
		{"of another state", nil, nil, sold(other, "b9"), []string{another}},
		{"of another state, imported", []order.Record{purchased(other, "b9")}, nil, sold(other, "b9"), nil},
		{"one more of another state than was imported", []order.Record{purchased(other, "b1")}, nil, sold(other, "b1", "b9"), []string{another}},
		{"bought and answered", []order.Record{purchased(two)}, nil, sold(two, "b1", "b9"), nil},
		{"bought twice with one marker", []order.Record{purchased(one)}, nil, sold(one, "b1", "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"in doubt", []order.Record{open(two)}, nil, sold(two, "b1", "b9"), nil},
		{"in doubt, and bought twice", []order.Record{open(one)}, nil, sold(one, "b1", "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"recorded as not bought", []order.Record{refused(one)}, nil, sold(one, "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"removed", []order.Record{removed(purchased(two))}, nil, sold(two, "b1", "b9"), nil},
		{"removed, and bought twice with one marker", []order.Record{removed(purchased(one))}, nil, sold(one, "b1", "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"removed after it was adopted", []order.Record{removed(purchased(one, "b9"))}, nil, sold(one, "b9"), nil},
		{"removed and imported, and bought twice with one marker", []order.Record{removed(purchased(one)), purchased(one, "b1")}, nil, sold(one, "b1", "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"removed, and wished elsewhere", []order.Record{inRegion("cn-south-1", removed(purchased(one)))}, nil, sold(one, "b9"), nil},
		{"moved", []order.Record{atAddress("moved", purchased(one))}, nil, sold(one, "b9"), nil},
		{"moved in doubt", []order.Record{atAddress("moved", open(one))}, nil, sold(one, "b9"), nil},
		{"about to be bought", nil, []order.Intent{one}, sold(one, "b9"), []string{own + "order.gw[1] attempt 1"}},
		{"of this state, nobody knows what", nil, []order.Intent{two}, sold(one, "b9"), []string{own + "no order"}},
		{"without a bid yet", nil, nil, sold(other, ""), []string{": another state's"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := reconcile.Survey{
				Fleet: fleet, Lineage: lineage, Regions: []string{north}, Records: c.records, Coming: c.coming,
				Lister: &account{regions: map[string][]reconcile.Instance{north: c.listed}},
			}
			var got []string
			for _, f := range s.Run(t.Context())[0].Strangers {
				got = append(got, f.BID+": "+whose(f))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("strangers (-want +got):\n%s", d)
			}
		})
	}
}

func whose(f reconcile.Stranger) string {
	switch {
	case !f.Own:
		return "another state's"
	case f.Attempt == 0:
		return "no order"
	default:
		return fmt.Sprint(f.Address, " attempt ", f.Attempt)
	}
}

// A record accounts for what is in its region. Elsewhere its marker was used by a copy of the state whose files name another.
func TestARecordSpeaksForItsRegionAlone(t *testing.T) {
	one := doubt(1, 1, north)
	for _, known := range []order.Record{purchased(one), open(one)} {
		s := reconcile.Survey{
			Fleet: fleet, Lineage: lineage, Regions: []string{east, north}, Records: []order.Record{known},
			Lister: &account{regions: map[string][]reconcile.Instance{north: sold(one, "b1"), east: sold(one, "b2")}},
		}
		found := s.Run(t.Context())
		if len(found[0].Strangers) != 1 || len(found[1].Strangers) != 0 {
			t.Errorf("%s: strangers %v", known.Status(), found)
		}
	}
}

// In a region that a state knows, only another copy of that state is looked for.
func TestInKnownRegionsOnlyCopiesAreLookedFor(t *testing.T) {
	one := doubt(1, 1, north)
	listed := slices.Concat(sold(of(fleet, "another", one), "b1"), sold(one, "b2"))
	s := reconcile.Survey{
		Fleet: fleet, Lineage: lineage, Regions: []string{east}, Known: []string{north}, Coming: []order.Intent{one},
		Lister: &account{regions: map[string][]reconcile.Instance{north: listed, east: listed}},
	}
	var got []string
	for _, r := range s.Run(t.Context()) {
		for _, f := range r.Strangers {
			got = append(got, r.Region+" "+f.BID)
		}
	}
	if d := cmp.Diff([]string{east + " b1", east + " b2", north + " b2"}, got); d != "" {
		t.Errorf("strangers (-want +got):\n%s", d)
	}
}

// Before there is a state, every marker of the fleet is another state's: there is no lineage to be of.
func TestAFreshStateHasMadeNothing(t *testing.T) {
	one := of(fleet, "", doubt(1, 1, north))
	s := reconcile.Survey{
		Fleet: fleet, Regions: []string{north}, Coming: []order.Intent{one},
		Lister: &account{regions: map[string][]reconcile.Instance{north: sold(one, "b1")}},
	}
	if got := s.Run(t.Context())[0].Strangers; len(got) != 1 || got[0].Own {
		t.Errorf("%+v", got)
	}
}

func TestFirstRegions(t *testing.T) {
	imported := doubt(5, 1, "south")
	imported.Imported = true
	brought := purchased(doubt(6, 1, "west"), "b1")
	brought.Purchases[0].Imported = true
	records := []order.Record{
		purchased(doubt(1, 1, north)), open(doubt(2, 1, east)), refused(doubt(3, 1, "refused")), open(imported), brought,
	}
	got := reconcile.FirstRegions([]string{"a", east, north, "refused", "south", "west"}, records)
	if d := cmp.Diff([]string{"a", "refused", "south", "west"}, got); d != "" {
		t.Errorf("regions (-want +got):\n%s", d)
	}
}

func TestASurveyReadsEachPageOnce(t *testing.T) {
	a := &account{regions: map[string][]reconcile.Instance{north: others(250), east: sold(of(fleet, "x", doubt(1, 1, east)), "b1")}}
	denied := errors.New("denied")
	a.script = func(call int, _ *page) error {
		if a.calls[call-1] == "south 1" {
			return denied
		}
		return nil
	}
	got := reconcile.Survey{Fleet: fleet, Lineage: lineage, Regions: []string{north, "south", east, "empty"}, Lister: a}.Run(t.Context())
	var found []string
	for _, r := range got {
		found = append(found, fmt.Sprint(r.Region, " ", len(r.Strangers), " ", r.Err))
	}
	if d := cmp.Diff([]string{north + " 0 <nil>", "south 0 denied", east + " 1 <nil>", "empty 0 <nil>"}, found); d != "" {
		t.Errorf("regions (-want +got):\n%s", d)
	}
	slices.Sort(a.calls)
	if d := cmp.Diff([]string{east + " 1", north + " 1", north + " 2", north + " 3", "empty 1", "south 1"}, a.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// Whatever is listed: what carries a marker of the fleet is in a record or a stranger, and never both.
func TestEveryInstanceOfTheFleetIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []order.Record
		var listed []reconcile.Instance
		strangers := map[string]bool{}
		for n := range rapid.IntRange(0, 12).Draw(t, "orders") {
			d := doubt(n, rapid.IntRange(1, 3).Draw(t, "quantity"), north)
			bids := make([]string, d.Order.Quantity)
			for i := range bids {
				bids[i] = fmt.Sprint("b", n, "-", i)
			}
			strange := true
			switch rapid.SampledFrom([]string{"answered", "adopted", "in doubt", "refused", "lost", "another's", "another fleet's"}).Draw(t, "kind") {
			case "answered":
				records, strange = append(records, purchased(d)), false
			case "adopted":
				records, strange = append(records, purchased(d, bids...)), false
			case "in doubt":
				records, strange = append(records, open(d)), false
			case "refused":
				records = append(records, refused(d))
			case "another's":
				d = of(fleet, "another", d)
			case "another fleet's":
				d, strange = of("another", lineage, d), false
			}
			for _, bid := range bids {
				strangers[bid] = strange
			}
			listed = append(listed, sold(d, bids...)...)
		}
		listed = rapid.Permutation(append(listed, others(rapid.IntRange(0, 150).Draw(t, "others"))...)).Draw(t, "listing")
		a := &account{regions: map[string][]reconcile.Instance{north: listed}}
		found := map[string]bool{}
		for _, f := range (reconcile.Survey{Fleet: fleet, Lineage: lineage, Regions: []string{north}, Records: records, Lister: a}).Run(t.Context())[0].Strangers {
			found[f.BID] = true
		}
		for bid, strange := range strangers {
			if found[bid] != strange {
				t.Errorf("%s: a stranger %t, want %t", bid, found[bid], strange)
			}
			delete(found, bid)
		}
		if len(found) > 0 {
			t.Errorf("strangers that are not the fleet's: %v", found)
		}
	})
}
