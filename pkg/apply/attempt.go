package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Why an attempt ended without an answer of the API.
var (
	errSkipped     = errors.New("the region drains: no call was made")
	errNotRecorded = errors.New("the outcome is not durable")
)

// buy calls for one order until it is bought, given up, in doubt, or the region drains.
func (r *region) buy(b plan.Buy, entry *Entry) {
	pauses := r.Retry.pauses()
	for tried := 1; ; tried++ {
		attempt := b.Attempt + tried - 1
		purchase, err := r.attempt(b.Order, attempt)
		if err == nil {
			entry.End, entry.Purchase = EndBought, purchase
			r.emit(Bought{Address: entry.Address, Region: r.name, Purchase: purchase, At: time.Now()})
			return
		}
		if errors.Is(err, errSkipped) {
			r.skip(entry)
			return
		}
		call := asCallError(err)
		entry.Failure, entry.Purchase = call.Failure, purchase
		if !r.Retry.again(call.Failure.Class, tried, r.reached.Load()) {
			r.giveUp(entry, attempt)
			return
		}
		delay := r.delay(call, pauses.NextBackOff())
		r.emit(Retrying{Address: entry.Address, Region: r.name, Attempt: attempt, Failure: call.Failure, Delay: delay, At: time.Now()})
		if pause(r.draining, delay) != nil {
			r.skip(entry)
			return
		}
	}
}

// attempt makes one call under the journal's law. Its error is errSkipped where no call was made, or wraps
// errNotRecorded, or says what the call came to.
func (r *region) attempt(o order.Order, attempt int) (order.Purchase, error) {
	called, err := r.stepAhead()
	if err != nil {
		return order.Purchase{}, errSkipped
	}
	intent := r.intent(o, attempt)
	if err := r.Journal.Begin(r.draining, intent); err != nil {
		called()
		return order.Purchase{}, r.notBegun(err)
	}
	err = r.takeTurn()
	called()
	if err != nil {
		return order.Purchase{}, r.cancelled(intent)
	}
	r.emit(Calling{Address: o.Address, Region: r.name, Attempt: attempt, At: time.Now()})
	// The call outlives a drain: giving up on it would turn what it buys into a doubt.
	purchase, err := r.Buyer.Buy(context.WithoutCancel(r.draining), intent)
	r.endTurn()
	return r.record(intent, purchase, err)
}

func (r *region) intent(o order.Order, attempt int) order.Intent {
	i := order.Intent{Run: r.Run, Attempt: attempt, Order: o, At: time.Now()}
	if !r.Rollout.NoMarker {
		i.Marker = order.NewMarker(r.Fleet, r.Lineage, o.Address, attempt)
	}
	return i
}

// notBegun tells a drain, which leaves nothing behind, from a journal that failed, which ends the run.
func (r *region) notBegun(err error) error {
	if r.draining.Err() == nil || !errors.Is(err, r.draining.Err()) {
		r.abort(fmt.Errorf("%w: %w", ErrJournal, err))
	}
	return errSkipped
}

// cancelled closes an intent whose call was never made.
func (r *region) cancelled(i order.Intent) error {
	_, err := r.record(i, order.Purchase{}, &CallError{Failure: order.Failure{
		Class: order.ClassCancelled, Message: "the run ended before the call was made",
	}})
	if errors.Is(err, errNotRecorded) {
		return err
	}
	return errSkipped
}

// record makes the outcome durable before anybody hears of it. Where that fails the purchase is returned with the
// error, and the run stops: it could not keep what else it buys.
func (r *region) record(i order.Intent, p order.Purchase, callErr error) (order.Purchase, error) {
	o := order.Outcome{Run: r.Run, Address: i.Order.Address, Attempt: i.Attempt, At: time.Now()}
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
	if err := r.Journal.Finish(o); err != nil {
		r.emit(NotRecorded{Outcome: o, Region: r.name, Err: err, At: time.Now()})
		r.abort(fmt.Errorf("%w: %w", ErrJournal, err))
		return p, fmt.Errorf("%w: %w", errNotRecorded, err)
	}
	return p, callErr
}

// giveUp ends an order that was not bought, or of which nobody knows.
func (r *region) giveUp(entry *Entry, attempt int) {
	f := entry.Failure
	switch f.Class {
	case order.ClassInDoubt:
		entry.End = EndInDoubt
		r.emit(InDoubt{Address: entry.Address, Region: r.name, Attempt: attempt, Failure: f, At: time.Now()})
		r.countDoubt()
		return
	case order.ClassDenied:
		r.abort(fmt.Errorf("%w: %s", ErrDenied, f.Message))
	case order.ClassNotSent:
		if !r.reached.Load() {
			r.abort(fmt.Errorf("%w: %s", ErrUnreachable, f.Message))
		}
	}
	entry.End = EndFailed
	r.emit(Failed{Address: entry.Address, Region: r.name, Attempt: attempt, Failure: f, At: time.Now()})
	r.countFailure()
}

func (r *region) skip(entry *Entry) {
	r.emit(Skipped{Address: entry.Address, Region: r.name, At: time.Now()})
}

// delay says how long an order waits before its next call. A throttle holds the whole region back: its other calls
// would meet the same answer.
func (r *region) delay(call *CallError, own time.Duration) time.Duration {
	if call.Failure.Class != order.ClassThrottled {
		return own
	}
	d := max(own, min(call.RetryAfter, r.Retry.MaxRetryAfter))
	r.gate.hold(d)
	return d
}
