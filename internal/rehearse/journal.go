package rehearse

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A Journal keeps in memory what the run log of a real run would hold, with the times moved to where the rehearsal was asked
// for: virtual time begins long ago. It takes no time, which a real one hides behind the calls.
type Journal struct {
	shift time.Duration

	mu      sync.Mutex
	entries []state.Entry
}

var _ apply.Journal = (*Journal)(nil)

// NewJournal returns an empty one. It must be called in virtual time; now is the real one.
func NewJournal(now time.Time) *Journal { return &Journal{shift: time.Until(now)} }

// Begin keeps the intent.
func (j *Journal) Begin(ctx context.Context, i order.Intent) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	i.At = j.real(i.At)
	j.keep(state.Entry{At: i.At, Address: i.Order.Address, Intent: &i})
	return nil
}

// Finish keeps the outcome.
func (j *Journal) Finish(o order.Outcome) error {
	o.At = j.real(o.At)
	o.Purchase.At = j.real(o.Purchase.At)
	j.keep(state.Entry{At: o.At, Address: o.Address, Outcome: &o})
	return nil
}

// Err is nil: memory does not fail.
func (j *Journal) Err() error { return nil }

// Note keeps the note.
func (j *Journal) Note(n state.Note) {
	n.At, n.Until = j.real(n.At), j.real(n.Until)
	e := state.Entry{At: n.At, Note: &n}
	if n.Address != "" {
		e.Address, _ = order.ParseAddress(n.Address) // the engine's own
	}
	j.keep(e)
}

// Close keeps how the run ended.
func (j *Journal) Close(s state.RunSummary) {
	s.Ended = j.real(s.Ended)
	j.keep(state.Entry{At: s.Ended, Ended: &s})
}

// real is a moment of virtual time as if the rehearsal had begun when it was asked for.
func (j *Journal) real(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(j.shift)
}

func (j *Journal) keep(e state.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Seq = uint64(len(j.entries)) + 2
	j.entries = append(j.entries, e)
}

// Entries yields what was kept, as the run log of a real run would.
func (j *Journal) Entries() iter.Seq2[state.Entry, error] {
	return func(yield func(state.Entry, error) bool) {
		for _, e := range j.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
