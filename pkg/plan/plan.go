package plan

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Plan is what an apply would do, seen from one version of the state. Applying it to another version must be
// refused: see [File.Check].
type Plan struct {
	Fleet     string
	Lineage   string // of the state; empty while there is none
	Serial    uint64 // of the state
	Rollout   order.Rollout
	Limits    order.Limits // what an apply may buy at most: see [Plan.Check]
	Prices    order.Prices // that costs are computed with
	Selected  bool         // made with --target, --exclude or --region: the plan doesn't speak for the whole fleet
	Changes   []Change     // sorted by region, then address
	Unchanged int          // orders that are bought as wished
	Waves     []Wave       // in their sequence; none: everything is bought at once
	// Latency is how long a call took in an earlier run: what estimates are made with. 0: unknown.
	Latency time.Duration

	// What an apply does to records before it buys anything. Changes tell of the records as they are after that.
	Moves    []Move    // sorted by To
	Removals []Removal // sorted by address
	Imports  []Import  // sorted by address; no Change is of any of their addresses
}

// A Change is the difference at one address.
type Change struct {
	Action   Action
	Address  order.Address
	Region   string        // as wished; of the record when nothing is wished
	Order    order.Order   // what is wished, its whole quantity included; with Grow, what Lifecycle ignores is as it was bought; zero when the files don't name the address
	Quantity int           // instances that the apply buys; 0 unless Action buys
	Wave     int           // which of Plan.Waves buys it; 0 unless Action buys, and where there are none
	Cost     Cost          // of Quantity instances at Plan.Prices; zero unless Action buys
	Before   *order.Record // what the state knows; nil when it knows nothing. Not to be written through.
	Fields   []FieldChange // with Grow and Update, in the order in which people read fields

	// Lifecycle is that of the order block, which may be in the files without naming the address.
	Lifecycle order.Lifecycle
}

// A FieldChange is a field that is wished otherwise than it was bought. Old and New are texts as a fleet file would
// hold them, without quotes; empty where the field is not set. Of a field that is sensitive in the files or in the
// state, both are order.SensitiveText, unless they are empty.
type FieldChange struct {
	Field order.Field
	Old   string
	New   string
}

// Wished tells whether the files name the address.
func (c Change) Wished() bool { return c.Order != (order.Order{}) }

// Unpaid tells whether what the apply buys here will wait in the console for somebody to pay for it.
func (c Change) Unpaid() bool { return c.Action.Buys() && !c.Order.Charge.AutoPay }

// A Buy is an order as an apply sends it.
type Buy struct {
	Order   order.Order // Quantity is what to buy now, which for a grow is the difference
	Attempt int         // the number of its first call, never used before for the address
	Wave    int         // which of Plan.Waves it is in; 0 where there are none
}

// Buys returns what an apply of the plan buys, sorted by region, then address.
func (p Plan) Buys() []Buy {
	buys := make([]Buy, 0, p.Totals().Orders())
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Action.Buys() {
			continue
		}
		b := Buy{Order: c.Order, Attempt: 1, Wave: c.Wave}
		b.Order.Quantity = c.Quantity
		if c.Before != nil {
			b.Attempt = c.Before.Attempt + 1
		}
		buys = append(buys, b)
	}
	return buys
}

// HasChanges tells whether there is something that somebody can do about the plan. A forgotten order is nothing of
// the kind: it is kept as it is.
func (p Plan) HasChanges() bool {
	if p.Rewrites() > 0 {
		return true
	}
	for i := range p.Changes {
		if p.Changes[i].Action != Forget {
			return true
		}
	}
	return false
}
