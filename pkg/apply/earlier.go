package apply

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// An Earlier is what earlier runs of the campaign made of an order.
type Earlier struct {
	Address   order.Address
	Region    string
	Purchases []order.Purchase // the campaign's; oldest first
	InDoubt   bool             // the last call left it so, and it is held
}

// EarlierOf returns what the runs of a campaign made of the orders of records.
func EarlierOf(c plan.Campaign, records []order.Record) []Earlier {
	var all []Earlier
	for i := range records {
		r := &records[i]
		e := Earlier{Address: r.Address, Region: r.Region(), InDoubt: c.InDoubt(r)}
		for _, p := range r.Purchases {
			if c.Bought(p) {
				e.Purchases = append(e.Purchases, p)
			}
		}
		if e.InDoubt || len(e.Purchases) > 0 {
			all = append(all, e)
		}
	}
	return all
}
