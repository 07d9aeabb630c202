package apply

import (
	"slices"
	"sync"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// wave is a wave of the run.
type wave struct {
	plan.Wave
	parts   []*part   // in the sequence in which regions come
	earlier []Earlier // what earlier runs of the campaign made of its orders
	begun   bool
	baked   bool // until its bake was over
}

// newWaves returns the waves with what is over of them.
func (e *engine) newWaves() []*wave {
	earlier := map[order.Address]Earlier{}
	for _, o := range e.Earlier {
		earlier[o.Address] = o
	}
	waves := make([]*wave, len(e.Waves))
	for i, w := range e.Waves {
		waves[i] = &wave{Wave: w}
		for _, a := range slices.Concat(w.Bought, w.InDoubt) {
			if o, known := earlier[a]; known {
				waves[i].earlier = append(waves[i].earlier, o)
			}
		}
	}
	return waves
}

// schedule cuts the sorted orders into waves, and those into regions.
func (e *engine) schedule() []*wave {
	waves := e.newWaves()
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
