package fleet_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestMoney holds what limits and prices blocks mean, in both syntaxes and overridden.
func TestMoney(t *testing.T) {
	const native = minimal + `
		order "gw" {}
		variable "factor" { default = "0.1" }
		limits {
			max_orders    = 0
			max_instances = var.factor * 2000
			max_spend     = "500000.5"
		}
		prices "CNY" {
			spec "bastion-50" {
				month = var.factor * 14800
				year  = floor(100 * 15096 * 0.8555) / 100
			}
			spec "bastion-100" { month = 0 }
			region "cn-east-2" {
				spec "bastion-50" { year = 0.3 - 0.1 }
			}
		}`
	const text = `{"limits": {"max_orders": 0, "max_instances": "${var.factor * 2000}", "max_spend": "500000.5"}, "prices": {"CNY": {
		"spec": {"bastion-50": {"month": "${var.factor * 14800}", "year": 12914.62}, "bastion-100": {"month": "0"}},
		"region": {"cn-east-2": {"spec": {"bastion-50": {"year": 0.20}}}}
	}}}`
	inJSON := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\nvariable \"factor\" { default = \"0.1\" }\n", "b.fleet.json", text)
	overridden := writeFleet(t, "a.fleet.hcl", strings.NewReplacer("500000.5", "1", "* 14800", "* 1", "0.3 - 0.1", "7").Replace(native), "override.fleet.hcl", `
		limits { max_spend = 500000.5 }
		prices "CNY" {
			spec "bastion-50" { month = 1480 }
			region "cn-east-2" {
				spec "bastion-50" { year = 0.2 }
			}
		}`)
	for _, dir := range []string{writeFleet(t, "a.fleet.hcl", native), inJSON, overridden} {
		f := mustLoad(t, dir, fleet.Options{})
		orders, instances, spend := 0, 200, order.Amount(50000050)
		if diff := cmp.Diff(order.Limits{MaxOrders: &orders, MaxInstances: &instances, MaxSpend: &spend}, f.Limits); diff != "" {
			t.Errorf("limits (-want +got):\n%s", diff)
		}
		want := order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{
			{Spec: "bastion-50", Unit: order.UnitMonth}: 148000, {Spec: "bastion-50", Unit: order.UnitYear}: 1291462,
			{Spec: "bastion-100", Unit: order.UnitMonth}: 0, {Region: "cn-east-2", Spec: "bastion-50", Unit: order.UnitYear}: 20,
		}}
		if diff := cmp.Diff(want, f.Prices); diff != "" {
			t.Errorf("prices (-want +got):\n%s", diff)
		}
	}
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\n"), fleet.Options{})
	if diff := cmp.Diff(order.Limits{}, f.Limits); diff != "" || f.Prices.Named() {
		t.Errorf("a fleet without both has %v\n%s", f.Prices, diff)
	}
}

// TestMistakesOfMoneyInJSON holds that mistakes of the blocks have their places in JSON, too.
func TestMistakesOfMoneyInJSON(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\n", "b.fleet.json", `{
  "limits": {
  "max_order": 1,
  "max_spend": -1
  },
  "prices": {"CNY": {
  "spec": {"a": {}, "b": {"month": 0.001}},
  "region": {"cn-nort-1": {"spec": {"a": {"year": 1}}}},
  "year": 1
  }}
}`)
	_, diags := fleet.Load(dir, fleet.Options{})
	got := rendered(diags)
	for _, want := range []string{
		"b.fleet.json:3,3: error: Unknown property", `Did you mean "max_orders"?`, "b.fleet.json:4,16: error: Amount out of range",
		"b.fleet.json:7,17: error: Empty price", "b.fleet.json:7,36: error: Amount too fine",
		"b.fleet.json:8,27: warning: Region without orders", "b.fleet.json:9,3: error: Unknown property", "Write it in a spec block",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// TestAFleetOfMoreOrders holds that the bound is the fleet's own.
func TestAFleetOfMoreOrders(t *testing.T) {
	const n = fleet.DefaultMaxOrders + 1
	for _, most := range []string{"100001", "var.most"} {
		text := strings.Replace(minimal, `fleet "f" {}`, `fleet "f" { max_orders = `+most+` }`, 1) +
			fmt.Sprintf("variable \"most\" { default = %d }\norder \"gw\" { count = %d }\n", n, n)
		f := mustLoad(t, filepath.Join(writeFleet(t, "a.fleet.hcl", text), "a.fleet.hcl"), fleet.Options{})
		if len(f.Orders) != n {
			t.Errorf("max_orders = %s: %d orders", most, len(f.Orders))
		}
	}
}

// TestTooManyPrices holds that a price list is bounded.
func TestTooManyPrices(t *testing.T) {
	var specs strings.Builder
	for i := range order.MaxPrices + 1 {
		fmt.Fprintf(&specs, "\"s%d\": {\"year\": 1}, ", i)
	}
	dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\n",
		"b.fleet.json", `{"prices": {"CNY": {"spec": {`+strings.TrimSuffix(specs.String(), ", ")+`}}}}`)
	_, diags := fleet.Load(dir, fleet.Options{})
	if got := rendered(diags); !strings.Contains(got, "Too many prices\n  The block names 10,001 prices; it may name 10,000.") {
		t.Error(got)
	}
}

// TestManySpecsWithoutAPrice holds that not every spec is compared with every price, which would take a fleet's time many
// times over: the first hundred slips are told.
func TestManySpecsWithoutAPrice(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		order "gw" {
			for_each = toset([for pair in setproduct(split("", "abcdefghijklmnopqrst"), split("", "klmnopqrst")) : join("", pair)])
			spec     = "bastion-${each.key}50"
		}
		prices "CNY" {
			spec "bastion-50" { year = 1 }
		}`)
	f, diags := fleet.Load(dir, fleet.Options{})
	if len(f.Orders) != 200 || len(diags) != 100 {
		t.Errorf("%d orders, %d warnings", len(f.Orders), len(diags))
	}
}
