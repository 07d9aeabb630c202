package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// PageSize is how many instances a page of a listing has, all but the last.
const PageSize = 100

const (
	maxInstances = 100_000 // that a region's listing may have; a larger total is no total
	maxListings  = 4       // of a region: the first, and three more while pages disagree
)

// The bounds of the calls for one page or one source.
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

// A Lister reads what a region has. A call that failed and may be made again gives a *[PassingError]. Its methods may be
// called by several goroutines at once.
type Lister interface {
	// List returns a page of the region's instances, oldest first, and how many the whole listing has. Pages count
	// from 1 and have PageSize instances, the last one what is left.
	List(ctx context.Context, region string, page int) (instances []Instance, total int, err error)
	// Find returns the instance that a source became. Found is false while the API shows none.
	Find(ctx context.Context, region, sourceID string) (i Instance, found bool, err error)
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

// A listing is a region's listing as it is read.
type listing struct {
	lister Lister
	region string
	keep   func(Instance) bool // which instances are returned
	steps  *steps
}

// marked tells whether the instance's description ends in a marker.
func marked(i Instance) bool { return order.FindMarker(i.Desc) != "" }

// read returns the region's instances that are to be kept. While instances come or go, pages shift and one may be
// passed over: then it begins anew.
func (l listing) read(ctx context.Context) (kept []Instance, err error) {
	for range maxListings {
		kept, err = l.readOnce(ctx)
		if !errors.Is(err, ErrDisagree) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// readOnce reads the pages of the region once. How many there are to read is fixed by the first one, so that a listing
// whose pages never add up to what it promised ends all the same.
func (l listing) readOnce(ctx context.Context) (kept []Instance, err error) {
	seen := map[string]bool{}
	for page, total := 1, 0; page <= max(1, pagesOf(total)); page++ {
		l.steps.page(l.region, page, pagesOf(total))
		instances, n, err := l.page(ctx, page)
		if err != nil {
			return nil, err
		}
		if page == 1 {
			total = n
		}
		if err := fits(page, instances, n, total); err != nil {
			return nil, err
		}
		for _, i := range instances {
			if i.BID != "" && seen[i.BID] {
				return nil, fmt.Errorf("%w: page %d shows %q again", ErrDisagree, page, i.BID)
			}
			seen[i.BID] = true
			if l.keep(i) {
				kept = append(kept, i)
			}
		}
	}
	return kept, nil
}

// pagesOf is how many pages a listing of so many instances has.
func pagesOf(instances int) int { return (instances + PageSize - 1) / PageSize }

// fits returns why a page that counts n instances is none of a listing that had total on its first page, or nil.
func fits(page int, instances []Instance, n, total int) error {
	left := total - (page-1)*PageSize
	switch {
	case n < 0 || n > maxInstances:
		return fmt.Errorf("the listing says that it has %d instances; at most %d are read", n, maxInstances)
	case n != total:
		return fmt.Errorf("%w: page %d counts %d instances, page 1 counted %d", ErrDisagree, page, n, total)
	case len(instances) != min(left, PageSize):
		return fmt.Errorf("%w: page %d has %d instances of the %d that are left", ErrDisagree, page, len(instances), left)
	}
	for _, i := range instances {
		if len(i.BID) > order.MaxTextLength {
			return fmt.Errorf("page %d shows a bid of %d bytes; at most %d are kept", page, len(i.BID), order.MaxTextLength)
		}
	}
	return nil
}

// atOnce bounds how many regions are listed, or sources looked up, at one time.
const atOnce = 8

// sideBySide calls do with 0 to n-1, as many at a time as may be, and returns when all calls have. One that fails ends
// no other: what each finds is of use alone.
func sideBySide(n int, do func(int)) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = group.Wait()
}

// page reads a page, again where that may help.
func (l listing) page(ctx context.Context, page int) (instances []Instance, total int, err error) {
	err = patiently(ctx, func() (err error) {
		instances, total, err = l.lister.List(ctx, l.region, page)
		return err
	})
	return instances, total, err
}

// patiently makes a call that only reads, again where that may help.
func patiently(ctx context.Context, call func() error) error {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, maxPause
	for tried := 1; ; tried++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := call()
		passing, again := errors.AsType[*PassingError](err)
		if !again || tried == maxTries {
			return err
		}
		pause := max(pauses.NextBackOff(), min(passing.RetryAfter, maxRetryAfter))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
