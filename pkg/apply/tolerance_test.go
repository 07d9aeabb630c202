package apply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestARegionBeyondItsToleranceStopsAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "b" {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		c := w.config(buys(100, "a", "b"))
		c.Rollout.FailureTolerance = order.Count(3)
		c.Rollout.ParallelismPerRegion = 2
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 100 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		// Four fail; while the fourth is recorded, each of the two slots may be taken and its call be finished.
		if n := result.Count(apply.EndFailed); n < 4 || n > 4+2+2 {
			t.Errorf("%d failed, 3 are tolerated", n)
		}
		stopped := eventsOf[apply.RegionStopped](w)
		if len(stopped) != 1 || stopped[0].Region != "b" || !strings.Contains(stopped[0].Reason, `failure_tolerance = "3"`) {
			t.Errorf("stopped: %+v", stopped)
		}
	})
}

func TestFailuresWithinTheToleranceStopNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		bad := buys(100, "a")[7].Order.Address
		w.answer = func(i order.Intent) error {
			if i.Order.Address == bad {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		result, err := apply.Run(t.Context(), w.config(buys(100, "a")))
		if err != nil || result.Count(apply.EndBought) != 99 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		if d := cmp.Diff([]string{"order.a[7]"}, sortedAddresses(result.Entries, apply.EndFailed)); d != "" {
			t.Error(d)
		}
	})
}

func TestTooManyDoubtsStopTheRegion(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassInDoubt, "timeout") }
		c := w.config(buys(100, "a"))
		c.Rollout.ParallelismPerRegion = 1
		result, err := apply.Run(t.Context(), c)
		// The fifth doubt stops the region; the call that took its slot meanwhile may be the sixth.
		if n := result.Count(apply.EndInDoubt); err != nil || n < 5 || n > 6 {
			t.Errorf("%d in doubt, %v", n, err)
		}
	})
}

func TestRefusedCredentialsStopTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassDenied, "signature does not match") }
		c := w.config(buys(100, "a", "b"))
		c.Rollout.Parallelism = 1
		_, err := apply.Run(t.Context(), c)
		if !errors.Is(err, apply.ErrDenied) || !strings.Contains(err.Error(), "signature does not match") {
			t.Errorf("stopped by %v", err)
		}
		if len(w.calls) > 2 {
			t.Errorf("%d calls with refused credentials", len(w.calls))
		}
	})
}

func TestAnEndpointThatNeverAnswersStopsTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassNotSent, "connection refused") }
		start := time.Now()
		result, err := apply.Run(t.Context(), w.config(buys(1000, "a", "b")))
		if !errors.Is(err, apply.ErrUnreachable) || time.Since(start) > 10*time.Second {
			t.Errorf("stopped by %v after %v", err, time.Since(start))
		}
		if result.Count(apply.EndInDoubt)+result.Count(apply.EndBought) != 0 {
			t.Error("an order that was never sent is not skipped or failed")
		}
	})
}

func TestATolerancePermitsThatManyFailures(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(5, "a"))
		c.Rollout.Parallelism, c.Rollout.FailureTolerance = 1, order.Count(1)
		first := c.Buys[0].Order.Address
		w.answer = func(i order.Intent) error {
			if i.Order.Address == first {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		result, err := apply.Run(t.Context(), c)
		if n := result.Count(apply.EndBought); err != nil || n != 4 {
			t.Errorf("%d bought, %v; one failure is tolerated", n, err)
		}
	})
}
