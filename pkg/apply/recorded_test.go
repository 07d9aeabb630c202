package apply_test

import (
	"context"
	"errors"
	"strings"
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
