package state

import (
	"cmp"
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Problems returns what of the snapshot breaks the rules that every state keeps, sorted by address: nothing, unless the
// state was altered or bastion-fleet is at fault. It is also for tests of what writes states.
//
//   - Attempts are numbered from 1. Each purchase is of an attempt of its own, the later of a later one; a doubt is of
//     the last one.
//   - A purchase names what was bought, and is of one instance at least. An order's quantity is the sum of its purchases.
//   - A marker is the one of its fleet, lineage, address and attempt; only what is imported may have another's. In a record
//     that has moved it is that of the address that the call was made for.
//   - A buyId, sourceId or bid belongs to one purchase.
func (s Snapshot) Problems() []error {
	found := make([][]error, len(s.Records))
	inParallel(len(s.Records), func(i int) {
		c := recordCheck{fleet: s.Binding.Fleet, lineage: s.Lineage, record: &s.Records[i]}
		c.check()
		found[i] = c.problems
	})
	owners := make(map[string]order.Address, 2*len(s.Records))
	var problems []error
	for i := range s.Records {
		problems = append(problems, found[i]...)
		problems = append(problems, ownIDs(&s.Records[i], owners)...)
	}
	return problems
}

// ownIDs writes down whose a record's ids are, and returns those that another purchase has.
func ownIDs(r *order.Record, owners map[string]order.Address) (problems []error) {
	own := func(kind, id string) {
		key := kind + id
		if owner, taken := owners[key]; taken {
			problems = append(problems, fmt.Errorf("%s: the %s %s belongs to another purchase, of %s", r.Address, kind, id, owner))
		}
		owners[key] = r.Address
	}
	for i := range r.Purchases {
		p := &r.Purchases[i]
		if p.BuyID != "" {
			own("buyId", p.BuyID)
		}
		for _, id := range p.SourceIDs {
			own("sourceId", id)
		}
		for _, id := range p.BIDs {
			own("bid", id)
		}
	}
	return problems
}

// A recordCheck looks for what is wrong with one record.
type recordCheck struct {
	fleet, lineage string
	record         *order.Record
	problems       []error
}

// holds notes the problem that the arguments tell, unless ok.
func (c *recordCheck) holds(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Errorf("%s: %s", c.record.Address, fmt.Sprintf(format, args...)))
	}
}

func (c *recordCheck) check() {
	r := c.record
	if r.Attempt < 1 {
		c.holds(false, "its last attempt has the number %d", r.Attempt)
	}
	last := 0
	for i := range r.Purchases {
		c.purchase(&r.Purchases[i], last)
		last = r.Purchases[i].Attempt
	}
	if bought := r.Bought(); len(r.Purchases) > 0 && r.Order.Quantity != bought {
		c.holds(false, "its quantity is %d, its purchases are of %d", r.Order.Quantity, bought)
	}
	for i := range r.Former {
		c.former(&r.Former[i])
	}
	if r.Doubt != nil {
		c.doubt(r.Doubt, last)
	}
	c.holds(!r.Gone || r.Doubt == nil && len(r.Purchases) == 0, "what was here is gone, and bought or in doubt all the same")
	c.holds(r.Doubt != nil || r.DoubtWhy == nil, "it has the cause of a doubt and no doubt")
}

// purchase checks one that follows a purchase of the attempt last.
func (c *recordCheck) purchase(p *order.Purchase, last int) {
	if p.Attempt <= last || p.Attempt > c.record.Attempt {
		c.holds(false, "a purchase is of attempt %d, after one of attempt %d, and the last attempt is %d", p.Attempt, last, c.record.Attempt)
	}
	c.bought(p)
}

// former checks a purchase that was removed since. What was bought later, or moved here, may have the same numbers.
func (c *recordCheck) former(p *order.Purchase) {
	c.holds(1 <= p.Attempt && p.Attempt <= c.record.Attempt, "a former purchase is of attempt %d, and the last attempt is %d", p.Attempt, c.record.Attempt)
	c.bought(p)
}

// bought checks what holds of every purchase by itself.
func (c *recordCheck) bought(p *order.Purchase) {
	if p.Quantity < 1 {
		c.holds(false, "attempt %d bought %d instances", p.Attempt, p.Quantity)
	}
	c.holds(p.BuyID != "" || len(p.SourceIDs)+len(p.BIDs) > 0, "the purchase of attempt %d has no id", p.Attempt)
	if !p.Imported {
		c.marker(p.Marker, p.For, p.Attempt)
	}
}

func (c *recordCheck) doubt(d *order.Intent, lastBought int) {
	// A record that was moved, or moved away and back, lies at an address whose own attempts may have come further.
	c.holds(lastBought < d.Attempt && d.Attempt <= c.record.Attempt,
		"attempt %d is in doubt, and the last attempt is %d", d.Attempt, c.record.Attempt)
	c.holds(d.Order.Address == c.record.Address, "it is in doubt for %s", d.Order.Address)
	c.holds(d.Order.Quantity >= 1, "%d instances are in doubt", d.Order.Quantity)
	if !d.Imported {
		c.marker(d.Marker, d.For, d.Attempt)
	}
}

func (c *recordCheck) marker(m order.Marker, calledFor order.Address, attempt int) {
	if m != "" && m != order.NewMarker(c.fleet, c.lineage, cmp.Or(calledFor, c.record.Address), attempt) {
		c.holds(false, "attempt %d has the marker %s of another", attempt, m)
	}
}
