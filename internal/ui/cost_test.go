package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

var prices = order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{
	{Spec: "bastion-50", Unit: order.UnitYear}:                      1509600,
	{Region: "cn-east-1", Spec: "bastion-50", Unit: order.UnitYear}: 1409605,
}}

func spec(name string) func(*order.Order) { return func(o *order.Order) { o.Spec = name } }

// pricedPlan costs something in three regions: all of it known in the first, a part in the second, nothing in the third.
// A fourth region buys nothing.
func pricedPlan() plan.Plan {
	gw := wish("order.gw", region("cn-north-1"))
	return buildPriced(prices, []order.Order{
		wish(`order.hub[0]`, region("cn-east-1")), wish(`order.hub[1]`, region("cn-east-1"), quantity(7)),
		wish("order.gw", region("cn-north-1"), quantity(5)), wish("order.large", region("cn-north-1"), spec("bastion-5000")),
		wish("order.postpaid", region("cn-south-1"), func(o *order.Order) { o.Charge = order.Charge{Mode: order.ChargeConfig} }),
	}, []order.Record{bought(gw), bought(wish("order.gone", region("cn-south-2")))})
}

func TestCostText(t *testing.T) {
	many := make([]order.Order, 21)
	for i := range many {
		many[i] = wish("order.branch", region([]string{"cn-north-1", "cn-east-1"}[i%2]), spec([]string{"bastion-50", "bastion-9"}[i/20]))
		many[i].Address.Key = order.IndexKey(i)
	}
	plans := map[string]plan.Plan{
		"priced":  pricedPlan(),
		"recap":   buildPriced(prices, many, nil),
		"unknown": buildPriced(prices, []order.Order{wish("order.a", spec("x")), wish("order.b", spec("x"))}, nil),
	}
	for name, p := range plans {
		for _, width := range []int{0, 80} {
			out, _ := shown(width, false, func(v ui.View) { v.Plan(p, ui.Full) })
			golden(t, fmt.Sprintf("cost-%s-%d.txt", name, width), out)
			checkWidth(t, out, width)
		}
	}
}

func TestCostJSON(t *testing.T) {
	p := pricedPlan()
	golden(t, "cost.ndjson", events(t, func(v ui.View) {
		v.Plan(p, ui.Full)
		v.Applied(ui.Ending{Plan: p, Result: apply.Result{Entries: []apply.Entry{
			entry(p.Changes[0].Order, apply.EndBought, order.Failure{}), entry(p.Changes[1].Order, apply.EndFailed, order.Failure{}),
		}}})
	}))
}

func TestCostOfARun(t *testing.T) {
	p := pricedPlan()
	result := apply.Result{Entries: []apply.Entry{
		entry(p.Changes[0].Order, apply.EndBought, order.Failure{}), entry(p.Changes[2].Order, apply.EndInDoubt, order.Failure{}),
	}}
	for _, want := range []string{
		"28,192.10 CNY, at the fleet's own prices; not counting what is in doubt.", "at least 28,192.10 CNY, at the fleet's own prices.",
	} {
		out, _ := shown(0, false, func(v ui.View) { v.Applied(ui.Ending{Plan: p, Result: result}) })
		if !strings.Contains(out, "\nCost of what was bought: "+want+"\nApply incomplete: ") {
			t.Errorf("%s is not in\n%s", want, out)
		}
		result.Entries[1] = entry(p.Changes[3].Order, apply.EndBought, order.Failure{})
		result.Entries = append(result.Entries, entry(p.Changes[4].Order, apply.EndFailed, order.Failure{}))
	}
}

// TestNoCostWithoutPrices: a fleet that names no prices is told of none.
func TestNoCostWithoutPrices(t *testing.T) {
	show := func(v ui.View) { v.Plan(build(branches(30), nil), ui.Full) }
	out, _ := shown(80, false, show)
	if text := strings.ToLower(out + jsonShown(show)); strings.Contains(text, "cost") {
		t.Error(text)
	}
	if got := ui.Cost(buildPriced(prices, nil, []order.Record{bought(wish("order.gone"))})); got != "" {
		t.Errorf("nothing is bought for %s", got)
	}
}
