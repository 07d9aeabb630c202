package order

import (
	"math"
	"time"
)

// A Wave is a step of a rollout: it takes the orders that its regions and patterns name and that no wave before it took,
// up to its bounds. The next wave begins only when it has ended well.
type Wave struct {
	Name    string    // as an identifier is written; unique within its rollout
	Regions []string  // only orders in these; empty: in any
	Orders  []Pattern // only orders at these; empty: at any
	// MaxOrders bounds the orders that it takes, which come from its regions by turns; 0: no bound.
	MaxOrders int
	// Percent bounds the orders that it takes of each region to a share of those that its regions and patterns name, the
	// ones that waves before it took included; rounded up, above 0, to 100; 0: no bound.
	Percent float64
	Bake    time.Duration // how long to watch what it bought before it has ended; 0: not at all; at most MaxBake
	Approve bool          // somebody is asked before it begins
}

// Naming returns a function that tells whether the wave's regions and patterns name an order, whatever its bounds let it
// take. It is made once and asked of many.
func (w Wave) Naming() func(region string, a Address) bool {
	matcher, regions := NewMatcher(w.Orders), map[string]bool{}
	for _, region := range w.Regions {
		regions[region] = true
	}
	return func(region string, a Address) bool {
		return (len(regions) == 0 || regions[region]) && (len(w.Orders) == 0 || matcher.Match(a))
	}
}

// TakesAll tells whether no order is left for a wave after this one.
func (w Wave) TakesAll() bool { return len(w.Regions) == 0 && len(w.Orders) == 0 && !w.Bounded() }

// Bounded tells whether the wave may leave orders that its regions and patterns name to waves after it.
func (w Wave) Bounded() bool { return w.MaxOrders > 0 || w.Percent > 0 && w.Percent < 100 }

// MostIn returns how many orders of a region the wave may take at most, of all that its regions and patterns name there.
func (w Wave) MostIn(named int) int {
	most := named
	if w.Percent > 0 {
		most = min(named, max(1, int(math.Ceil(share(named, w.Percent)))))
	}
	if w.MaxOrders > 0 {
		most = min(most, w.MaxOrders)
	}
	return most
}

// share is a percentage of n orders, a fraction of one included. What it is off by because fractions are binary is rounded
// away: 7 % of 100 is 7, and not 7.000000000000001.
func share(n int, percent float64) float64 { return math.Round(float64(n)*percent*1e6) / 1e8 }

// Most a wave and a rollout may name. They are there for slips, not for fleets.
const (
	MaxWaveOrders  = 100_000 // patterns of a wave
	MaxWaveRegions = 1000    // regions of a wave, and of RegionOrder
)

// MaxBake bounds Wave.Bake: for what takes longer, let the run end and continue it by another apply.
const MaxBake = 24 * time.Hour

// MaxWaves bounds the waves of a rollout.
const MaxWaves = 100

// RemainingWave is the name of the wave, after all others, of the orders that no wave took. No wave may be named so.
const RemainingWave = "remaining"
