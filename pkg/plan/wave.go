package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Wave is a wave of the fleet's rollout with what this plan gives it to buy: the changes whose Wave is its index. Beside
// those it took what no apply of this plan buys.
type Wave struct {
	order.Wave
	Remaining bool // it is the one of the orders that no wave of the fleet took
	// Bought are the orders that it took and that earlier runs of the same campaign bought, sorted. They need not be
	// selected, nor be wished any more.
	Bought []order.Address
	// InDoubt are the orders that it took and that earlier runs of the campaign left in doubt, sorted. They are held.
	InDoubt []order.Address
	// LeftOut counts the orders that it took and that the plan's selection leaves out: to be bought by another apply.
	LeftOut int
	// Ended says that an earlier run of the campaign saw it to its end, its bake included, well or not: it is not baked again.
	Ended bool
}

// remainingWave is the one of the orders that no wave of the fleet took.
var remainingWave = order.Wave{Name: order.RemainingWave}

// A Campaign is what earlier runs have done of the rollout that is under way. It lasts until an apply has bought all that
// the fleet lacked, so that a run that waits for an approval, or ended early, is continued where it stopped.
type Campaign struct {
	// Runs are the ids of its runs so far, sorted: of every run since the last campaign's end, since what an apply left in
	// doubt is recorded as bought by the run that found it.
	Runs  []string
	Ended []string // the names of the waves that these saw to their end, their bakes included
}

// has tells whether a run is one of the campaign's.
func (c Campaign) has(run string) bool {
	_, found := slices.BinarySearch(c.Runs, run)
	return found
}

// Bought tells whether a purchase is the campaign's. What was imported existed before.
func (c Campaign) Bought(p order.Purchase) bool { return !p.Imported && c.has(p.Run) }

// InDoubt tells whether the campaign left a record in doubt.
func (c Campaign) InDoubt(r *order.Record) bool {
	return r.Doubt != nil && !r.Doubt.Imported && c.has(r.Doubt.Run)
}
