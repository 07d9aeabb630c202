package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

func TestGraph(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
variable "env" { default = "prod" }
variable "n" { default = 2 }
variable "alone" { default = 1 }
locals {
  sites = { a = "cn-north-1", b = "cn-east-2", c = "cn-east-2" }
  names = [for k, v in local.sites : "${var.env}-${k}" if k == "a"]
}
region "cn-east-2" { az = "cn-east-2${substr("a", 0, var.n)}" }
order "branch" {
  for_each = local.sites
  region   = each.value
  az       = each.value == "cn-east-2" ? null : "cn-north-1a"
  precondition {
    condition     = length(local.names) > 0
    error_message = "none, ${var.env}"
  }
}
limits { max_orders = 100 }
import {
  to  = order.branch["a"]
  bid = "bid-${var.n}"
}
rollout {
  parallelism = var.n
  wave "canary" {
    orders  = [order.branch["a"], "order.json"]
    percent = 50
  }
  wave "east" {
    regions = ["cn-east-2"]
    approve = var.n > 1
  }
}
output "ids" { value = [order.branch["a"].buy_id, local.names] }
order "maybe" {
  dynamic "charge" {
    for_each = local.names
    content {
      unit     = "YEAR"
      duration = charge.key + var.alone
    }
  }
}
check "some" {
  assert {
    condition     = order.branch["b"].status == "bought"
    error_message = var.env
  }
}`, "b.fleet.json", `{"order": {"json": {"desc": "${var.env} ${local.names[0]}", "charge": {"unit": "YEAR", "duration": "${var.n}"}}}}`)
	g, f, diags := fleet.LoadGraph(dir, fleet.Options{})
	if len(diags) > 0 || f.Name != "f" {
		t.Fatal(rendered(diags))
	}
	var nodes, edges []string
	for _, n := range g.Nodes {
		nodes = append(nodes, fmt.Sprintf("%s %s %d", n.Kind, n.Name, n.Orders))
	}
	for _, e := range g.Edges {
		edges = append(edges, fmt.Sprintf("%s -> %s %d", e.From, e.To, e.Orders))
	}
	if diff := cmp.Diff([]string{
		"check check.some 0", "defaults defaults 0", "local local.names 0", "local local.sites 0",
		"order order.branch 3", "order order.json 1", "order order.maybe 1", "output output.ids 0",
		"region region.cn-east-2 2", "region region.cn-north-1 3", "rollout rollout 0",
		"variable var.alone 0", "variable var.env 0", "variable var.n 0",
		"wave wave.canary 1", "wave wave.east 2", "wave wave.remaining 3",
	}, nodes); diff != "" {
		t.Errorf("nodes:\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"check.some -> order.branch 0", "check.some -> var.env 0",
		"local.names -> local.sites 0", "local.names -> var.env 0",
		"order.branch -> local.names 0", "order.branch -> local.sites 0", "order.branch -> region.cn-east-2 2",
		"order.branch -> region.cn-north-1 1", "order.branch -> var.env 0", "order.branch -> var.n 0",
		"order.json -> local.names 0", "order.json -> region.cn-north-1 1", "order.json -> var.env 0", "order.json -> var.n 0",
		"order.maybe -> local.names 0", "order.maybe -> region.cn-north-1 1", "order.maybe -> var.alone 0",
		"output.ids -> local.names 0", "output.ids -> order.branch 0",
		"region.cn-east-2 -> defaults 0", "region.cn-east-2 -> var.n 0", "region.cn-north-1 -> defaults 0",
		"rollout -> var.n 0",
		"wave.canary -> order.branch 1", "wave.canary -> order.json 1",
		"wave.east -> order.branch 2", "wave.east -> var.n 0", "wave.east -> wave.canary 0",
		"wave.remaining -> order.branch 1", "wave.remaining -> order.json 1", "wave.remaining -> order.maybe 1", "wave.remaining -> wave.east 0",
	}, edges); diff != "" {
		t.Errorf("edges:\n%s", diff)
	}
}

// TestGraphLeadsNowhereElse holds that every edge of every example has a node at both ends.
func TestGraphLeadsNowhereElse(t *testing.T) {
	for _, name := range []string{"quickstart", "four-regions", "branches-csv", "everything", "waves"} {
		g, f, diags := fleet.LoadGraph("../../examples/fleets/"+name, fleet.Options{})
		if len(diags) > 0 {
			t.Fatal(rendered(diags))
		}
		known, orders := map[string]bool{}, 0
		for _, n := range g.Nodes {
			known[n.Name] = true
		}
		for _, e := range g.Edges {
			if !known[e.From] || !known[e.To] {
				t.Errorf("%s: the edge %v leads to no node", name, e)
			}
			if strings.HasPrefix(e.To, "region.") {
				orders += e.Orders
			}
		}
		if orders != len(f.Orders) {
			t.Errorf("%s: edges of %d orders, not of %d", name, orders, len(f.Orders))
		}
	}
	if g, _, diags := fleet.LoadGraph(writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {\n a = 1\n}"), fleet.Options{}); !diags.HasErrors() || len(g.Nodes) > 0 {
		t.Errorf("a mistake: %d nodes, %s", len(g.Nodes), strings.TrimSpace(rendered(diags)))
	}
}
