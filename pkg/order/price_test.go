package order_test

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var listed = order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{
	{Spec: "bastion-50", Unit: order.UnitMonth}:                      148000,
	{Spec: "bastion-50", Unit: order.UnitYear}:                       1509600,
	{Region: "cn-east-2", Spec: "bastion-50", Unit: order.UnitMonth}: 7,
}}

func TestCost(t *testing.T) {
	yearly := order.Charge{Unit: order.UnitYear, Duration: 3}
	tests := []struct {
		name   string
		region string
		spec   string
		charge order.Charge
		want   string // the cost of two instances, or else why it is unknown
	}{
		{"by the year", "cn-north-1", "bastion-50", yearly, "90576.00"},
		{"by the month", "cn-north-1", "bastion-50", order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitMonth, Duration: 9}, "26640.00"},
		{"a region's own price", "cn-east-2", "bastion-50", order.Charge{Unit: order.UnitMonth, Duration: 1}, "0.14"},
		{"a price that the region doesn't change", "cn-east-2", "bastion-50", yearly, "90576.00"},
		{"no such spec", "cn-north-1", "bastion-5O", yearly, `no price of a year for spec "bastion-5O" in cn-north-1`},
		{"postpaid", "cn-north-1", "bastion-50", order.Charge{Mode: order.ChargeConfig, Unit: order.UnitYear, Duration: 1}, "postpaid, so it depends on how long the instances run"},
		{"terms of the API's choice", "cn-north-1", "bastion-50", order.Charge{}, "no charge block says for how long"},
	}
	for _, test := range tests {
		o := order.Order{Region: test.region, Spec: test.spec, Charge: test.charge}
		got := listed.Unpriced(&o)
		if amount, known := listed.Cost(&o, 2); known {
			got = amount.String()
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	var none order.Prices
	if _, known := none.Cost(&order.Order{Spec: "bastion-50", Charge: yearly}, 1); known || none.Named() {
		t.Error("a fleet without prices knows a cost")
	}
}
