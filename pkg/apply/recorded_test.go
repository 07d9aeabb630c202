package apply_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A closing journal keeps the outcomes that it was given.
type closing struct {
	*world
	given []order.Outcome
}

func (c *closing) Finish(o order.Outcome) error {
	c.given = append(c.given, o)
	return c.world.Finish(o)
}

// A journal that failed may have kept the intent all the same: the outcome that closes it is offered.
func TestAnIntentThatFailedIsClosed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.beginErr = func(order.Intent) error { return errDisk }
		c := w.config(buys(1, "a"))
		journal := &closing{world: w}
		c.Journal = journal
		if _, err := apply.Run(t.Context(), c); !errors.Is(err, apply.ErrJournal) {
			t.Fatal(err)
		}
		if len(journal.given) != 1 || journal.given[0].Result != order.ResultNotBought || journal.given[0].Attempt != 1 {
			t.Errorf("the intent was closed by %+v", journal.given)
		}
	})
}

func TestACancelledCallThatCantBeRecordedIsHeld(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.finishErr = func(o order.Outcome) error {
			if o.Failure.Class == order.ClassCancelled {
				return errDisk
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), w.callTime/2)
		defer cancel()
		c := w.config(buys(2, "a"))
		c.Rollout.Parallelism = 1 // the second order's intent waits for its turn
		result, err := apply.Run(ctx, c)
		if !errors.Is(err, apply.ErrJournal) || len(w.calls) != 1 {
			t.Fatalf("%d calls, %v", len(w.calls), err)
		}
		if e := result.Entries[1]; e.End != apply.EndInDoubt || e.Failure.Class != order.ClassCancelled {
			t.Errorf("ended %s with %+v", e.End, e.Failure)
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

func TestAPurchaseTellsWhichCallMadeIt(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(1, "a"))
		c.Buys[0].Attempt, c.Buys[0].Order.Charge.AutoPay = 3, false
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		a := c.Buys[0].Order.Address
		got := w.records[a].Purchases[0]
		want := order.Purchase{
			Attempt: 3, BuyID: "buy-" + a.String() + "-3", RequestID: "req", Quantity: 2, Run: "run-1",
			Marker: order.NewMarker("f", "l", a, 3), Unpaid: true, At: got.At,
		}
		if d := cmp.Diff(want, got, cmpopts.EquateComparable(order.Address{})); d != "" || got.At.IsZero() {
			t.Errorf("(-want +got):\n%s", d)
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
