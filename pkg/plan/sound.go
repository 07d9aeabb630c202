package plan

import (
	"math"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What a plan file may hold though its seal fits. Without these checks a file could lift limits, or keep an apply waiting
// for ever.

// sound tells whether the rollout is one that a fleet can ask for.
func sound(r order.Rollout) bool {
	return soundLimitsOf(order.RegionLimits{Parallelism: r.Parallelism, Rate: r.RatePerRegion, MaxInDoubt: r.MaxInDoubt}) &&
		r.ParallelismPerRegion >= 0 && soundSettle(r) && soundRegions(r) && soundWaves(r.Waves)
}

func soundLimitsOf(l order.RegionLimits) bool {
	return l.Parallelism >= 1 && l.Parallelism <= order.MaxParallelism && l.Rate >= 0 && !math.IsInf(l.Rate, 0) && l.MaxInDoubt >= 0
}

// soundSettle tells whether the wait before a rebuy is one that a fleet can ask for.
func soundSettle(r order.Rollout) bool {
	if r.OnInDoubt != order.RebuyAfterSettle {
		return r.Settle == 0
	}
	return r.Settle >= order.MinSettle && r.Settle <= order.MaxSettle
}

// soundRegions tells whether the limits of single regions are found by their names.
func soundRegions(r order.Rollout) bool {
	for i, region := range r.Regions {
		if !soundLimitsOf(region.Limits) || i > 0 && region.Region <= r.Regions[i-1].Region {
			return false
		}
	}
	return true
}

// soundWaves tells whether the waves can be told apart, and keep an apply no longer than a fleet may ask for.
func soundWaves(waves []order.Wave) bool {
	seen := map[string]bool{order.RemainingWave: true}
	for _, w := range waves {
		if seen[w.Name] || order.CheckName(w.Name) != nil {
			return false
		}
		seen[w.Name] = true
		if w.MaxOrders < 0 || w.Percent < 0 || w.Percent > 100 || w.Bake < 0 || w.Bake > order.MaxBake {
			return false
		}
	}
	return len(waves) <= order.MaxWaves
}

// soundLimits tells whether the ceilings are such that a purchase can reach them.
func soundLimits(l order.Limits) bool {
	return (l.MaxOrders == nil || *l.MaxOrders >= 0) && (l.MaxInstances == nil || *l.MaxInstances >= 0) &&
		(l.MaxSpend == nil || *l.MaxSpend <= order.MaxSpend)
}

// soundPrices tells whether no sum of the prices can be less than one of them.
func soundPrices(d diskPrices) bool {
	tooHigh := func(p diskPrice) bool { return p.Amount > order.MaxPrice }
	return !slices.ContainsFunc(d.List, tooHigh) && len(d.List) <= order.MaxPrices &&
		(order.IsCurrency(d.Currency) || d.Currency == "" && len(d.List) == 0)
}

// checkChanges refuses what no plan has: an address that is named twice, be it in two regions, and changes out of
// their order.
func checkChanges(changes []Change) error {
	seen := make(map[order.Address]bool, len(changes))
	for i := range changes {
		c := &changes[i]
		if seen[c.Address] {
			return refuse(ErrAltered, "%s is named twice", c.Address)
		}
		seen[c.Address] = true
		if i > 0 && compareChanges(&changes[i-1], c) > 0 {
			return refuse(ErrAltered, "%s is out of place", c.Address)
		}
	}
	return nil
}

// checkImports refuses a plan that imports and buys for one order.
func checkImports(p Plan) error {
	imported := make(map[order.Address]bool, len(p.Imports))
	for _, i := range p.Imports {
		imported[i.Order.Address] = true
	}
	for i := range p.Changes {
		if imported[p.Changes[i].Address] {
			return refuse(ErrAltered, "%s is imported, and something else is done to it", p.Changes[i].Address)
		}
	}
	return nil
}

// checkWaves refuses a plan whose waves take what they don't name, more than max_orders, or an order twice. What percent is
// of, a plan of a selection doesn't know.
func checkWaves(p Plan) error {
	told := map[order.Address]bool{}
	for _, w := range p.Waves {
		if err := w.checkTold(p.Selected, told); err != nil {
			return err
		}
	}
	naming := make([]func(region string, a order.Address) bool, len(p.Waves))
	for i, w := range p.Waves {
		naming[i] = w.Naming()
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if err := p.checkWaveOf(c, told); err != nil {
			return err
		}
		if len(p.Waves) > 0 && c.Action.Buys() && !naming[c.Wave](c.Region, c.Address) {
			return refuse(ErrAltered, "%s is in wave %s, which does not name it", c.Address, p.Waves[c.Wave].Name)
		}
	}
	for _, w := range p.waveParts() {
		taken := w.Orders + len(w.Bought) + len(w.InDoubt) + w.LeftOut
		if w.MaxOrders > 0 && taken > w.MaxOrders {
			return refuse(ErrAltered, "wave %s takes %d orders, and %d at most", w.Name, taken, w.MaxOrders)
		}
	}
	return nil
}

// checkTold refuses what a wave can't have taken beside what the plan buys, and adds its addresses to told.
func (w Wave) checkTold(selected bool, told map[order.Address]bool) error {
	for _, list := range [][]order.Address{w.Bought, w.InDoubt} {
		for i, a := range list {
			if told[a] || i > 0 && list[i-1].Compare(a) > 0 {
				return refuse(ErrAltered, "wave %s tells of %s twice or out of place", w.Name, a)
			}
			told[a] = true
		}
	}
	if w.LeftOut < 0 || w.LeftOut > MaxChanges || w.LeftOut > 0 && !selected {
		return refuse(ErrAltered, "wave %s leaves out %d orders", w.Name, w.LeftOut)
	}
	return nil
}

// checkWaveOf refuses a change that is in a wave which it can't be in; told are those that waves took otherwise.
func (p Plan) checkWaveOf(c *Change, told map[order.Address]bool) error {
	buys := c.Action.Buys()
	switch {
	case c.Wave == 0 && (!buys || len(p.Waves) == 0):
		return nil
	case !buys || c.Wave < 0 || c.Wave >= len(p.Waves):
		return refuse(ErrAltered, "%s is in wave %d of %d", c.Address, c.Wave, len(p.Waves))
	case told[c.Address]:
		return refuse(ErrAltered, "%s is to be bought, and its wave has it already", c.Address)
	}
	return nil
}
