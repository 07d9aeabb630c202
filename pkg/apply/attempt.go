package apply

import (
	"errors"
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// errSkipped says that an attempt made no call, and left nothing behind.
var errSkipped = errors.New("the region drains: no call was made")

// unrecorded says that what an attempt came to is not durable. Whatever is known of it here, the state may hold the
// order in doubt.
type unrecorded struct {
	failure order.Failure // zero after a purchase
	cause   error
}

func (u *unrecorded) Error() string { return "the outcome could not be recorded: " + u.cause.Error() }

// asFailure is what is known, and that it is known here alone.
func (u *unrecorded) asFailure() order.Failure {
	f := u.failure
	if f.Message != "" {
		f.Message += "; "
	}
	f.Message += u.Error()
	return f
}

// buy calls for one order until it is bought, given up, in doubt, or the region drains. It begins with a place ahead,
// which called gives back.
func (p *part) buy(b plan.Buy, entry *Entry, called func()) {
	tries := p.newTries()
	for attempt := b.Attempt; ; attempt++ {
		purchase, err := p.attempt(b.Order, attempt, called)
		if err == nil {
			entry.End, entry.Purchase = EndBought, purchase
			p.answered(Bought{Address: entry.Address, Region: p.name, Purchase: purchase, At: time.Now()})
			return
		}
		if errors.Is(err, errSkipped) {
			p.skip(entry)
			return
		}
		if lost, ok := errors.AsType[*unrecorded](err); ok {
			entry.Failure, entry.Purchase = lost.asFailure(), purchase
			p.hold(entry, attempt)
			return
		}
		call := asCallError(err)
		entry.Failure = call.Failure
		if !tries.again(call.Failure.Class) {
			p.giveUp(entry, attempt, call)
			return
		}
		delay := tries.delay(call.Failure.Class)
		p.answered(Retrying{Address: entry.Address, Region: p.name, Attempt: attempt, Failure: call.Failure, Delay: delay, At: time.Now()})
		if called, err = p.stepAheadAfter(delay); err != nil {
			p.skip(entry)
			return
		}
	}
}

// attempt makes one call under the journal's law; called gives its place ahead back. Its error is errSkipped where no
// call was made, or an *unrecorded, or says what the call came to.
func (r *region) attempt(o order.Order, attempt int, called func()) (order.Purchase, error) {
	intent := r.intent(o, attempt)
	if err := r.Journal.Begin(r.draining, intent); err != nil {
		called()
		return order.Purchase{}, r.notBegun(intent, err)
	}
	failpoint.Here("intent-durable")
	t, err := r.takeTurn()
	if err != nil {
		defer called() // not before: until it is closed, the intent is one that is ahead of its call
		return order.Purchase{}, r.cancelled(intent)
	}
	called()
	r.emit(Calling{Address: o.Address, Region: r.name, Attempt: attempt, At: time.Now()})
	failpoint.Here("call-due")
	began := time.Now()
	purchase, err := r.Buyer.Buy(r.calling, intent)
	took := time.Since(began)
	failpoint.Here("call-returned")
	r.endTurn(t, err, took)
	return r.record(intent, purchase, err, took)
}

func (r *region) intent(o order.Order, attempt int) order.Intent {
	i := order.Intent{Run: r.Run, Attempt: attempt, Order: o, At: time.Now()}
	if !r.Rollout.NoMarker {
		i.Marker = order.NewMarker(r.Fleet, r.Lineage, o.Address, attempt)
	}
	return i
}

// notBegun tells a drain, which leaves nothing behind, from a journal that failed, which ends the run. Such a journal
// may have kept the intent all the same, so it is asked to close it. Whether it could, only the next start sees.
func (r *region) notBegun(i order.Intent, err error) error {
	if r.draining.Err() != nil && errors.Is(err, r.draining.Err()) {
		return errSkipped
	}
	r.abort(fmt.Errorf("%w: %w", ErrJournal, err))
	o := order.Outcome{
		Run: r.Run, Address: i.Order.Address, Attempt: i.Attempt, At: time.Now(),
		Result: order.ResultNotBought, Failure: neverCalled,
	}
	_ = r.Journal.Finish(o) // the error that counts is Begin's
	return &unrecorded{neverCalled, err}
}

var neverCalled = order.Failure{Class: order.ClassCancelled, Message: "the run ended before the call was made"}

// cancelled closes an intent whose call was never made.
func (r *region) cancelled(i order.Intent) error {
	_, err := r.record(i, order.Purchase{}, &CallError{Failure: neverCalled}, 0)
	if _, ok := errors.AsType[*unrecorded](err); ok {
		return err
	}
	return errSkipped
}

// record makes the outcome durable before anybody hears of it. Where that fails the purchase is returned with the
// error, and the run stops: it could not keep what else it buys.
func (r *region) record(i order.Intent, p order.Purchase, callErr error, took time.Duration) (order.Purchase, error) {
	o := order.Outcome{Run: r.Run, Address: i.Order.Address, Attempt: i.Attempt, At: time.Now(), Took: took}
	if callErr != nil {
		o.Failure = asCallError(callErr).Failure
		o.Result = o.Failure.Class.Result()
	} else {
		o.Result = order.ResultBought
		p.Attempt, p.Run, p.Marker, p.At = i.Attempt, i.Run, i.Marker, o.At
		p.Quantity = i.Order.Quantity
		p.Unpaid = !i.Order.Charge.AutoPay
		o.Purchase = p
	}
	if c := o.Failure.Class; c != order.ClassNotSent && c != order.ClassCancelled {
		r.reached.Store(true)
	}
	failpoint.Here("outcome-due")
	if err := r.Journal.Finish(o); err != nil {
		r.emit(NotRecorded{Outcome: o, Region: r.name, Err: err, At: time.Now()})
		r.abort(fmt.Errorf("%w: %w", ErrJournal, err))
		return p, &unrecorded{o.Failure, err}
	}
	failpoint.Here("outcome-durable")
	return p, callErr
}

// giveUp ends an order that was not bought, or of which nobody knows.
func (p *part) giveUp(entry *Entry, attempt int, call *CallError) {
	f := entry.Failure
	if f.Class == order.ClassInDoubt {
		p.hold(entry, attempt)
		return
	}
	entry.End = EndFailed
	p.answered(Failed{Address: entry.Address, Region: p.name, Attempt: attempt, Failure: f, At: time.Now()})
	switch {
	case f.Class == order.ClassDenied:
		p.abort(fmt.Errorf("%w: %s", ErrDenied, f.Message))
	case f.Class == order.ClassNotSent && !p.reached.Load():
		p.abort(fmt.Errorf("%w: %s", ErrUnreachable, f.Message))
	case call.Exhausted:
		p.stopRegion(exhausted(f))
	}
	p.countFailure()
}

// hold ends an order that the state holds in doubt, or may hold so.
func (r *region) hold(entry *Entry, attempt int) {
	entry.End = EndInDoubt
	e := InDoubt{Address: entry.Address, Region: r.name, Attempt: attempt, Failure: entry.Failure, At: time.Now()}
	if e.Failure.Class == order.ClassCancelled {
		r.emit(e)
	} else {
		r.answered(e)
	}
	r.countDoubt()
}

func (e *engine) skip(entry *Entry) {
	e.emit(Skipped{Address: entry.Address, Region: entry.Region, Wave: e.Waves[entry.Wave].Name, At: time.Now()})
}
