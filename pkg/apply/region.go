package apply

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// region works one region's orders off.
type region struct {
	*engine
	name    string
	limits  order.RegionLimits
	buys    []plan.Buy
	entries []Entry

	draining context.Context // done: no further call begins here; covers the run's
	close    context.CancelFunc

	ahead int                 // intents of this region that may be durable before their call can begin
	early *semaphore.Weighted // limits them to ahead
	own   chan struct{}       // holds one of them; the others take a place in the run's shared ones
	pace  *pace               // how fast it is called

	mu      sync.Mutex
	failed  int
	inDoubt int
}

func newRegion(e *engine, name string, buys []plan.Buy, entries []Entry) *region {
	r := &region{engine: e, name: name, limits: e.Rollout.In(name), buys: buys, entries: entries}
	r.draining, r.close = context.WithCancel(e.draining)
	r.ahead = lookahead(r.limits.Parallelism, r.limits.Rate)
	r.early = semaphore.NewWeighted(int64(r.ahead))
	r.own = make(chan struct{}, 1)
	r.pace = newPace(name, r.limits, e.Retry, e.emit)
	return r
}

// run starts the region's orders in their sequence and returns when all have ended. Orders that wait for a pause to
// pass or for their outcome to be recorded make way for others, up to a bound. What became of each is in its entry, so
// there is no error.
//
// An order gets its place ahead before the next is started: if they competed for it, they would come in any sequence.
func (r *region) run() error {
	defer r.close()
	defer r.pace.close()
	var orders errgroup.Group
	orders.SetLimit(2 * (r.limits.Parallelism + r.ahead))
	for i := range r.buys {
		placed := make(chan struct{})
		orders.Go(func() error {
			called, err := r.stepAhead()
			close(placed)
			if err != nil {
				r.skip(&r.entries[i])
				return nil
			}
			r.buy(r.buys[i], &r.entries[i], called)
			return nil
		})
		<-placed
	}
	return orders.Wait()
}

// countFailure closes the region once more of its orders failed than it tolerates.
func (r *region) countFailure() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	tolerated := r.Rollout.FailureTolerance.Of(len(r.buys))
	if r.failed == tolerated+1 {
		r.stopRegion(fmt.Sprintf("%d of %d orders failed; failure_tolerance = %q allows %d",
			r.failed, len(r.buys), r.Rollout.FailureTolerance, tolerated))
	}
}

// countDoubt closes the region once the run has left as many of its orders in doubt as it may.
func (r *region) countDoubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inDoubt++
	if r.inDoubt == max(1, r.Rollout.MaxInDoubt) {
		orders := "orders"
		if r.inDoubt == 1 {
			orders = "order"
		}
		r.stopRegion(fmt.Sprintf("%d %s in doubt; max_in_doubt = %d", r.inDoubt, orders, r.Rollout.MaxInDoubt))
	}
}

func (r *region) stopRegion(reason string) {
	if r.draining.Err() != nil {
		return
	}
	r.close()
	r.emit(RegionStopped{Region: r.name, Reason: reason, At: time.Now()})
}
