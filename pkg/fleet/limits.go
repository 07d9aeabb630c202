package fleet

import (
	"math/big"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var limitsShape = shape{
	what: "the limits block", attributes: []string{"max_orders", "max_instances", "max_spend"},
	hints: map[string]string{"currency": "max_spend is in the currency of the prices block."},
}

// limits returns the ceilings of what one apply may buy.
func (l *loader) limits(d *document) order.Limits {
	spend := d.limits["max_spend"]
	if spend != nil && d.prices == nil {
		l.report(mistake(spend.NameRange, "max_spend without prices",
			`What is spent is known by the fleet's own prices alone, and it has none. Write prices "CNY" { … }, or leave max_spend out.`))
	}
	return order.Limits{
		MaxOrders:    l.ceiling(d.limits["max_orders"], MaxOrders),
		MaxInstances: l.ceiling(d.limits["max_instances"], MaxOrders*order.MaxQuantity),
		MaxSpend:     l.amount(spend, order.MaxSpend),
	}
}

// ceiling reads a count that may be left out.
func (l *loader) ceiling(a *hcl.Attribute, most int) *int {
	const unread = -1
	n := unread
	if l.limit(a, 0, most, &n); n == unread {
		return nil
	}
	return &n
}

// amount reads an amount of money. It returns nil where none is written, or after reporting what is wrong with it.
func (l *loader) amount(a *hcl.Attribute, most order.Amount) *order.Amount {
	v, ok := l.scalar(a, cty.Number, "an amount of money such as 1480.50")
	if !ok {
		return nil
	}
	n := v.AsBigFloat()
	if n.Sign() < 0 || n.Cmp(wholeAmount(most)) > 0 {
		l.report(mistake(a.Expr.Range(), "Amount out of range", "%s must be an amount from 0 to %s.", a.Name, most.Grouped()))
		return nil
	}
	read, exact := exactAmount(v)
	if !exact {
		l.report(mistake(a.Expr.Range(), "Amount too fine", "%s is %s, and an amount has at most two digits behind the point. Where it is computed, write floor(100 * …) / 100.",
			a.Name, printedNumber(v)))
		return nil
	}
	return &read
}

func wholeAmount(a order.Amount) *big.Float {
	return new(big.Float).Quo(new(big.Float).SetInt64(int64(a)), big.NewFloat(100))
}

// noiseDigits is how many digits behind the point must be 0 after those of an amount. What is computed is a binary
// fraction, which hits no hundredth; it lies off by some 150 digits further behind.
const noiseDigits = 20

// exactAmount returns a number as an amount, if it is one. The number is neither negative nor large.
func exactAmount(v cty.Value) (order.Amount, bool) {
	if isHuge(v) { // the number is tiny, and takes minutes to write down
		return 0, false
	}
	text, exact := strings.CutSuffix(v.AsBigFloat().Text('f', order.AmountDigits+noiseDigits), strings.Repeat("0", noiseDigits))
	if !exact {
		return 0, false
	}
	a, err := order.ParseAmount(text)
	return a, err == nil
}
