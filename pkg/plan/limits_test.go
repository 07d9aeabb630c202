package plan_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

var priced = order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{
	{Spec: "bastion-50", Unit: order.UnitYear}:                      1509600,
	{Region: "cn-east-2", Spec: "bastion-50", Unit: order.UnitYear}: 1409650,
}}

// limited is a plan of nine orders, 25 instances: eight branches of three in two regions, and a hub of one, which is
// bought for no price.
func limited(t *testing.T, l order.Limits, prices order.Prices) plan.Plan {
	t.Helper()
	var orders []order.Order
	for i := range 8 {
		orders = append(orders, wish(t, fmt.Sprintf("order.branch[%d]", i), func(o *order.Order) {
			o.Quantity = 3
			if i >= 5 {
				o.Region = "cn-east-2"
			}
		}))
	}
	orders = append(orders, wish(t, "order.hub", func(o *order.Order) { o.Spec, o.Quantity = "bastion-9", 1 }))
	p, err := plan.Build(plan.Input{Fleet: "branches", Orders: orders, Rollout: order.DefaultRollout(), Limits: l, Prices: prices})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCostOfAPlan(t *testing.T) {
	p := limited(t, order.Limits{}, priced)
	if got := p.Totals().Cost; got != (plan.Cost{Amount: 15*1509600 + 9*1409650, Unpriced: 1}) {
		t.Errorf("the plan costs %v", got)
	}
	regions := p.Regions()
	if got := regions[0].Totals.Cost; got != (plan.Cost{Amount: 9 * 1409650}) {
		t.Errorf("%s costs %v", regions[0].Name, got)
	}
	if got := fmt.Sprint(p.Unpriced()); got != `[{no price of a year for spec "bastion-9" in cn-north-1 1}]` {
		t.Errorf("unpriced is %s", got)
	}
}

// TestAGrowCostsTheDifference: what is bought already was paid for.
func TestAGrowCostsTheDifference(t *testing.T) {
	more := wish(t, "order.gw", func(o *order.Order) { o.Quantity = 5 })
	larger := wish(t, "order.hq", func(o *order.Order) { o.Spec = "bastion-100" })
	p, err := plan.Build(plan.Input{
		Orders: []order.Order{more, larger}, Prices: priced,
		Known: plan.Known{Records: []order.Record{bought(wish(t, "order.gw")), bought(wish(t, "order.hq"))}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Totals().Cost; got != (plan.Cost{Amount: 3 * 1509600}) {
		t.Errorf("to grow by three, and an update, cost %v", got)
	}
}

func TestLimits(t *testing.T) {
	known := order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{
		{Spec: "bastion-50", Unit: order.UnitYear}: 100000, {Spec: "bastion-9", Unit: order.UnitYear}: 100,
	}}
	tests := []struct {
		name   string
		limits order.Limits
		prices order.Prices
		want   []string // in error and hint; none: the plan is within its limits
	}{
		{"none", order.Limits{}, order.Prices{}, nil},
		{"just enough", order.Limits{MaxOrders: ptr(9), MaxInstances: ptr(25), MaxSpend: ptr(order.Amount(2400100))}, known, nil},
		{"orders", order.Limits{MaxOrders: ptr(8)}, known, []string{
			"it buys 9 orders, and max_orders is 8 | ", "Most orders are of order.branch (8), order.hub (1); in cn-north-1 (6), cn-east-2 (3).",
		}},
		{"nothing at all", order.Limits{MaxOrders: ptr(0)}, known, []string{"max_orders is 0"}},
		{"instances", order.Limits{MaxInstances: ptr(24)}, known, []string{
			"it buys 25 instances, and max_instances is 24 | ", "Most instances are of order.branch (24), order.hub (1); in cn-north-1 (16), cn-east-2 (9).",
		}},
		{"spend", order.Limits{MaxSpend: ptr(order.Amount(2400099))}, known, []string{
			"it costs 24,001.00 CNY, and max_spend is 24,000.99 CNY | ",
			"Most of the cost is of order.branch (24,000.00), order.hub (1.00); in cn-north-1 (15,001.00), cn-east-2 (9,000.00).",
		}},
		{"an unknown cost", order.Limits{MaxSpend: ptr(order.MaxSpend)}, priced, []string{
			"what 1 of its 9 orders would cost is unknown, and max_spend is 1,000,000,000,000,000.00 CNY | ",
			`The cost is unknown for: no price of a year for spec "bastion-9" in cn-north-1 (1 order).`,
		}},
		{"more than enough without what is unknown", order.Limits{MaxSpend: ptr(order.Amount(100))}, priced, []string{
			"it costs at least 353,308.50 CNY, and max_spend is 1.00 CNY", "Most of the cost is of order.branch (353,308.50); in cn-north-1",
		}},
		{"no prices", order.Limits{MaxSpend: ptr(order.MaxSpend)}, order.Prices{}, []string{"what 9 of its 9 orders would cost is unknown"}},
		{"all at once", order.Limits{MaxOrders: ptr(1), MaxInstances: ptr(1), MaxSpend: ptr(order.Amount(1))}, known, []string{
			"and max_orders is 1; it buys 25 instances, and max_instances is 1; it costs 24,001.00 CNY, and max_spend is 0.01 CNY | ",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := limited(t, test.limits, test.prices).CheckLimits()
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e, ok := errors.AsType[*plan.LimitError](err)
			if !ok {
				t.Fatalf("the plan is let pass: %v", err)
			}
			for _, want := range test.want {
				if got := e.Error() + " | " + e.Hint(); !strings.Contains(got, want) {
					t.Errorf("%q is not in %s", want, got)
				}
			}
		})
	}
}

// TestLimitsHoldWhateverIsBought compares with sums of large numbers: no plan that is let pass buys more than its
// limits say, and none that is held back does not.
func TestLimitsHoldWhateverIsBought(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := plan.Build(drawInput(t))
		if err != nil {
			t.Fatal(err)
		}
		instances, spend, unknown := 0, new(big.Int), false
		for _, b := range p.Buys() {
			instances += b.Order.Quantity
			amount, known := p.Prices.Cost(&b.Order, b.Order.Quantity)
			unknown = unknown || !known
			spend.Add(spend, big.NewInt(int64(amount)))
		}
		l := p.Limits
		within := (l.MaxOrders == nil || len(p.Buys()) <= *l.MaxOrders) && (l.MaxInstances == nil || instances <= *l.MaxInstances) &&
			(l.MaxSpend == nil || !unknown && spend.Cmp(big.NewInt(int64(*l.MaxSpend))) <= 0)
		if err := p.CheckLimits(); (err == nil) != within {
			t.Errorf("%d orders, %d instances for %s (some unknown: %t): %v", len(p.Buys()), instances, spend, unknown, err)
		}
	})
}

// TestReasonsAreBounded: a fleet may lack the prices of thousands of specs.
func TestReasonsAreBounded(t *testing.T) {
	var orders []order.Order
	for i := range 9 {
		orders = append(orders, wish(t, fmt.Sprintf("order.a[%d]", i), func(o *order.Order) { o.Spec = fmt.Sprintf("s%d", max(1, i)) }))
	}
	p, err := plan.Build(plan.Input{Orders: orders, Prices: priced})
	if err != nil {
		t.Fatal(err)
	}
	got := p.WhyUnpriced()
	if !strings.HasPrefix(got, `no price of a year for spec "s1" in cn-north-1 (2 orders); no price of a year for spec "s2"`) ||
		!strings.HasSuffix(got, `spec "s5" in cn-north-1 (1 order); and 3 more`) {
		t.Error(got)
	}
}
