package plan

import (
	"cmp"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What a plan file keeps of money: the limits and prices that the plan was made with. No cost is in it: reading computes
// it anew.

// diskLimits converts from and to order.Limits, as diskLifecycle does.
type diskLimits struct {
	MaxOrders    *int          `json:"max_orders,omitempty"`
	MaxInstances *int          `json:"max_instances,omitempty"`
	MaxSpend     *order.Amount `json:"max_spend,omitempty"`
}

type diskPrices struct {
	Currency string      `json:"currency"`
	List     []diskPrice `json:"list,omitempty"` // sorted
}

type diskPrice struct {
	Region string       `json:"region,omitempty"`
	Spec   string       `json:"spec"`
	Unit   string       `json:"unit"`
	Amount order.Amount `json:"amount"`
}

func pricesToDisk(p order.Prices) diskPrices {
	d := diskPrices{Currency: p.Currency}
	for of, amount := range p.List {
		d.List = append(d.List, diskPrice{Region: of.Region, Spec: of.Spec, Unit: of.Unit, Amount: amount})
	}
	slices.SortFunc(d.List, func(a, b diskPrice) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Spec, b.Spec), cmp.Compare(a.Unit, b.Unit))
	})
	return d
}

func (d diskPrices) toPrices() order.Prices {
	p := order.Prices{Currency: d.Currency}
	for _, price := range d.List {
		if p.List == nil {
			p.List = make(map[order.PriceOf]order.Amount, len(d.List))
		}
		p.List[order.PriceOf{Region: price.Region, Spec: price.Spec, Unit: price.Unit}] = price.Amount
	}
	return p
}
