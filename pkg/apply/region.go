package apply

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// region is what limits the calls in a region for as long as the run lasts. Waves come and go over it.
type region struct {
	*engine
	name   string
	limits order.RegionLimits
	total  RegionTotal // of the run

	draining context.Context // done: no further call begins here; covers the run's
	close    context.CancelFunc

	ahead int                 // intents of this region that may be durable before their call can begin
	early *semaphore.Weighted // limits them to ahead
	own   chan struct{}       // holds one of them; the others take a place in the run's shared ones
	pace  *pace               // how fast it is called

	mu      sync.Mutex
	inDoubt int
	stopped string // why it stopped; else empty
}

func newRegion(e *engine, name string) *region {
	r := &region{engine: e, name: name, limits: e.Rollout.In(name), total: RegionTotal{Region: name}}
	r.draining, r.close = context.WithCancel(e.draining)
	r.ahead = lookahead(r.limits.Parallelism, r.limits.Rate)
	r.early = semaphore.NewWeighted(int64(r.ahead))
	r.own = make(chan struct{}, 1)
	r.pace = newPace(name, r.limits, e.Retry, e.emit)
	return r
}

// end lets go of what the region holds, once nothing of the run is left to do in it.
func (r *region) end() {
	r.close()
	r.pace.close()
}

// countDoubt stops the region once the run has left as many of its orders in doubt as it may.
func (r *region) countDoubt() {
	r.mu.Lock()
	r.inDoubt++
	n := r.inDoubt
	r.mu.Unlock()
	if n >= max(1, r.limits.MaxInDoubt) {
		r.stopRegion(fmt.Sprintf("%s in doubt; max_in_doubt = %d", counted(n), r.limits.MaxInDoubt))
	}
}

// stopRegion lets no further call begin in the region, in this wave or another. The first reason counts.
func (r *region) stopRegion(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining.Err() != nil {
		return
	}
	r.stopped = reason
	r.close()
	r.emit(RegionStopped{Region: r.name, Reason: reason, At: time.Now()})
}
