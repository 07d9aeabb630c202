package apply

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// part is a region's part of a wave.
type part struct {
	*region
	orders []int // of Config.Buys, in their sequence

	counting sync.Mutex
	failed   int
}

// run starts the part's orders in their sequence and returns when all have ended. Orders that wait for a pause to pass
// or for their outcome to be recorded make way for others, up to a bound. What became of each is in its entry.
//
// An order gets its place ahead before the next is started: if they competed for it, they would come in any sequence.
func (p *part) run() {
	var orders errgroup.Group
	orders.SetLimit(2 * (p.limits.Parallelism + p.ahead))
	for _, i := range p.orders {
		placed := make(chan struct{})
		orders.Go(func() error {
			called, err := p.stepAhead()
			close(placed)
			if err != nil {
				p.skip(&p.entries[i])
				return nil
			}
			p.buy(p.Buys[i], &p.entries[i], called)
			return nil
		})
		<-placed
	}
	_ = orders.Wait() // orders report through their entries and through abort
}

// countFailure stops the region once more of its orders in this wave failed than it tolerates, and the run once more of
// all its orders did.
func (p *part) countFailure() {
	p.tolerateFailure(int(p.failedInRun.Add(1)))
	p.counting.Lock()
	defer p.counting.Unlock()
	p.failed++
	tolerance := p.limits.FailureTolerance
	if p.failed > tolerance.Of(len(p.orders)) {
		p.stopRegion(tooMany(p.failed, len(p.orders), "failure_tolerance", tolerance))
	}
}
