package plan

import "github.com/bastion-fleet/bastion-fleet/pkg/order"

// A Wave is a wave of the fleet's rollout with what this plan gives it to buy: the changes whose Wave is its index.
type Wave struct {
	order.Wave
	Remaining bool // it is the one of the orders that no wave of the fleet took
	// Bought are the orders that it took and that earlier runs of the same campaign bought, sorted.
	Bought []order.Address
	// Ended says that an earlier run of the campaign saw it to its end, well or not: it is not baked again.
	Ended bool
}

// A Campaign is what earlier runs have done of the rollout that is under way. It lasts until an apply has bought all that
// the fleet lacked, so that a run that waits for an approval, or ended early, is continued where it stopped.
type Campaign struct {
	Runs  []string // the ids of its runs so far, sorted
	Ended []string // the names of the waves that these saw to their end
}
