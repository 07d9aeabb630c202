package apply

import (
	"context"
	"errors"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Buyer makes one createInstance call.
type Buyer interface {
	// Buy asks once for what the intent's order says, with the intent's marker at the end of its description. It
	// must not repeat the call by itself. Its error is a *CallError; any other error counts as in doubt.
	Buy(ctx context.Context, i order.Intent) (order.Purchase, error)
}

// A CallError says why a call bought nothing, or why nobody knows.
type CallError struct {
	Failure    order.Failure
	RetryAfter time.Duration // the pause that the API asked for; 0: it named none
	Exhausted  bool          // with order.ClassRejected: a quota of the region is used up, so all of its orders would fail
}

func (e *CallError) Error() string { return e.Failure.Class.String() + ": " + e.Failure.Message }

// asCallError keeps what err knows. An error of another kind proves nothing, so it is in doubt.
func asCallError(err error) *CallError {
	var call *CallError
	if errors.As(err, &call) {
		return call
	}
	return &CallError{Failure: order.Failure{Class: order.ClassInDoubt, Message: err.Error()}}
}

// A Journal makes a run's intents and outcomes durable.
type Journal interface {
	// Begin returns when the intent is durable; after an error nothing may be sent. It gives up on ctx only while
	// nothing is written, and then returns ctx's error.
	Begin(ctx context.Context, i order.Intent) error
	// Finish returns when the outcome is durable. After a Begin that failed for another reason than ctx it may be
	// given an outcome whose intent the journal never kept.
	Finish(o order.Outcome) error
	// Err is why nothing can be made durable any more, as soon as that is known, which may be before Begin or Finish
	// return it; nil as long as all is well. No call begins after it.
	Err() error
}
