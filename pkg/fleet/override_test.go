package fleet_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestOverrideFilesAreNoFleet holds that override files change other files alone, and a file that is named alone is left
// as it is.
func TestOverrideFilesAreNoFleet(t *testing.T) {
	const changed = "defaults {\n spec = \"bastion-100\"\n}\n"
	dir := writeFleet(t, "main.fleet.hcl", minimal+`order "gw" {}`, "override.fleet.hcl", changed)
	if f := mustLoad(t, dir, fleet.Options{}); f.Orders[0].Spec != "bastion-100" {
		t.Errorf("of the directory, the spec is %q", f.Orders[0].Spec)
	}
	if f := mustLoad(t, filepath.Join(dir, "main.fleet.hcl"), fleet.Options{}); f.Orders[0].Spec != "bastion-50" {
		t.Errorf("of the file, the spec is %q", f.Orders[0].Spec)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "override.fleet.hcl"):     "Override file alone",
		writeFleet(t, "a_override.fleet.json", "{}"): "No fleet files",
	} {
		if _, diags := fleet.Load(path, fleet.Options{}); len(diags) != 1 || diags[0].Summary != want {
			t.Errorf("%s: %s", path, rendered(diags))
		}
	}
}

// TestOverriddenBlocks overrides a part of each kind of block that has parts of its own.
func TestOverriddenBlocks(t *testing.T) {
	dir := writeFleet(t, "main.fleet.hcl", minimal+`
		order "gw" {}
		limits {
		  max_orders    = 1
		  max_instances = 2
		}
		prices "CNY" {
		  spec "bastion-50" {
		    month = 100
		    year  = 1000
		  }
		  spec "bastion-100" { month = 200 }
		}
		output "spec" {
		  description = "as it was"
		  value       = "overridden"
		}
		check "two" {
		  assert {
		    condition     = false
		    error_message = "overridden"
		  }
		  assert {
		    condition     = false
		    error_message = "overridden, too"
		  }
		}`, "override.fleet.hcl", `
		limits { max_instances = 3 }
		prices "CNY" {
		  spec "bastion-50" { year = 900 }
		  spec "bastion-200" { month = 400 }
		}
		output "spec" { value = order.gw.spec }
		check "two" {
		  assert {
		    condition     = order.gw.spec == "bastion-100"
		    error_message = "It is ${order.gw.spec}."
		  }
		}`)
	f := mustLoad(t, dir, fleet.Options{})
	if f.Limits.MaxOrders == nil || *f.Limits.MaxOrders != 1 || f.Limits.MaxInstances == nil || *f.Limits.MaxInstances != 3 {
		t.Errorf("limits: %+v", f.Limits)
	}
	prices := map[string]string{}
	for of, amount := range f.Prices.List {
		prices[of.Spec+" "+of.Unit] = amount.Grouped()
	}
	want := map[string]string{
		"bastion-50 MONTH": "100.00", "bastion-50 YEAR": "900.00", "bastion-100 MONTH": "200.00", "bastion-200 MONTH": "400.00",
	}
	if diff := cmp.Diff(want, prices); diff != "" {
		t.Errorf("prices (-want +got):\n%s", diff)
	}
	e, diags := f.Evaluate([]order.Record{})
	if len(e.Outputs) != 1 || e.Outputs[0].Description != "as it was" || !e.Outputs[0].Value.RawEquals(cty.StringVal("bastion-50")) {
		t.Errorf("outputs: %+v", e.Outputs)
	}
	if len(diags) != 1 || !strings.HasSuffix(diags[0].Detail, "It is bastion-50.") {
		t.Error(rendered(diags))
	}
}
