package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// lacks is wished at another address, changed by edit.
func lacks(name string, quantity int, edit func(*order.Order)) reconcile.Pair {
	o := wished
	o.Address, o.Quantity = order.Address{Name: name}, quantity
	if edit != nil {
		edit(&o)
	}
	return reconcile.Pair{Order: o, Attempt: 1}
}

// boughtBy are the instances that a call of another state bought for p.
func boughtBy(p reconcile.Pair, attempt int, bids ...string) []reconcile.Stranger {
	var found []reconcile.Stranger
	for _, bid := range bids {
		i := alike(p.Order, bid, nil)
		m := order.NewMarker(fleet, "another", p.Order.Address, attempt)
		i.Desc = m.AppendTo(p.Order.Desc)
		found = append(found, reconcile.Stranger{Instance: i, Marker: m})
	}
	return found
}

// markedFor are strangers whose marker tells that they are p's.
func markedFor(p reconcile.Pair, strangers []reconcile.Stranger) []reconcile.Stranger {
	for n := range strangers {
		strangers[n].Own, strangers[n].Address, strangers[n].Attempt = true, p.Order.Address, 1
	}
	return strangers
}

func said(pairs []reconcile.Pair, left []reconcile.Surveyed) []string {
	var text []string
	for _, p := range pairs {
		text = append(text, fmt.Sprint(p.Order.Address, " ", p.BIDs()))
	}
	for _, r := range left {
		for _, s := range r.Strangers {
			text = append(text, "left "+s.BID)
		}
	}
	return text
}

