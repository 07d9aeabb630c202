package ui

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// What a plan costs is told only where the fleet names prices. A part of a cost is never shown as if it were the whole.

// Cost says what the plan's purchases come to: "105,672.00 CNY", "at least 90,576.00 CNY" or "an unknown amount"; "" where
// the fleet names no prices.
func Cost(p plan.Plan) string {
	totals := p.Totals()
	if !p.Prices.Named() || totals.Orders() == 0 {
		return ""
	}
	return costText(totals.Cost, totals.Orders(), p.Prices)
}

// costText is what as many orders cost.
func costText(c plan.Cost, orders int, prices order.Prices) string {
	amount := c.Amount.Grouped() + " " + Sanitize(prices.Currency)
	switch {
	case c.Unpriced == 0:
		return amount
	case c.Unpriced == orders:
		return "an unknown amount"
	default:
		return "at least " + amount
	}
}

// costCell is a cost in a table whose title names the currency.
func costCell(c plan.Cost, orders int) string {
	switch {
	case orders == 0:
		return ""
	case c.Unpriced == 0:
		return c.Amount.Grouped()
	case c.Unpriced == orders:
		return "unknown"
	default:
		return ">= " + c.Amount.Grouped()
	}
}

// costColumn is a table's column of costs. An amount is shown whole or not at all.
func costColumn(prices order.Prices) column {
	return column{title: "COST (" + Sanitize(prices.Currency) + ")", right: true, give: 7, drop: true}
}

// costSum is the line above a plan's last.
func costSum(p plan.Plan, n plan.Totals) string {
	known := "Cost: " + Cost(p) + ", at the fleet's own prices."
	if n.Cost.Unpriced == 0 {
		return known
	}
	unknown := fmt.Sprintf("%s Unknown for %d of %s", known, n.Cost.Unpriced, plural(n.Orders(), "order"))
	if n.Cost.Unpriced == n.Orders() {
		unknown = "Cost: unknown"
	}
	return unknown + ": " + Sanitize(p.WhyUnpriced()) + "."
}

// costLine prints what the plan costs.
func (t *Text) costLine(p plan.Plan, n plan.Totals) {
	if Cost(p) == "" {
		return
	}
	t.lines("", costSum(p, n))
}

// boughtCost is what a run's purchases come to. Those that are in doubt are not among them.
func boughtCost(p plan.Plan, r apply.Result) plan.Cost {
	var cost plan.Cost
	for _, e := range r.Entries {
		if e.End == apply.EndBought {
			cost = cost.Plus(changeAt(p, e.Region, e.Address).Cost)
		}
	}
	return cost
}

// boughtCostLine prints what a run's purchases come to.
func (t *Text) boughtCostLine(p plan.Plan, r apply.Result) {
	bought := r.Count(apply.EndBought)
	if !p.Prices.Named() || bought == 0 {
		return
	}
	text := "Cost of what was bought: " + costText(boughtCost(p, r), bought, p.Prices) + ", at the fleet's own prices"
	if r.Count(apply.EndInDoubt) > 0 {
		text += "; not counting what is in doubt"
	}
	t.lines("", text+".")
}

// jsonCost is what purchases come to. Amounts are texts: read as binary fractions, they would have no hundredths.
type jsonCost struct {
	Currency string        `json:"currency"`
	Amount   *order.Amount `json:"amount"`             // null while some of it is unknown
	AtLeast  *order.Amount `json:"at_least,omitempty"` // then, the part that is known
	Unpriced int           `json:"unknown_orders"`
	Unknown  []jsonUnknown `json:"unknown,omitempty"` // why, in a plan's change_summary
}

type jsonUnknown struct {
	Why    string `json:"why"`
	Orders int    `json:"orders"`
}

// costJSON returns nil where the fleet names no prices.
func costJSON(c plan.Cost, currency string) *jsonCost {
	if currency == "" {
		return nil
	}
	out := &jsonCost{Currency: currency, Unpriced: c.Unpriced}
	if c.Unpriced == 0 {
		out.Amount = &c.Amount
	} else {
		out.AtLeast = &c.Amount
	}
	return out
}

// planCostJSON is the plan's whole cost, with the reasons of what is unknown.
func planCostJSON(p plan.Plan, n plan.Totals) *jsonCost {
	out := costJSON(n.Cost, p.Prices.Currency)
	if out == nil {
		return nil
	}
	for _, r := range p.Unpriced() {
		out.Unknown = append(out.Unknown, jsonUnknown(r))
	}
	return out
}
