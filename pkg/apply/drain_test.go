package apply_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

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
