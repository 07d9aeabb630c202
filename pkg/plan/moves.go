package plan

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Move is what is recorded at one address and belongs to another one by a moved block. It buys nothing.
type Move struct {
	order.Move
	Region    string
	Status    order.Status
	Instances int // bought
}

// A Removal is what is recorded at an address and is none of the fleet's any more by a removed block. Nothing is deleted
// in the cloud.
type Removal struct {
	Address   order.Address
	Region    string
	Status    order.Status
	Instances int // bought
}

// An Import is what exists and is recorded as bought for an order by import blocks. Whether it exists, as what, and in no
// other order, is looked up by the apply.
type Import struct {
	Order     order.Order // as wished; Quantity is how many instances it lacks: as many as are named
	Attempt   int         // the number that the purchase gets, never used before for the address
	BIDs      []string    // sorted
	SourceIDs []string    // sorted
}

// Rewrites is the number of records that an apply writes anew before it buys anything: those that it moves, removes and
// imports.
func (p Plan) Rewrites() int { return len(p.Moves) + len(p.Removals) + len(p.Imports) }

// Moving returns the move of a record from one address to another, for who is to approve it.
func Moving(r *order.Record, to order.Address) Move {
	return Move{order.Move{From: r.Address, To: to}, r.Region(), r.Status(), r.Bought()}
}

// Removing returns the removal of a record, for who is to approve it.
func Removing(r *order.Record) Removal { return Removal{r.Address, r.Region(), r.Status(), r.Bought()} }
