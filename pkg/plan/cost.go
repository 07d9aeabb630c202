package plan

import (
	"fmt"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Cost is what purchases come to at the fleet's prices, as far as that is known.
type Cost struct {
	Amount   order.Amount // of those that have a price
	Unpriced int          // orders whose cost is unknown. Unless it is 0, Amount is no more than a part.
}

// Plus is the sum.
func (c Cost) Plus(other Cost) Cost {
	return Cost{Amount: c.Amount.Plus(other.Amount), Unpriced: c.Unpriced + other.Unpriced}
}

// costOf is what carrying a change out costs at the prices.
func costOf(c *Change, prices order.Prices) Cost {
	if !c.Action.Buys() {
		return Cost{}
	}
	amount, known := prices.Cost(&c.Order, c.Quantity)
	if !known {
		return Cost{Unpriced: 1}
	}
	return Cost{Amount: amount}
}

// price sets the cost of every change. It is called wherever changes that buy are made, so that no plan is held against
// its limits without.
func (p *Plan) price() {
	for i := range p.Changes {
		p.Changes[i].Cost = costOf(&p.Changes[i], p.Prices)
	}
}

// Unpriced counts orders whose cost is unknown for one reason.
type Unpriced struct {
	Why    string
	Orders int
}

// Unpriced returns why the cost of what the plan buys is not known, the reason of most orders first.
func (p Plan) Unpriced() []Unpriced {
	orders := map[string]int{}
	var why string
	var last *order.Order // neighbours mostly lack the same price
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Cost.Unpriced == 0 {
			continue
		}
		if o := &c.Order; last == nil || last.Region != o.Region || last.Spec != o.Spec || last.Charge != o.Charge {
			why, last = p.Prices.Unpriced(o), o
		}
		orders[why]++
	}
	var reasons []Unpriced
	for _, s := range largest(orders) {
		reasons = append(reasons, Unpriced{Why: s.name, Orders: s.part})
	}
	return reasons
}

// shownReasons is how many reasons WhyUnpriced names.
const shownReasons = 5

// WhyUnpriced says it in one line, the reasons of most orders first; "" where the whole cost is known.
func (p Plan) WhyUnpriced() string {
	reasons := p.Unpriced()
	var texts []string
	for _, r := range reasons[:min(len(reasons), shownReasons)] {
		texts = append(texts, fmt.Sprintf("%s (%s)", r.Why, counted(r.Orders, "order")))
	}
	if more := len(reasons) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}
