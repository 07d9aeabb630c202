package order

import (
	"fmt"
	"strings"
)

// Prices are what a fleet says that instances cost. They are its owner's: the API names none. The zero value names no
// price. Not to be written to once a plan is made with them.
type Prices struct {
	Currency string // as IsCurrency says; empty: the fleet names no prices
	List     map[PriceOf]Amount
}

// PriceOf is what one price is for: an instance of a spec for one unit of time.
type PriceOf struct {
	Region string // empty: in every region that names none of its own
	Spec   string
	Unit   string // UnitMonth or UnitYear
}

// MaxPrices bounds the prices of a fleet.
const MaxPrices = 10_000

// IsCurrency tells whether a text looks like a currency's code in ISO 4217. Which of them there are is nothing to us.
func IsCurrency(code string) bool {
	return len(code) == 3 && !strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// Named tells whether the fleet names prices.
func (p Prices) Named() bool { return p.Currency != "" }

// Cost is what n instances of an order cost until its term ends: n x charge.duration x the price of a charge.unit.
// Renewals come on top of it, vouchers are not taken off, and it makes no difference whether it is paid at once. It
// returns false where that is unknown; Unpriced says why.
func (p Prices) Cost(o *Order, n int) (Amount, bool) {
	if !prepaid(o.Charge) {
		return 0, false
	}
	price, ok := p.price(o)
	return price.Times(o.Charge.Duration).Times(n), ok
}

// price returns the price of one instance of an order for one unit of its term.
func (p Prices) price(o *Order) (Amount, bool) {
	if price, ok := p.List[PriceOf{Region: o.Region, Spec: o.Spec, Unit: o.Charge.Unit}]; ok {
		return price, true
	}
	price, ok := p.List[PriceOf{Spec: o.Spec, Unit: o.Charge.Unit}]
	return price, ok
}

// prepaid tells whether the term that is paid for is known.
func prepaid(c Charge) bool { return c.Mode != ChargeConfig && c.Unit != "" && c.Duration > 0 }

// Unpriced says why what the order costs is unknown. It is the same text for all orders that lack the same price.
func (p Prices) Unpriced(o *Order) string {
	switch {
	case !p.Named():
		return "the fleet names no prices"
	case o.Charge.Mode == ChargeConfig:
		return "postpaid, so it depends on how long the instances run"
	case !prepaid(o.Charge):
		return "no charge block says for how long"
	}
	return fmt.Sprintf("no price of a %s for spec %q in %s", strings.ToLower(o.Charge.Unit), o.Spec, o.Region)
}
