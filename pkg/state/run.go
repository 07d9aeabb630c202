package state

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Run is one apply's journal. Its methods may be called by many goroutines at once, and gain by it: what is
// waiting is written as one group.
type Run struct {
	id      string
	lineage string
	started time.Time
	writer  *writer

	mu     sync.RWMutex // held for reading while something is put into the queue
	closed bool
	queue  chan ticket
	done   chan struct{} // closed when the writer has written everything
}

// queueLength is how many entries wait without holding up their callers' next steps. It exceeds what a run can
// have in flight, so that only notes ever wait to be queued.
const queueLength = 2 * order.MaxParallelism

// A ticket is an entry on its way into the journal. One of its first five fields is set.
type ticket struct {
	intent  *order.Intent
	outcome *order.Outcome
	move    *order.Move
	removal *removal
	note    *Note
	at      time.Time  // of a move or removal; the others have their own
	durable chan error // gets one answer; nil for a note
}

type removal struct {
	address order.Address
	givenUp *order.Failure
}

func newRun(s *Store, id string, log logFile, held holding) *Run {
	r := &Run{
		id: id, lineage: s.content.head.Lineage, started: s.content.runs[id].Started,
		writer: newWriter(s, id, log, held),
		queue:  make(chan ticket, queueLength), done: make(chan struct{}),
	}
	go func() {
		defer close(r.done)
		r.writer.serve(r.queue)
	}()
	return r
}

// ID is the run's id.
func (r *Run) ID() string { return r.id }

// Lineage is the state's lineage, for markers.
func (r *Run) Lineage() string { return r.lineage }

// Begin returns when the intent is durable in the database and in the run log. On any error nothing may be sent.
// A ctx that ends before the intent was queued leaves nothing behind; one that ends later changes nothing.
func (r *Run) Begin(ctx context.Context, i order.Intent) error {
	if i.Run != r.id {
		return fmt.Errorf("%s: an intent of run %q in run %s", i.Order.Address, i.Run, r.id)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	i.At = canonical(i.At)
	return r.wait(ctx, ticket{intent: &i})
}

// Finish returns when the outcome is durable in the database and in the run log. On an error it may be in one of
// them, or in none: the caller must show what was bought.
func (r *Run) Finish(o order.Outcome) error {
	if o.Run != r.id {
		return fmt.Errorf("%s: an outcome of run %q in run %s", o.Address, o.Run, r.id)
	}
	o.At, o.Purchase.At = r.during(o.At), canonical(o.Purchase.At)
	if len(o.Purchase.SourceIDs) == 0 {
		o.Purchase.SourceIDs = nil
	}
	if len(o.Purchase.BIDs) == 0 {
		o.Purchase.BIDs = nil
	}
	o.Failure.Message, o.Took = clip(o.Failure.Message), max(0, o.Took)
	return r.wait(context.Background(), ticket{outcome: &o})
}

// Move returns when it is durable in the database and in the run log that what is recorded at m.From is recorded at m.To,
// with all that [order.Record.MoveTo] says of it. Both name one order, not whole blocks. An error leaves the records as
// they were, or is the journal's.
func (r *Run) Move(m order.Move, at time.Time) error {
	return r.wait(context.Background(), ticket{move: &m, at: r.during(at)})
}

// Remove returns when it is durable in both that the order at a is none of the fleet's any more: see [order.Record.Remove],
// for givenUp too, which is nil unless a doubt is to be given up.
func (r *Run) Remove(a order.Address, givenUp *order.Failure, at time.Time) error {
	return r.wait(context.Background(), ticket{removal: &removal{a, givenUp}, at: r.during(at)})
}

// during is at, and no moment before the run, be the clock set back or the run one that records what came late: a recovery
// tells by it which run changed a record.
func (r *Run) during(at time.Time) time.Time {
	if at = canonical(at); at.Before(r.started) {
		return r.started
	}
	return at
}

// Err returns why nothing can be made durable any more, as soon as it is known, which may be before Begin or Finish return
// it. No call may be made after it, even when its intent is durable.
func (r *Run) Err() error {
	if err := r.writer.failing.Load(); err != nil {
		return *err
	}
	return nil
}

// Note adds a line to the run log. It does not wait for the line to be durable, and tells no one if it never is.
func (r *Run) Note(n Note) {
	n = n.kept()
	_ = r.submit(context.Background(), ticket{note: &n})
}

// Close ends the run: its summary is durable in the database and in the run log. After a failed write it only
// closes the log, and returns the first error.
func (r *Run) Close(summary RunSummary) error {
	if !r.drain() {
		return ErrClosed
	}
	return r.writer.end(toDiskSummary(summary))
}

// abandon ends the run's writing without closing the run.
func (r *Run) abandon() error {
	if !r.drain() {
		return nil
	}
	return r.writer.log.Close()
}

// drain stops the queue and waits until everything in it is written. It returns false when that was done before.
func (r *Run) drain() bool {
	r.mu.Lock()
	closed := r.closed
	r.closed = true
	r.mu.Unlock()
	if closed {
		return false
	}
	close(r.queue)
	<-r.done
	return true
}

// wait queues t and returns its answer.
func (r *Run) wait(ctx context.Context, t ticket) error {
	t.durable = make(chan error, 1)
	if err := r.submit(ctx, t); err != nil {
		return err
	}
	return <-t.durable
}

// submit queues t. The writer takes from the queue until it is closed, so this never blocks for longer than a
// group takes.
func (r *Run) submit(ctx context.Context, t ticket) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return ErrClosed
	}
	select {
	case r.queue <- t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
