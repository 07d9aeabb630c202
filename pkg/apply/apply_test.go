package apply_test

import (
	"testing"

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

func TestAnUnknownEndHasAName(t *testing.T) {
	if got := apply.End(99).String(); got != "end(99)" {
		t.Error(got)
	}
}
