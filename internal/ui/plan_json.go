package ui

import (
	"encoding/json"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// jsonChange is a planned change. Quantity (of its order) is what is wished or known in all; Instances is what the
// apply buys.
type jsonChange struct {
	Address   order.Address `json:"address"`
	Action    plan.Action   `json:"action"`
	Region    string        `json:"region"`
	Instances int           `json:"instances"`
	jsonOrder
	Bought  int                 `json:"bought"`           // instances that the address has already
	Before  map[order.Field]any `json:"before,omitempty"` // with grow and update: what was bought, where it differs
	After   map[order.Field]any `json:"after,omitempty"`  // what is wished instead
	InDoubt *jsonDoubt          `json:"in_doubt,omitempty"`
	Failure *jsonFailure        `json:"failure,omitempty"` // of the last attempt
	Cost    *jsonCost           `json:"cost,omitempty"`    // of Instances, where the fleet names prices
	Wave    string              `json:"wave,omitempty"`    // that buys it
}

func changeJSON(c *plan.Change) jsonChange {
	out := jsonChange{
		Address: c.Address, Action: c.Action, Region: c.Region, Instances: c.Quantity,
		jsonOrder: orderJSON(shownOrder(c)),
	}
	if c.Before != nil {
		out.Bought = c.Before.Bought()
		out.InDoubt = doubtJSON(c.Before)
		out.Failure = (*jsonFailure)(c.Before.Failure)
	}
	if len(c.Fields) > 0 {
		out.Before, out.After = map[order.Field]any{}, map[order.Field]any{}
	}
	for _, f := range c.Fields {
		out.Before[f.Field] = fieldValue(f.Field, f.Old)
		out.After[f.Field] = fieldValue(f.Field, f.New)
	}
	return out
}

// fieldValue is a field's text as its JSON type; null where it is not set.
func fieldValue(f order.Field, text string) any {
	if text == "" {
		return nil
	}
	switch f {
	case order.FieldQuantity, order.FieldDuration, order.FieldAutoRenew, order.FieldAutoPay:
		return json.RawMessage(text)
	default:
		return text
	}
}

type jsonSummary struct {
	envelope
	Changes jsonCounts `json:"changes"`
}

// jsonCounts counts orders by what was planned or, after an apply, by what was done.
type jsonCounts struct {
	Create  int `json:"create"`
	Grow    int `json:"grow"`
	Update  int `json:"update"`
	Forget  int `json:"forget"`
	InDoubt int `json:"in_doubt"`
	jsonRewritten

	// After an apply only; the last two count what of the plan no apply carries out.
	Failed        *int `json:"failed,omitempty"`
	Skipped       *int `json:"skipped,omitempty"`
	NotExecutable *int `json:"not_executable,omitempty"` // orders to update
	Held          *int `json:"held,omitempty"`           // orders in doubt from before; InDoubt counts the run's own

	Unchanged int    `json:"unchanged"`
	Instances int    `json:"instances"`
	Unpaid    int    `json:"unpaid"` // orders whose purchase waits to be paid
	Operation string `json:"operation"`

	Cost *jsonCost `json:"cost,omitempty"` // where the fleet names prices: of what is to be bought, or was
}

// jsonRewritten counts the records that are moved, removed and imported before anything is bought.
type jsonRewritten struct {
	Move   int `json:"move,omitempty"`
	Remove int `json:"remove,omitempty"`
	Import int `json:"import,omitempty"` // orders
}

func rewrittenJSON(p plan.Plan) jsonRewritten {
	return jsonRewritten{len(p.Moves), len(p.Removals), len(p.Imports)}
}

// Plan prints a planned_change for each change, unless only the summary is asked for, and a change_summary.
func (j *JSON) Plan(p plan.Plan, d Detail) {
	if d == Full {
		j.rewrites(p)
	}
	for i := range p.Changes {
		if d == Summary {
			break
		}
		c := changeJSON(&p.Changes[i])
		if c.Action.Buys() {
			c.Cost = costJSON(p.Changes[i].Cost, p.Prices.Currency)
			if len(p.Waves) > 0 {
				c.Wave = p.Waves[p.Changes[i].Wave].Name
			}
		}
		j.emit(struct {
			envelope
			Change jsonChange `json:"change"`
		}{newEnvelope(levelInfo, "planned_change", c.Address.String()+": plan to "+plannedTo(c.Action)), c})
	}
	n := p.Totals()
	j.emit(struct {
		jsonSummary
		jsonRecap
	}{
		jsonSummary{newEnvelope(levelInfo, "change_summary", planSum(p, n)), jsonCounts{
			Create: n.Create, Grow: n.Grow, Update: n.Update, Forget: n.Forget, InDoubt: n.InDoubt, jsonRewritten: rewrittenJSON(p),
			Unchanged: p.Unchanged, Instances: n.Instances, Unpaid: n.Unpaid, Operation: "plan", Cost: planCostJSON(p, n),
		}},
		recapJSON(p),
	})
	j.flush()
}

// jsonRecap sums a plan up as its text does for those who approve it: where it buys, and what, on which terms.
type jsonRecap struct {
	Selected bool         `json:"selected"` // --target, --exclude or --region left the rest of the fleet out
	Regions  []jsonRegion `json:"regions"`
	Specs    []jsonSpec   `json:"specs"` // all of them, the most instances first

	Rollout *jsonRollout `json:"rollout,omitempty"` // where there is something to buy or to watch
}

type jsonRegion struct {
	Region    string `json:"region"`
	Create    int    `json:"create"`
	Grow      int    `json:"grow"`
	Update    int    `json:"update"`
	Forget    int    `json:"forget"`
	InDoubt   int    `json:"in_doubt"`
	Instances int    `json:"instances"`

	Cost *jsonCost `json:"cost,omitempty"`
}

type jsonSpec struct {
	Spec      string `json:"spec"`
	Billing   string `json:"billing"`
	Orders    int    `json:"orders"`
	Instances int    `json:"instances"`

	Cost *jsonCost `json:"cost,omitempty"`
}

func recapJSON(p plan.Plan) jsonRecap {
	out := jsonRecap{Selected: p.Selected, Regions: []jsonRegion{}, Specs: []jsonSpec{}, Rollout: rolloutJSON(p)}
	for _, r := range p.Regions() {
		n := r.Totals
		out.Regions = append(out.Regions, jsonRegion{r.Name, n.Create, n.Grow, n.Update, n.Forget, n.InDoubt, n.Instances, costJSON(n.Cost, p.Prices.Currency)})
	}
	for _, w := range specTotals(p) {
		out.Specs = append(out.Specs, jsonSpec{w.spec, w.billing, w.orders, w.instances, costJSON(w.cost, p.Prices.Currency)})
	}
	return out
}

func plannedTo(a plan.Action) string {
	if a == plan.InDoubt {
		return "hold, in doubt"
	}
	return a.String()
}
