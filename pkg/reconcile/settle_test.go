package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

const settle = 10 * time.Minute

// paid is a call that pays at once.
func paid(index int) order.Intent {
	d := doubt(index, 1, north)
	d.Order.Charge.AutoPay = true
	return d
}

func looked(at time.Time, took time.Duration, s reconcile.Search) reconcile.Look {
	return reconcile.Look{Began: at, Ended: at.Add(took), Regions: s.Run(context.Background())}
}

func everyOrder(order.Intent) bool { return true }

// Three looks that show nothing, the last one a whole settle after the first had ended, and not one less.
func TestAnOrderSettlesAfterThreeLooks(t *testing.T) {
	s, start := search(&account{}, paid(1)), time.Now()
	w := reconcile.NewWatch(settle, looked(start, time.Second, s), everyOrder)
	for n, after := range []time.Duration{settle / 2, settle} {
		at, more := w.Next()
		if want := start.Add(time.Second + after); !more || !at.Equal(want) {
			t.Fatalf("look %d is to begin at %v, want %v", n+2, at, want)
		}
		if len(w.Settled()) != 0 {
			t.Fatalf("settled after %d looks", n+1)
		}
		w.Take(looked(at.Add(-1), time.Second, s)) // too early: it counts for nothing
		if again, more := w.Next(); !more || again != at {
			t.Fatalf("a look that began early moved the next one to %v", again)
		}
		w.Take(looked(at, time.Second, s))
	}
	settled := w.Settled()
	if _, more := w.Next(); more || len(settled) != 1 || len(settled[0].Looks) != reconcile.Looks {
		t.Errorf("more to come: %t, settled: %+v", more, settled)
	}
}

// What proves nothing when it is missing from a listing never settles.
func TestWhatNeverSettles(t *testing.T) {
	plain := reconcile.Instance{BID: "b1"}
	for name, c := range map[string]struct {
		record order.Record
		listed []reconcile.Instance
		err    error
	}{
		"waits unpaid":                      {record: open(doubt(1, 1, north))},
		"without a marker":                  {record: open(with(paid(1), func(d *order.Intent) { d.Marker = "" }))},
		"an import announced it":            {record: open(with(paid(1), func(d *order.Intent) { d.Imported = true }))},
		"an answer named ids":               {record: named(paid(1))},
		"bought in part":                    {record: open(with(paid(1), func(d *order.Intent) { d.Order.Quantity = 2 })), listed: sold(paid(1), "b1")},
		"bought twice":                      {record: open(paid(1)), listed: sold(paid(1), "b1", "b2")},
		"something looks like it":           {record: open(paid(1)), listed: []reconcile.Instance{plain}},
		"something mentions its marker":     {record: open(paid(1)), listed: []reconcile.Instance{{BID: "b1", Spec: "other", Desc: sold(paid(1), "b1")[0].Desc + "."}}},
		"another state buys there":          {record: open(paid(1)), listed: sold(of(fleet, "another", paid(2)), "b1")},
		"nobody accounts for what is there": {record: open(paid(1)), listed: sold(paid(2), "b1")},
		"its region can't be read":          {record: open(paid(1)), err: errors.New("denied")},
	} {
		a := &account{regions: map[string][]reconcile.Instance{north: c.listed}, script: func(int, *page) error { return c.err }}
		s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{c.record}, Lister: a}
		w := reconcile.NewWatch(settle, looked(time.Now(), 0, s), everyOrder)
		if _, more := w.Next(); more {
			t.Errorf("%s: it is watched", name)
		}
	}
	w := reconcile.NewWatch(settle, looked(time.Now(), 0, search(&account{}, paid(1))), func(order.Intent) bool { return false })
	if _, more := w.Next(); more {
		t.Error("not wished: it is watched")
	}
}

// A region in which not all could be looked at says nothing of the others either.
func TestARegionThatIsNotLookedAtWhollySettlesNothing(t *testing.T) {
	a := &account{script: func(call int, _ *page) error {
		if call == 1 {
			return errors.New("denied") // the source
		}
		return nil
	}}
	s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{named(paid(1), "s1"), open(paid(2))}, Lister: a}
	w := reconcile.NewWatch(settle, looked(time.Now(), 0, s), everyOrder)
	if _, more := w.Next(); more {
		t.Error("it is watched")
	}
}

// Another attempt is another call: what was not seen of the first says nothing of it.
func TestAnotherAttemptDoesNotSettle(t *testing.T) {
	start, a := time.Now(), &account{}
	w := reconcile.NewWatch(settle, looked(start, 0, search(a, paid(1))), everyOrder)
	w.Take(looked(start.Add(settle/2), 0, search(a, with(paid(1), func(d *order.Intent) { d.Attempt = 2 }))))
	if _, more := w.Next(); more {
		t.Error("it is watched")
	}
}

func with(d order.Intent, edit func(*order.Intent)) order.Intent {
	edit(&d)
	return d
}

// Whenever a look shows so much as a part of an order, or can't be made, it does not settle.
func TestOneLookThatShowsSomethingIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var doubts []order.Intent
		spoilt := map[order.Address]bool{}
		for n := range rapid.IntRange(1, 5).Draw(t, "orders") {
			d := paid(n)
			d.Order.Quantity = 2
			d.Order.Region = fmt.Sprint("region-", n%3)
			doubts = append(doubts, d)
		}
		start := time.Now()
		var w *reconcile.Watch
		for look := range rapid.IntRange(1, 6).Draw(t, "looks") {
			if w != nil {
				if _, more := w.Next(); !more {
					break
				}
			}
			a := &account{regions: map[string][]reconcile.Instance{}}
			for n, d := range doubts {
				if rapid.IntRange(0, 5).Draw(t, "shown") == 0 {
					a.regions[d.Order.Region] = append(a.regions[d.Order.Region], sold(d, fmt.Sprint("b", n))...)
					spoilt[d.Order.Address] = true
				}
			}
			if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
				a.script = func(int, *page) error { return errors.New("denied") }
				for _, d := range doubts {
					spoilt[d.Order.Address] = true
				}
			}
			at := start.Add(time.Duration(look) * settle / 2)
			if l := looked(at, 0, search(a, doubts...)); w == nil {
				w = reconcile.NewWatch(settle, l, everyOrder)
			} else {
				w.Take(l)
			}
		}
		for _, s := range w.Settled() {
			if spoilt[s.Doubt.Order.Address] {
				t.Errorf("%s is settled, though a look did not show nothing", s.Doubt.Order.Address)
			}
		}
	})
}

func TestALookASecondEarlySettlesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := search(&account{}, paid(1))
		look := func() reconcile.Look { return looked(time.Now(), 0, s) }
		w := reconcile.NewWatch(settle, look(), everyOrder)
		for _, after := range []time.Duration{settle/2 - time.Second, time.Second, settle/2 - time.Second} {
			time.Sleep(after)
			w.Take(look())
		}
		if len(w.Settled()) != 0 {
			t.Error("settled by a look a second before its time")
		}
		time.Sleep(time.Second)
		w.Take(look())
		if len(w.Settled()) != 1 {
			t.Error("not settled")
		}
	})
}
