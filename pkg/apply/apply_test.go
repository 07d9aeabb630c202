package apply_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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

// Where others get through, an order whose calls are all throttled is given up.
func TestThrottlesOfOneOrderAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if ofFirst(i.Order.Address) {
				return fail(order.ClassThrottled, "not this one")
			}
			return nil
		}
		c := w.config(buys(10_000, "a"))
		c.Rollout.RatePerRegion = 50
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 9_999 || result.Entries[0].End != apply.EndFailed {
			t.Errorf("%d bought, the first ended %s, %v", result.Count(apply.EndBought), result.Entries[0].End, err)
		}
		if extra := len(w.calls) - 9_999; extra != apply.DefaultRetry().Attempts {
			t.Errorf("it was called %d times", extra)
		}
	})
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

func TestADrainFinishesTheCallsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		var calledBefore int
		go func() {
			time.Sleep(120 * time.Millisecond)
			w.mu.Lock()
			calledBefore = len(w.calls)
			w.mu.Unlock()
			cancel()
		}()
		result, err := apply.Run(ctx, w.config(buys(500, "a", "b")))
		if err != nil || !result.Interrupted {
			t.Fatalf("interrupted %t, %v", result.Interrupted, err)
		}
		if len(w.calls) != calledBefore || result.Count(apply.EndBought) != calledBefore {
			t.Errorf("%d calls before the drain, %d in all, %d bought", calledBefore, len(w.calls), result.Count(apply.EndBought))
		}
		for address, r := range w.records {
			if r.Status() == order.StatusInDoubt {
				t.Errorf("%s is left in doubt", address)
			}
		}
		if n := len(eventsOf[apply.Skipped](w)); n != 1000-calledBefore {
			t.Errorf("%d orders reported as skipped, want %d", n, 1000-calledBefore)
		}
		if d := eventsOf[apply.Draining](w); len(d) != 1 || d[0].InFlight != 32 || !d[0].Interrupted {
			t.Errorf("announced %+v", d)
		}
	})
}

func TestADrainEndsAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error {
			return &apply.CallError{Failure: order.Failure{Class: order.ClassThrottled}, RetryAfter: time.Minute}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		result, err := apply.Run(ctx, w.config(buys(3, "a")))
		if err != nil || result.Count(apply.EndSkipped) != 3 || time.Since(start) > 2*time.Second {
			t.Errorf("%d skipped after %v, %v", result.Count(apply.EndSkipped), time.Since(start), err)
		}
	})
}

func TestNothingIsCalledUnderACancelledContext(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		result, err := apply.Run(ctx, w.config(buys(3, "a")))
		if err != nil || len(w.calls) != 0 || len(w.records) != 0 || result.Count(apply.EndSkipped) != 3 {
			t.Errorf("%d calls, %d records, %d skipped, %v", len(w.calls), len(w.records), result.Count(apply.EndSkipped), err)
		}
	})
}

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

func TestNothingIsSentWhenTheIntentIsNotDurable(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.beginErr = func(order.Intent) error { return errDisk }
		result, err := apply.Run(t.Context(), w.config(buys(100, "a")))
		if !errors.Is(err, apply.ErrJournal) || !errors.Is(err, errDisk) {
			t.Errorf("stopped by %v", err)
		}
		if len(w.calls) != 0 {
			t.Errorf("%d calls without a durable intent", len(w.calls))
		}
		// The journal may have kept what it could not acknowledge, and the next run then finds it in doubt.
		for _, e := range result.Entries {
			if want := w.notBegun[e.Address]; want != (e.End == apply.EndInDoubt) {
				t.Errorf("%s ended %s; its intent failed: %t", e.Address, e.End, want)
			}
			if e.End == apply.EndInDoubt && (e.Failure.Class != order.ClassCancelled || !strings.Contains(e.Failure.Message, errDisk.Error())) {
				t.Errorf("%s: %+v does not say that no call was made, and why that is not recorded", e.Address, e.Failure)
			}
		}
	})
}

