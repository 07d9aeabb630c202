package apply

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An Earlier is what earlier runs of the campaign made of an order.
type Earlier struct {
	Address   order.Address
	Region    string
	Purchases []order.Purchase // the campaign's; oldest first
	InDoubt   bool             // the last call left it so, and it is held
}

// EarlierOf returns what the given runs, sorted by id, made of the orders of records. What was imported nobody bought.
func EarlierOf(runs []string, records []order.Record) []Earlier {
	var all []Earlier
	of := func(run string) bool {
		_, found := slices.BinarySearch(runs, run)
		return found
	}
	for _, r := range records {
		e := Earlier{Address: r.Address, Region: r.Region()}
		for _, p := range r.Purchases {
			if of(p.Run) && !p.Imported {
				e.Purchases = append(e.Purchases, p)
			}
		}
		e.InDoubt = r.Doubt != nil && !r.Doubt.Imported && of(r.Doubt.Run)
		if e.InDoubt || len(e.Purchases) > 0 {
			all = append(all, e)
		}
	}
	return all
}
