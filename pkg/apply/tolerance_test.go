package apply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
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

// A region's tolerance is that of a wave: failures of one don't count in the next.
func TestATolerancePermitsSoManyInEachWave(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if n := numberOf(i.Order.Address); n%5 < 2 { // two of the five of each wave
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		c := w.inWaves(buys(15, "a"), func(b plan.Buy) int { return numberOf(b.Order.Address) / 5 })
		c.Rollout.Parallelism, c.Rollout.FailureTolerance = 1, order.Count(2)
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndFailed) != 6 || result.Count(apply.EndBought) != 9 {
			t.Errorf("%d failed, %d bought, %v", result.Count(apply.EndFailed), result.Count(apply.EndBought), err)
		}
		expectEnds(t, result, "good", "good", "good")
	})
}

// The bound of doubts is that of the run: those of one wave count in the next.
func TestDoubtsCountOverAllWaves(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if n := numberOf(i.Order.Address); n%10 == 0 {
				return fail(order.ClassInDoubt, "timeout")
			}
			return nil
		}
		c := w.inWaves(buys(40, "a"), func(b plan.Buy) int { return numberOf(b.Order.Address) / 10 })
		c.Rollout.Parallelism, c.Rollout.MaxInDoubt = 1, 3
		result, err := apply.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		expectEnds(t, result, "good", "good", "bad", "not_begun")
		if want := "a: 3 orders in doubt; max_in_doubt = 3"; result.Waves[2].Reason != want {
			t.Errorf("because of %q, want %q", result.Waves[2].Reason, want)
		}
	})
}

func TestARunBeyondItsToleranceDrains(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if numberOf(i.Order.Address) < 2 {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		c := w.inWaves(buys(10, "a", "b", "c"), func(b plan.Buy) int {
			if b.Order.Region == "c" {
				return 1
			}
			return 0
		})
		c.Rollout.Parallelism, c.Rollout.Sequential = 1, true
		c.Rollout.FailureTolerance, c.Rollout.RunFailureTolerance = order.Count(9), order.Percent(10) // of 30
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Interrupted {
			t.Errorf("interrupted %t, %v", result.Interrupted, err)
		}
		// The second one of region b is the fourth that fails; while it was recorded, the next call began.
		if failed, bought := result.Count(apply.EndFailed), result.Count(apply.EndBought); failed != 4 || bought != 8+1 {
			t.Errorf("%d failed, %d bought", failed, bought)
		}
		expectEnds(t, result, "cut_short", "not_begun")
		const why = `4 of 30 orders failed; run_failure_tolerance = "10%" allows 3`
		if d := eventsOf[apply.Draining](w); len(d) != 1 || d[0].Reason != why || d[0].Interrupted || result.Waves[0].Reason != why {
			t.Errorf("drained by %+v, %+v", d, result.Waves[0])
		}
	})
}

// Once a quota is used up every other order of the region would fail too.
func TestAQuotaThatIsUsedUpStopsItsRegionAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "b" && numberOf(i.Order.Address) >= 3 {
				return &apply.CallError{
					Failure:   order.Failure{Class: order.ClassRejected, Code: "QUOTA_EXCEEDED", Message: "no quota left"},
					Exhausted: true,
				}
			}
			return nil
		}
		c := w.config(buys(50, "a", "b"))
		c.Rollout.ParallelismPerRegion, c.Rollout.FailureTolerance = 1, order.Percent(100)
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 50+3 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		// While the first refusal was recorded the next call began.
		if n := result.Count(apply.EndFailed); n > 2 {
			t.Errorf("%d orders failed", n)
		}
		stopped := eventsOf[apply.RegionStopped](w)
		if len(stopped) != 1 || stopped[0].Region != "b" || stopped[0].Reason != "a quota is used up: QUOTA_EXCEEDED: no quota left" {
			t.Errorf("stopped: %+v", stopped)
		}
		if want := "b: a quota is used up: QUOTA_EXCEEDED: no quota left"; result.Waves[0].Reason != want {
			t.Errorf("the wave ended because of %q, want %q", result.Waves[0].Reason, want)
		}
	})
}

func TestTheLimitsOfASingleRegion(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "b" && numberOf(i.Order.Address) < 2 {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		c := w.config(buys(50, "a", "b"))
		c.Rollout.FailureTolerance = order.Count(0)
		c.Rollout.Regions = []order.RegionRollout{{
			Region: "b", Limits: order.RegionLimits{Parallelism: 3, Rate: 10, FailureTolerance: order.Count(2), MaxInDoubt: 1},
		}}
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 98 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		if w.maxInFlight["b"] > 3 || w.maxInFlight["a"] < 20 {
			t.Errorf("calls in flight: %v", w.maxInFlight)
		}
		if took := time.Since(w.began); took < 4900*time.Millisecond || took > 5200*time.Millisecond {
			t.Errorf("50 calls at 10 a second took %v", took)
		}
	})
}
