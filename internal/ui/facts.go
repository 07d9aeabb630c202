package ui

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// RunFacts are what is known of a run beside its events. The zero value knows nothing.
type RunFacts struct {
	Rollout  order.Rollout // the run's limits, and its waves; zero: unknown
	Currency string        // of the costs; empty: the fleet names no prices
	Planned  plan.Cost     // of all that the run sets out to buy
	// Change is what the run intends for an order, as far as it is known: what it costs, whether it is created or grows.
	// nil: nothing is. It is called for one order at a time, while the order is being bought or later.
	Change func(region string, a order.Address) plan.Change
}

// factsOf are those of a run of a plan.
func factsOf(p plan.Plan) RunFacts {
	return RunFacts{
		Rollout: p.Rollout, Currency: p.Prices.Currency, Planned: p.Totals().Cost,
		Change: func(region string, a order.Address) plan.Change { return changeAt(p, region, a) },
	}
}

func (f RunFacts) change(region string, a order.Address) plan.Change {
	if f.Change == nil {
		return plan.Change{}
	}
	return f.Change(region, a)
}

// limits are those of a region; false where nothing is known of them.
func (f RunFacts) limits(region string) (order.RegionLimits, bool) {
	return f.Rollout.In(region), f.Rollout.Parallelism > 0
}

// wave is what the fleet says of a wave: how long it bakes, and whether somebody is asked. Zero where that is unknown.
func (f RunFacts) wave(name string) order.Wave {
	for _, w := range f.Rollout.Waves {
		if w.Name == name {
			return w
		}
	}
	return order.Wave{}
}
