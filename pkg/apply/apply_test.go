package apply_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestEveryOrderIsBoughtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		result, err := apply.Run(t.Context(), w.config(buys(100, "cn-east-2", "cn-north-1")))
		if err != nil {
			t.Fatal(err)
		}
		if !result.Complete() || result.Count(apply.EndBought) != 200 || result.Instances() != 400 {
			t.Errorf("bought %d orders, %d instances", result.Count(apply.EndBought), result.Instances())
		}
		if len(w.calls) != 200 || len(w.sold) != 200 {
			t.Errorf("%d calls sold to %d addresses", len(w.calls), len(w.sold))
		}
		for address, r := range w.records {
			if r.Status() != order.StatusBought || r.Bought() != 2 {
				t.Errorf("%s: recorded as %s with %d instances", address, r.Status(), r.Bought())
			}
		}
		for _, c := range w.calls {
			want := order.NewMarker("f", "l", c.intent.Order.Address, c.intent.Attempt)
			if c.intent.Marker != want || !want.OfLineage("f", "l") {
				t.Errorf("%s: marker %q, want %q", c.intent.Order.Address, c.intent.Marker, want)
			}
		}
	})
}

func TestMarkersCanBeTurnedOff(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(1, "cn-north-1"))
		c.Rollout.NoMarker = true
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if m := w.calls[0].intent.Marker; m != "" {
			t.Errorf("marker %q went out", m)
		}
	})
}

// Where others get through, an order whose calls are all throttled is given up.
func TestThrottlesOfOneOrderAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if ofFirst(i.Order.Address) {
				return fail(order.ClassThrottled, "not this one")
			}
			return nil
		}
		c := w.config(buys(2_500, "a"))
		c.Rollout.RatePerRegion = 20
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 2_499 || result.Entries[0].End != apply.EndFailed {
			t.Errorf("%d bought, the first ended %s, %v", result.Count(apply.EndBought), result.Entries[0].End, err)
		}
		if extra := len(w.calls) - 2_499; extra != apply.DefaultRetry().Attempts {
			t.Errorf("it was called %d times", extra)
		}
	})
}

// Whatever the API does, no order is called again once a call for it may have bought.
func TestNoScheduleOfFaultsBuysTwice(t *testing.T) {
	classes := []order.Class{order.ClassInDoubt, order.ClassNotSent, order.ClassThrottled, order.ClassRejected}
	rapid.Check(t, func(rt *rapid.T) {
		faults := rapid.SliceOfN(rapid.IntRange(0, len(classes)), 1, 40).Draw(rt, "faults")
		lostAfterSale := rapid.SliceOfN(rapid.Bool(), 1, 40).Draw(rt, "lost after the sale")
		n := rapid.IntRange(1, 40).Draw(rt, "orders")
		rollout := order.Rollout{
			Parallelism:          rapid.IntRange(1, 20).Draw(rt, "parallelism"),
			ParallelismPerRegion: rapid.IntRange(1, 20).Draw(rt, "parallelism per region"),
			RatePerRegion:        rapid.SampledFrom([]float64{0, 5, 100}).Draw(rt, "rate"),
			FailureTolerance:     order.Count(rapid.IntRange(0, 10).Draw(rt, "tolerance")),
			RunFailureTolerance:  order.Percent(100),
			MaxInDoubt:           rapid.IntRange(1, 10).Draw(rt, "max in doubt"),
		}
		drainAfter := rapid.IntRange(1, 5000).Draw(rt, "drain after ms")
		var problem string
		synctest.Test(t, func(t *testing.T) {
			problem = oneRun(t, faults, lostAfterSale, classes, n, rollout, time.Duration(drainAfter)*time.Millisecond)
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// oneRun plays one schedule and returns what went wrong, or nothing.
func oneRun(t *testing.T, faults []int, lost []bool, classes []order.Class, n int, rollout order.Rollout, drainAfter time.Duration) string {
	w := newWorld(t)
	calls := 0
	w.answer = func(i order.Intent) error { // called with w.mu held
		calls++
		f := faults[calls%len(faults)]
		if f == len(classes) {
			return nil
		}
		if classes[f] == order.ClassInDoubt && lost[calls%len(lost)] {
			w.sold[i.Order.Address]++
		}
		return fail(classes[f], "fault")
	}
	ctx, cancel := context.WithTimeout(t.Context(), drainAfter)
	defer cancel()
	c := w.config(buys(n, "a", "b"))
	c.Rollout = rollout
	result, err := apply.Run(ctx, c)
	if err != nil && !errors.Is(err, apply.ErrUnreachable) {
		return err.Error()
	}
	for address, sold := range w.sold {
		r := w.records[address]
		if sold > 1 {
			return address.String() + " was bought twice"
		}
		if sold == 1 && r.Status() == order.StatusFailed {
			return address.String() + " was bought and is recorded as failed"
		}
	}
	for _, entry := range result.Entries {
		if entry.End == apply.EndBought && w.sold[entry.Address] != 1 {
			return entry.Address.String() + " counts as bought, and is not"
		}
	}
	if w.maxInFlight[""] > rollout.Parallelism || w.maxInFlight["a"] > rollout.ParallelismPerRegion {
		return "more calls in flight than the limits allow"
	}
	return ""
}

func TestAnUnknownEndHasAName(t *testing.T) {
	if got := apply.End(99).String(); got != "end(99)" {
		t.Error(got)
	}
}
