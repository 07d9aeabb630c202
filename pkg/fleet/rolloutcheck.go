package fleet

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A rolloutCheck finds what of a rollout can't work or changes nothing, as far as the files tell.
type rolloutCheck struct {
	*loader
	document *document
	rollout  order.Rollout
	sound    bool // nothing has a mistake, so that what follows is known
	orders   []order.Order
	inRegion map[string]int // orders
	used     []string       // some of the regions that orders are in, sorted
	reaches  []waveReach    // of the waves
	remains  bool           // no wave takes some of the orders for sure
	compared int            // patterns, each with all orders
}

// checkRollout reports what of the rollout block can't work, and warns of what changes nothing.
func (l *loader) checkRollout(d *document, f Fleet) {
	if !d.rollout.written {
		return
	}
	c := &rolloutCheck{loader: l, document: d, rollout: f.Rollout, sound: !l.diags.HasErrors() && len(l.unvalued) == 0, orders: f.Orders}
	if c.sound {
		c.inRegion = map[string]int{}
		for i := range f.Orders {
			c.inRegion[f.Orders[i].Region]++
		}
		used := slices.Sorted(maps.Keys(c.inRegion))
		c.used = used[:min(len(used), comparedRegions)]
		c.reaches = reaches(f.Rollout.Waves, f.Orders, func(wave int, _ *order.Order) {
			c.remains = c.remains || wave == len(f.Rollout.Waves)
		})
	}
	c.checkWaves()
	if !c.sound {
		return
	}
	c.report(c.regionsWithoutOrders(d.rollout.order...)...)
	for _, of := range d.rollout.regions {
		c.report(c.regionsWithoutOrders(listed{of.region, of.label})...)
	}
	c.checkSequence()
	c.checkParallelism()
	c.checkTolerances()
}

// unheard tells whether a region is neither one that bastion-fleet knows, nor one that orders are in.
func (c *rolloutCheck) unheard(of listed) bool {
	return c.inRegion[of.text] == 0 && !slices.Contains(knownRegions, of.text)
}

// regionsWithoutOrders warns of regions that no order is in. One that bastion-fleet knows is no slip for another.
func (c *rolloutCheck) regionsWithoutOrders(list ...listed) []*hcl.Diagnostic {
	const used = "regions that orders are in"
	var diags []*hcl.Diagnostic
	for _, of := range list {
		switch {
		case c.inRegion[of.text] > 0:
		case c.unheard(of):
			diags = append(diags, warning(of.at, "Region without orders", "No order is in %q, and it is not a region that bastion-fleet knows.%s",
				of.text, didYouMeanOneOf(of.text, c.used, used)))
		default:
			diags = append(diags, warning(of.at, "Region without orders", "No order is in %q.%s", of.text, choices(c.used, used)))
		}
	}
	return diags
}

// checkSequence warns of a sequence that nothing is done in.
func (c *rolloutCheck) checkSequence() {
	written := c.document.rollout.attrs
	byTurns := func(w order.Wave) bool { return w.MaxOrders > 0 }
	if len(c.document.rollout.order) == 0 || written["region_concurrency"] != nil || slices.ContainsFunc(c.rollout.Waves, byTurns) {
		return
	}
	c.report(warning(written["region_order"].NameRange, "region_order without effect",
		"All regions are bought in at one time, so that region_order only says in which sequence they are shown. Write region_concurrency = %q to buy in one after the other, or %q if this is meant.",
		inSequence, inParallel))
}

// checkParallelism warns of limits of regions that the run's own limit keeps.
func (c *rolloutCheck) checkParallelism() {
	exceeding := func(a *hcl.Attribute, n int) {
		if a != nil && n > c.rollout.Parallelism {
			c.report(warning(a.Expr.Range(), "Limit without effect", "%s = %d is more than the whole run's parallelism, which is %d. Raise that one, or lower this one.",
				a.Name, n, c.rollout.Parallelism))
		}
	}
	exceeding(c.document.rollout.attrs["parallelism_per_region"], c.rollout.ParallelismPerRegion)
	for _, of := range c.document.rollout.regions {
		exceeding(of.attrs["parallelism"], c.limitsOf(of.region).Parallelism)
	}
}

// limitsOf returns the limits that a region block gives its region, whatever those of the run are.
func (c *rolloutCheck) limitsOf(region string) order.RegionLimits {
	i, _ := slices.BinarySearchFunc(c.rollout.Regions, region, func(r order.RegionRollout, name string) int { return cmp.Compare(r.Region, name) })
	return c.rollout.Regions[i].Limits
}