func TestMatch(t *testing.T) {
	desc := func(text string) func(*order.Order) { return func(o *order.Order) { o.Desc = text } }
	a, b, two := lacks("a", 1, desc("a")), lacks("b", 1, desc("b")), lacks("two", 2, desc("two"))
	same1, same2, same3 := lacks("same1", 1, nil), lacks("same2", 1, nil), lacks("same3", 1, nil)
	nearly := lacks("nearly", 1, func(o *order.Order) { o.Charge.AutoRenew = true })
	elsewhere := lacks("a", 1, func(o *order.Order) { o.Region, o.Desc = east, "a" })
	longer := lacks("a", 1, func(o *order.Order) { o.Charge.Duration, o.Desc = 3, "a" })
	for _, c := range []struct {
		name    string
		lacking []reconcile.Pair
		found   []reconcile.Stranger
		want    []string
	}{
		{"by description", []reconcile.Pair{a, b}, slices.Concat(boughtBy(b, 1, "b1"), boughtBy(a, 1, "b2")),
			[]string{"order.a [b2]", "order.b [b1]"}},
		{"an order of two", []reconcile.Pair{a, two}, boughtBy(two, 1, "b1", "b2"), []string{"order.two [b1 b2]"}},
		{"bought in two parts", []reconcile.Pair{two}, slices.Concat(boughtBy(two, 1, "b1"), boughtBy(two, 2, "b2")), []string{"order.two [b1 b2]"}},
		{"one too few", []reconcile.Pair{two}, boughtBy(two, 1, "b1"), []string{"left b1"}},
		{"one too many", []reconcile.Pair{a}, boughtBy(a, 1, "b1", "b2"), []string{"left b1", "left b2"}},
		{"without a bid yet", []reconcile.Pair{a}, boughtBy(a, 1, ""), []string{"left "}},
		{"orders that wish the same", []reconcile.Pair{same1, same2}, slices.Concat(boughtBy(same2, 1, "b1"), boughtBy(same1, 1, "b2")),
			[]string{"order.same1 [b1]", "order.same2 [b2]"}},
		{"fewer than wish the same", []reconcile.Pair{same1, same2, same3}, slices.Concat(boughtBy(same2, 1, "b1"), boughtBy(same1, 1, "b2")),
			[]string{"order.same1 [b1]", "order.same2 [b2]"}},
		{"more than wish the same", []reconcile.Pair{same1, same2},
			slices.Concat(boughtBy(same1, 1, "b1"), boughtBy(same2, 1, "b2"), boughtBy(same3, 1, "b3")), []string{"left b1", "left b2", "left b3"}},
		{"orders that wish the same but for what isn't shown", []reconcile.Pair{nearly, same1}, boughtBy(same1, 1, "b1"), []string{"left b1"}},
		{"on other terms", []reconcile.Pair{longer}, boughtBy(a, 1, "b1"), []string{"left b1"}},
		{"in another region", []reconcile.Pair{elsewhere}, boughtBy(a, 1, "b1"), []string{"left b1"}},
		{"wished by none", []reconcile.Pair{b}, boughtBy(a, 1, "b1"), []string{"left b1"}},
		{"named by the marker", []reconcile.Pair{same1, same2}, markedFor(same2, boughtBy(same2, 1, "b1")), []string{"order.same2 [b1]"}},
		{"named, and one like it", []reconcile.Pair{same1, same2}, slices.Concat(markedFor(same2, boughtBy(same2, 1, "b1")), boughtBy(same3, 1, "b2")),
			[]string{"order.same1 [b2]", "order.same2 [b1]"}},
		{"named, but too many", []reconcile.Pair{a}, slices.Concat(markedFor(a, boughtBy(a, 1, "b1", "b2"))), []string{"left b1", "left b2"}},
		{"named, but in another region", []reconcile.Pair{elsewhere}, markedFor(a, boughtBy(a, 1, "b1")), []string{"left b1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, said(reconcile.Match(c.lacking, []reconcile.Surveyed{{Region: north, Strangers: c.found}}))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Whatever is found: an instance goes to one order at most, to one that wishes exactly it, and what goes to none is left.
func TestMatchingLosesNothingAndGuessesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lacking []reconcile.Pair
		found := map[string][]reconcile.Stranger{}
		want := map[string]order.Order{} // by bid, what its call asked for
		for n := range rapid.IntRange(1, 10).Draw(t, "orders") {
			p := lacks(fmt.Sprintf("o%02d", n), rapid.IntRange(1, 2).Draw(t, "quantity"), func(o *order.Order) {
				o.Region = rapid.SampledFrom([]string{north, east}).Draw(t, "region")
				o.Desc = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "desc")
				o.Charge.AutoRenew = rapid.IntRange(0, 4).Draw(t, "renew") == 0
			})
			if rapid.IntRange(0, 4).Draw(t, "wished") > 0 {
				lacking = append(lacking, p)
			}
			for i := range rapid.IntRange(0, 3).Draw(t, "instances") {
				bid := fmt.Sprint("b", n, "-", i)
				want[bid] = p.Order
				found[p.Order.Region] = append(found[p.Order.Region], boughtBy(p, 1, bid)...)
			}
		}
		surveyed := []reconcile.Surveyed{{Region: east, Strangers: found[east]}, {Region: north, Strangers: found[north]}}
		pairs, left := reconcile.Match(lacking, surveyed)
		for _, p := range pairs {
			if len(p.BIDs()) != p.Order.Quantity {
				t.Errorf("%s lacks %d and gets %v", p.Order.Address, p.Order.Quantity, p.BIDs())
			}
			for _, bid := range p.BIDs() {
				o, known := want[bid]
				o.Address, o.Quantity, o.Charge.AutoRenew = p.Order.Address, p.Order.Quantity, p.Order.Charge.AutoRenew
				if !known || o != p.Order {
					t.Errorf("%s gets %s, which is %+v", p.Order.Address, bid, o)
				}
				delete(want, bid)
			}
		}
		for _, text := range said(nil, left) {
			delete(want, strings.TrimPrefix(text, "left "))
		}
		if len(want) > 0 {
			t.Errorf("neither paired nor left, or twice: %v", want)
		}
		again, _ := reconcile.Match(lacking, surveyed)
		if d := cmp.Diff(said(pairs, nil), said(again, nil)); d != "" {
			t.Errorf("twice the same gives two results:\n%s", d)
		}
	})
}
