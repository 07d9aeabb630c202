package apply_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestCallsInFlightStayWithinTheLimits(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(50, "a", "b", "c"))
		c.Rollout.Parallelism, c.Rollout.ParallelismPerRegion = 10, 4
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"": 10, "a": 4, "b": 4, "c": 4}
		if d := cmp.Diff(want, w.maxInFlight); d != "" {
			t.Errorf("most calls in flight (-want +got):\n%s", d)
		}
	})
}

func TestRateOfARegion(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		c := w.config(buys(100, "a", "b"))
		c.Rollout.RatePerRegion = 20
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{"a", "b"} {
			var at []time.Time
			for _, c := range w.calls {
				if c.intent.Order.Region == region {
					at = append(at, c.at)
				}
			}
			for i := 20; i < len(at); i++ {
				if d := at[i].Sub(at[i-20]); d < time.Second-time.Millisecond {
					t.Errorf("region %s: 21 calls within %v", region, d)
				}
			}
		}
		if d := time.Since(start); d > 5200*time.Millisecond {
			t.Errorf("100 calls at 20 a second took %v", d)
		}
		if w.maxUncalled > 4 {
			t.Errorf("%d intents waited for their call: a kill would have left that many in doubt", w.maxUncalled)
		}
	})
}

// Recording must cost next to nothing: it happens beside the calls.
func TestShareOfTheLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.commitTime = 10 * time.Millisecond
		c := w.config(buys(4000, "a"))
		c.Rollout.Parallelism, c.Rollout.ParallelismPerRegion = 64, 64
		start := time.Now()
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		limit := 4000 * w.callTime / 64
		if share := limit.Seconds() / time.Since(start).Seconds(); share < 0.98 {
			t.Errorf("ran at %.1f %% of the limit", 100*share)
		}
		if w.maxUncalled > 32 {
			t.Errorf("%d intents were ahead of their calls", w.maxUncalled)
		}
	})
}

// What a killed process leaves in doubt without having called is bounded for the run, however many regions there are,
// and a region that is told to wait takes no other region's place.
func TestIntentsAheadOfTheirCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = func(i order.Intent) error {
			if i.Order.Region < "e" && time.Since(start) < time.Second {
				return &apply.CallError{Failure: order.Failure{Class: order.ClassThrottled}, RetryAfter: time.Minute}
			}
			return nil
		}
		if _, err := apply.Run(t.Context(), w.config(buys(100, "a", "b", "c", "d", "e", "f"))); err != nil {
			t.Fatal(err)
		}
		if limit := 32/2 + 6; w.maxUncalled > limit {
			t.Errorf("%d intents were ahead of their calls, at most %d may be", w.maxUncalled, limit)
		}
		for _, c := range w.calls {
			if at := c.at.Sub(start); c.intent.Order.Region >= "e" && at > 10*time.Second {
				t.Fatalf("%s was called after %v, held up by regions that wait", c.intent.Order.Address, at)
			}
		}
	})
}

// One call at a time comes in the plan's sequence: what a region's first calls show is what the plan shows first.
func TestOneCallAtATimeKeepsTheSequence(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(50, "a"))
		c.Rollout.Parallelism = 1
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for i, call := range w.calls {
			if want := c.Buys[i].Order.Address; call.intent.Order.Address != want {
				t.Fatalf("call %d is for %s, want %s", i+1, call.intent.Order.Address, want)
			}
		}
	})
}
