package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// PageSize is how many instances a page of a listing has, all but the last.
const PageSize = 100

const (
	maxInstances = 100_000 // that a region's listing may have; a larger total is no total
	maxListings  = 4       // of a region: the first, and three more while pages disagree
)

// The bounds of a page's calls.
const (
	maxTries      = 5                // the first included
	firstPause    = time.Second      // grows by half as much again, plus or minus half at random
	maxPause      = 30 * time.Second // of our own choosing
	maxRetryAfter = 5 * time.Minute  // of the API's choosing
)

// An Instance is what a listing shows of one, as far as it is needed here. Its texts come from the API; all but Desc may
// be empty while the instance is being made (unknown).
type Instance struct {
	BID       string
	Desc      string // ends in the marker of the call that bought it, if that had one
	AZ        string
	VPCID     string
	SubnetID  string
	Spec      string
	Charge    order.Charge // Mode, Unit and Duration, which may not be values that an order can have (unknown)
	StartTime string       // form unknown
}

// A Lister reads listings. A call that failed and may be made again gives a *[PassingError].
type Lister interface {
	// List returns a page of the region's instances, oldest first, and how many the whole listing has. Pages count
	// from 1 and have PageSize instances, the last one what is left.
	List(ctx context.Context, region string, page int) (instances []Instance, total int, err error)
}

// A PassingError is why a call gave no page this time: a throttle, or the network.
type PassingError struct {
	Err        error
	RetryAfter time.Duration // how long the API asked to wait; 0: it did not say
}

// Error says what Err says.
func (e *PassingError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *PassingError) Unwrap() error { return e.Err }

// ErrDisagree says that the pages of a region's listing did not fit together, however often they were read. What they
// show may be incomplete, so nothing is concluded from it.
var ErrDisagree = errors.New("the pages of the listing don't fit together")

// list returns the instances of a region whose descriptions end in a marker. While instances come or go, pages shift
// and one may be passed over: then it begins anew.
func list(ctx context.Context, l Lister, region string) (marked []Instance, err error) {
	for range maxListings {
		marked, err = listOnce(ctx, l, region)
		if !errors.Is(err, ErrDisagree) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return marked, nil
}

// listOnce reads the pages of a region once.
func listOnce(ctx context.Context, l Lister, region string) (marked []Instance, err error) {
	seen := map[string]bool{}
	for page, left, total := 1, 1, 0; left > 0; page++ {
		instances, n, err := patiently(ctx, l, region, page)
		if err != nil {
			return nil, err
		}
		if page == 1 {
			total, left = n, n
		}
		switch {
		case n < 0 || n > maxInstances:
			return nil, fmt.Errorf("the listing says that it has %d instances; at most %d are read", n, maxInstances)
		case n != total:
			return nil, fmt.Errorf("%w: page %d counts %d instances, page 1 counted %d", ErrDisagree, page, n, total)
		case len(instances) != min(left, PageSize):
			return nil, fmt.Errorf("%w: page %d has %d instances of the %d that are left", ErrDisagree, page, len(instances), left)
		}
		for _, i := range instances {
			if len(i.BID) > order.MaxTextLength {
				return nil, fmt.Errorf("page %d shows a bid of %d bytes; at most %d are kept", page, len(i.BID), order.MaxTextLength)
			}
			if i.BID != "" && seen[i.BID] {
				return nil, fmt.Errorf("%w: page %d shows %q again", ErrDisagree, page, i.BID)
			}
			seen[i.BID] = true
			if order.FindMarker(i.Desc) != "" {
				marked = append(marked, i)
			}
		}
		left -= len(instances)
	}
	return marked, nil
}

// patiently reads a page, again where that may help.
func patiently(ctx context.Context, l Lister, region string, page int) ([]Instance, int, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, maxPause
	for tried := 1; ; tried++ {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		instances, total, err := l.List(ctx, region, page)
		passing, again := errors.AsType[*PassingError](err)
		if !again || tried == maxTries {
			return instances, total, err
		}
		pause := max(pauses.NextBackOff(), min(passing.RetryAfter, maxRetryAfter))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}
