package apply_test

import (
	"errors"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// ofFirst tells orders of a region apart: the first one's calls are answered before those of the others.
func ofFirst(a order.Address) bool { return a.Key == order.IndexKey(0) }

func (w *world) answerFirstSooner() {
	answer := w.answer
	w.answer = func(i order.Intent) error {
		if !ofFirst(i.Order.Address) {
			w.mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			w.mu.Lock()
		}
		return answer(i)
	}
}

// A short pause that is asked for later does not end the long one.
func TestTheLongerPauseCounts(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = func(i order.Intent) error {
			if i.Attempt > 1 {
				return nil
			}
			pause := 5 * time.Second
			if ofFirst(i.Order.Address) {
				pause = 40 * time.Second
			}
			return &apply.CallError{Failure: order.Failure{Class: order.ClassThrottled}, RetryAfter: pause}
		}
		w.answerFirstSooner()
		if result, err := apply.Run(t.Context(), w.config(buys(2, "a"))); err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		if len(w.calls) != 4 {
			t.Fatalf("%d calls", len(w.calls))
		}
		for _, c := range w.calls[2:] {
			if at := c.at.Sub(start); at < 40*time.Second {
				t.Errorf("%s was called after %v, within the first pause", c.intent.Order.Address, at)
			}
		}
	})
}

// What stops a run is its cause, not what the calls in flight came to afterwards.
func TestTheFirstReasonToStopCounts(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	inBubble(t, func(t *testing.T, w *world) {
		w.finishErr = func(o order.Outcome) error {
			if ofFirst(o.Address) {
				return first
			}
			return second
		}
		w.answerFirstSooner()
		if _, err := apply.Run(t.Context(), w.config(buys(2, "a"))); !errors.Is(err, first) || errors.Is(err, second) {
			t.Errorf("stopped by %v", err)
		}
	})
}
