package apply_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Only what bought nothing for certain is called again.
func TestWhatIsCalledAgain(t *testing.T) {
	for _, test := range []struct {
		class order.Class
		calls int
		end   apply.End
	}{
		{order.ClassInDoubt, 1, apply.EndInDoubt},
		{order.ClassRejected, 1, apply.EndFailed},
		{order.ClassDenied, 1, apply.EndFailed},
		{order.ClassNotSent, 3, apply.EndFailed}, // nothing ever got through
	} {
		t.Run(test.class.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.answer = func(order.Intent) error { return fail(test.class, "no") }
				result, _ := apply.Run(t.Context(), w.config(buys(1, "cn-north-1")))
				if len(w.calls) != test.calls || result.Entries[0].End != test.end {
					t.Errorf("%d calls, ended %s; want %d, %s", len(w.calls), result.Entries[0].End, test.calls, test.end)
				}
				if n := attempts(w); !slices.IsSorted(n) || len(slices.Compact(n)) != test.calls {
					t.Errorf("attempt numbers %v are not all new", attempts(w))
				}
			})
		})
	}
}

func TestAnErrorOfAnUnknownKindIsInDoubt(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return errors.New("EOF") }
		result, err := apply.Run(t.Context(), w.config(buys(1, "cn-north-1")))
		if err != nil || len(w.calls) != 1 || result.Entries[0].End != apply.EndInDoubt {
			t.Errorf("%d calls, ended %s, %v", len(w.calls), result.Entries[0].End, err)
		}
	})
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassThrottled, "slow down") }
		if _, err := apply.Run(t.Context(), w.config(buys(1, "cn-north-1"))); err != nil {
			t.Fatal(err)
		}
		retries := eventsOf[apply.Retrying](w)
		for i, r := range retries[:len(retries)-1] { // the region stops within the last one
			base := 1.0
			for range i {
				base = min(base*1.5, 30)
			}
			most := 30.0 // of the region, which probes once the budget is spent
			if i < 10 {
				most = base
			}
			if s := r.Delay.Seconds(); s < base*0.5-0.001 || s > most*1.5+0.001 {
				t.Errorf("pause %d is %v, want %.2f s, half of it more or less", i+1, r.Delay, base)
			}
			if gap := w.calls[i+1].at.Sub(w.calls[i].at); gap < r.Delay {
				t.Errorf("call %d came %v after the one before, announced %v", i+2, gap, r.Delay)
			}
		}
	})
}

func TestRetryAfterHoldsTheWholeRegionBack(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "cn-north-1" && time.Since(start) < 100*time.Millisecond {
				return &apply.CallError{
					Failure:    order.Failure{Class: order.ClassThrottled},
					RetryAfter: 40 * time.Second,
				}
			}
			return nil
		}
		c := w.config(buys(10, "cn-east-2", "cn-north-1"))
		c.Rollout.ParallelismPerRegion = 2
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatalf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		for _, call := range w.calls {
			at := call.at.Sub(start)
			if call.intent.Order.Region == "cn-north-1" && at > 100*time.Millisecond && at < 40*time.Second {
				t.Errorf("%s was called after %v, within the pause", call.intent.Order.Address, at)
			}
			if call.intent.Order.Region == "cn-east-2" && at > time.Second {
				t.Errorf("%s was held back for the other region's pause: %v", call.intent.Order.Address, at)
			}
		}
	})
}

func TestThePauseThatTheAPIAsksForIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Attempt == 1 {
				return &apply.CallError{Failure: order.Failure{Class: order.ClassThrottled}, RetryAfter: 24 * time.Hour}
			}
			return nil
		}
		start := time.Now()
		if result, err := apply.Run(t.Context(), w.config(buys(1, "a"))); err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		if took, most := time.Since(start), apply.DefaultRetry().MaxRetryAfter+time.Minute; took > most {
			t.Errorf("it took %v, at most %v is waited", took, most)
		}
	})
}

// An API that was reached once may come back, but not for ever.
func TestCallsThatAreNotSentAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(2, "a"))
		c.Rollout.Parallelism, c.Rollout.FailureTolerance = 1, order.Count(1)
		first := c.Buys[0].Order.Address
		w.answer = func(i order.Intent) error {
			if i.Order.Address != first && i.Attempt < 1000 {
				return fail(order.ClassNotSent, "refused")
			}
			return nil
		}
		result, err := apply.Run(t.Context(), c)
		if calls := len(w.calls) - 1; err != nil || result.Count(apply.EndFailed) != 1 || calls != apply.DefaultRetry().Attempts {
			t.Errorf("%d calls were not sent, %v", calls, err)
		}
	})
}
