package apply

import (
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Retry bounds how often and how soon a call is made again. Only calls that bought nothing for certain are.
type Retry struct {
	Attempts      int           // calls an order, the first included; throttled ones count while others get through
	Unreached     int           // calls an order while no call of the run has got through
	Initial       time.Duration // the first pause, which grows by half as much again, plus or minus half at random
	Max           time.Duration // the longest pause of our own choosing
	MaxRetryAfter time.Duration // the longest pause of the API's choosing
	Storm         time.Duration // how long a region's calls may all be throttled before it stops
}

// DefaultRetry gives an order about two minutes, three seconds when the endpoint never answered, and half an hour where
// all of its region's calls are throttled.
func DefaultRetry() Retry {
	return Retry{
		Attempts:      10,
		Unreached:     3,
		Initial:       time.Second,
		Max:           30 * time.Second,
		MaxRetryAfter: 5 * time.Minute,
		Storm:         30 * time.Minute,
	}
}

// pauses returns the sequence of pauses between the calls for one order.
func (r Retry) pauses() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = r.Initial
	b.MaxInterval = r.Max
	return b
}

// tries are the calls for one order.
type tries struct {
	*region
	pauses   *backoff.ExponentialBackOff // nil before the first one: few orders need any
	counted  int                         // towards Retry.Attempts
	admitted int                         // calls of the region that were not throttled, when the last one for the order was
}

func (r *region) newTries() tries { return tries{region: r, admitted: -1} }

// again tells whether the order's call may be made again after it failed so. In a storm, in which no call of the region gets
// through, a throttle says nothing about the order and does not count: the region stops where that lasts too long.
func (t *tries) again(class order.Class) bool {
	admitted, storm := t.pace.progress()
	if class != order.ClassThrottled || admitted != t.admitted {
		t.counted++
	}
	t.admitted = admitted
	switch class {
	case order.ClassNotSent:
		return t.counted < t.Retry.Attempts && (t.reached.Load() || t.counted < t.Retry.Unreached)
	case order.ClassThrottled:
		if storm >= t.Retry.Storm {
			t.stopRegion(fmt.Sprintf("every call has been throttled for %s", order.Span(t.Retry.Storm)))
		}
		return t.counted < t.Retry.Attempts
	default:
		return false
	}
}

// delay says how long the order waits before its next call: as long as it is its turn to, and at least until the region may
// be called again.
func (t *tries) delay(class order.Class) time.Duration {
	if t.pauses == nil {
		t.pauses = t.Retry.pauses()
	}
	own := t.pauses.NextBackOff()
	if class == order.ClassThrottled {
		return max(own, t.pace.gate.left(time.Now()))
	}
	return own
}