// What the API said is not forgotten because it could not be recorded.
func TestARefusalThatCantBeRecordedIsHeldAndNotCalledAgain(t *testing.T) {
	for _, class := range []order.Class{order.ClassRejected, order.ClassThrottled, order.ClassInDoubt} {
		inBubble(t, func(t *testing.T, w *world) {
			w.answer = func(order.Intent) error { return fail(class, "sold out") }
			w.finishErr = func(order.Outcome) error { return errDisk }
			result, err := apply.Run(t.Context(), w.config(buys(1, "a")))
			e := result.Entries[0]
			if !errors.Is(err, apply.ErrJournal) || len(w.calls) != 1 || e.End != apply.EndInDoubt || e.Failure.Class != class {
				t.Errorf("%s: %d calls, ended %s with %+v, %v", class, len(w.calls), e.End, e.Failure, err)
			}
			for _, part := range []string{"sold out", errDisk.Error()} {
				if !strings.Contains(e.Failure.Message, part) {
					t.Errorf("%s: %q lacks %q", class, e.Failure.Message, part)
				}
			}
		})
	}
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

// A drain announces as many calls in flight as ends are told of after it.
func TestWhatADrainAnnouncesIsWhatComes(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassDenied, "no such key") }
		c := w.config(buys(100, "a"))
		c.Rollout.Parallelism = 3
		if _, err := apply.Run(t.Context(), c); !errors.Is(err, apply.ErrDenied) {
			t.Fatal(err)
		}
		announced, told := -1, 0
		for _, e := range w.events {
			switch e := e.(type) {
			case apply.Draining:
				announced, told = e.InFlight, 0
				if e.Interrupted {
					t.Error("it blames the operator")
				}
			case apply.Failed:
				told++
			}
		}
		if announced < 1 || announced != told {
			t.Errorf("%d calls announced in flight, %d told of", announced, told)
		}
	})
}

func TestAPurchaseThatCantBeRecordedIsToldAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.finishErr = func(order.Outcome) error { return errDisk }
		c := w.config(buys(100, "a"))
		c.Rollout.Parallelism = 4
		result, err := apply.Run(t.Context(), c)
		if !errors.Is(err, apply.ErrJournal) {
			t.Errorf("stopped by %v", err)
		}
		told := map[string]bool{}
		for _, e := range eventsOf[apply.NotRecorded](w) {
			told[e.Outcome.Purchase.BuyID] = true
		}
		for address := range w.sold {
			if !told["buy-"+address.String()+"-1"] {
				t.Errorf("%s was bought, and nobody was told its buyId", address)
			}
		}
		if n := len(w.calls); n > 8 {
			t.Errorf("%d calls, though outcomes could not be recorded", n)
		}
		if result.Count(apply.EndBought) != 0 || len(eventsOf[apply.Bought](w)) != 0 {
			t.Error("an order counts as bought though its outcome is not durable")
		}
		for _, e := range result.Entries {
			if w.sold[e.Address] > 0 && (e.End != apply.EndInDoubt || e.Purchase.BuyID == "") {
				t.Errorf("%s ended %s, and its buyId is %q in the result", e.Address, e.End, e.Purchase.BuyID)
			}
		}
	})
}

// An intent that is durable is no leave to call when the journal fails while its order waits for its turn.
func TestNoCallBeginsOnceTheJournalFails(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error {
			w.journalErr = errDisk // known at once; the outcome's caller waits for the other file
			return nil
		}
		w.finishErr = func(order.Outcome) error { return errDisk }
		w.commitTime = time.Second
		c := w.config(buys(4, "a"))
		c.Rollout.Parallelism = 1
		if _, err := apply.Run(t.Context(), c); !errors.Is(err, apply.ErrJournal) {
			t.Errorf("stopped by %v", err)
		}
		if len(w.calls) != 1 {
			t.Errorf("%d calls were made", len(w.calls))
		}
	})
}

func TestAJournalFailureDuringADrainIsReported(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		w.answer = func(order.Intent) error { cancel(); return nil }
		w.finishErr = func(order.Outcome) error { return errDisk }
		if _, err := apply.Run(ctx, w.config(buys(1, "a"))); !errors.Is(err, apply.ErrJournal) {
			t.Errorf("stopped by %v", err)
		}
	})
}

// A journal that fails for a reason of its own while the run drains is not taken for the drain.
func TestAnIntentThatFailsDuringADrainIsReported(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		w.beginErr = func(order.Intent) error { cancel(); return errDisk }
		if _, err := apply.Run(ctx, w.config(buys(1, "a"))); !errors.Is(err, apply.ErrJournal) || !errors.Is(err, errDisk) {
			t.Errorf("stopped by %v", err)
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
