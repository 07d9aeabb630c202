package rehearse_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/rehearse"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// What a journal keeps is told as if the rehearsal had begun when it was asked for, in the sequence in which it came.
func TestTheJournalMovesTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := rehearse.NewJournal(began)
		a := order.Address{Name: "gw", Key: order.IndexKey(0)}
		time.Sleep(time.Hour)
		if err := j.Begin(t.Context(), order.Intent{Order: order.Order{Address: a}, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		j.Note(state.Note{Kind: state.NoteRetrying, Address: a.String(), At: time.Now()})
		j.Note(state.Note{Kind: state.NoteBaking, At: time.Now(), Until: time.Now().Add(time.Minute)})
		time.Sleep(time.Hour)
		if err := j.Finish(order.Outcome{Address: a, At: time.Now(), Purchase: order.Purchase{At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
		j.Close(state.RunSummary{Ended: time.Now()})

		var at []time.Time
		var last uint64
		for e, err := range j.Entries() {
			if err != nil || e.Seq <= last {
				t.Errorf("entry %d after %d: %v", e.Seq, last, err)
			}
			last = e.Seq
			at = append(at, e.At)
			switch {
			case e.Intent != nil:
				at = append(at, e.Intent.At)
			case e.Outcome != nil:
				at = append(at, e.Outcome.At, e.Outcome.Purchase.At)
			case e.Ended != nil:
				at = append(at, e.Ended.Ended)
			case e.Note.Kind == state.NoteBaking:
				at = append(at, e.Note.Until.Add(-time.Minute))
			case e.Address != a:
				t.Errorf("the note is of %s", e.Address)
			}
		}
		if len(at) != 10 {
			t.Fatalf("%d times", len(at))
		}
		for n, got := range at {
			want := began.Add(time.Hour)
			if n > 4 {
				want = began.Add(2 * time.Hour)
			}
			if !got.Equal(want) {
				t.Errorf("time %d is %v, want %v", n, got, want)
			}
		}
	})
}

func TestNoIntentIsKeptOfARunThatDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		j := rehearse.NewJournal(began)
		if err := j.Begin(ctx, order.Intent{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		for range j.Entries() {
			t.Error("something is kept")
		}
	})
}
