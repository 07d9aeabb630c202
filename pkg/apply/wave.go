package apply

import (
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// wave is a wave of the run.
type wave struct {
	plan.Wave
	parts   []*part   // in the sequence in which regions come
	earlier []Earlier // what earlier runs of the campaign made of its orders
	begun   bool
}

// schedule cuts the sorted orders into waves, and those into regions.
func (e *engine) schedule() []*wave {
	waves := make([]*wave, len(e.Waves))
	for i, w := range e.Waves {
		waves[i] = &wave{Wave: w, earlier: earlierOf(w, e.Earlier)}
	}
	for i, b := range e.Buys {
		if n := len(e.regions); n == 0 || e.regions[n-1].name != b.Order.Region {
			e.regions = append(e.regions, newRegion(e, b.Order.Region))
		}
		r := e.regions[len(e.regions)-1]
		r.total.count(b)
		waves[b.Wave].add(r, i)
	}
	for _, w := range waves {
		slices.SortFunc(w.parts, func(a, b *part) int { return e.Rollout.CompareRegions(a.name, b.name) })
	}
	return waves
}

// earlierOf returns those of the campaign's orders that are the wave's.
func earlierOf(w plan.Wave, all []Earlier) []Earlier {
	among := func(addresses []order.Address, a order.Address) bool {
		_, found := slices.BinarySearchFunc(addresses, a, order.Address.Compare)
		return found
	}
	var own []Earlier
	for _, e := range all {
		if among(w.Bought, e.Address) || among(w.InDoubt, e.Address) {
			own = append(own, e)
		}
	}
	return own
}

// add takes the i-th order of the run in. Orders come region by region.
func (w *wave) add(r *region, i int) {
	if n := len(w.parts); n == 0 || w.parts[n-1].region != r {
		w.parts = append(w.parts, &part{region: r})
	}
	p := w.parts[len(w.parts)-1]
	p.orders = append(p.orders, i)
}

func (t *RegionTotal) count(b plan.Buy) {
	t.Orders++
	t.Instances += b.Order.Quantity
}

func regionTotals(regions []*region) []RegionTotal {
	totals := make([]RegionTotal, len(regions))
	for i, r := range regions {
		totals[i] = r.total
	}
	return totals
}

func waveTotals(waves []*wave) []WaveTotal {
	totals := make([]WaveTotal, len(waves))
	for i, w := range waves {
		totals[i] = w.total()
	}
	return totals
}

func (w *wave) total() WaveTotal {
	sum := WaveTotal{Wave: w.Name}
	for _, p := range w.parts {
		t := RegionTotal{Region: p.name}
		for _, i := range p.orders {
			t.count(p.Buys[i])
		}
		sum.Orders += t.Orders
		sum.Instances += t.Instances
		sum.Regions = append(sum.Regions, t)
	}
	return sum
}

// buy works the wave's regions off: all of them at once, or one after the other. A region that stops holds up no other.
func (w *wave) buy(sequential bool) {
	var all sync.WaitGroup
	for _, p := range w.parts {
		if sequential {
			p.run()
		} else {
			all.Go(p.run)
		}
	}
	all.Wait()
}

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
