package apply

import (
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Retry bounds how often and how soon a call is made again. Only calls that bought nothing for certain are.
type Retry struct {
	Attempts      int           // calls an order, the first included
	Unreached     int           // calls an order while no call of the run has got through
	Initial       time.Duration // the first pause, which grows by half as much again, plus or minus half at random
	Max           time.Duration // the longest pause of our own choosing
	MaxRetryAfter time.Duration // the longest pause of the API's choosing
}

// DefaultRetry gives an order about two minutes, and three seconds when the endpoint never answered.
func DefaultRetry() Retry {
	return Retry{
		Attempts:      10,
		Unreached:     3,
		Initial:       time.Second,
		Max:           30 * time.Second,
		MaxRetryAfter: 5 * time.Minute,
	}
}

// pauses returns the sequence of pauses between the calls for one order.
func (r Retry) pauses() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = r.Initial
	b.MaxInterval = r.Max
	return b
}

// again tells whether an order's call may be made again after the given attempt failed so.
func (r Retry) again(class order.Class, tried int, reached bool) bool {
	switch class {
	case order.ClassNotSent:
		return tried < r.Attempts && (reached || tried < r.Unreached)
	case order.ClassThrottled:
		return tried < r.Attempts
	default:
		return false
	}
}
