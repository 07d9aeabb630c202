package fleet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// repeated is a fleet with an order of each kind, of which bought holds records.
const repeated = minimal + `
order "gw" { desc = "gate" }
order "branch" {
	for_each = toset(["bj", "gz", "sh"])
	charge {
		mode     = "MONTHLY"
		unit     = "YEAR"
		duration = 1
	}
}
order "pool" { count = 2 }
`

// bought are records by address: one bought twice, one known by its bids alone, one in doubt, one that failed.
func bought() []order.Record {
	doubt := order.Intent{Attempt: 1}
	return []order.Record{
		{Address: order.Address{Name: "branch", Key: order.TextKey("bj")}, Purchases: []order.Purchase{
			{Attempt: 1, BuyID: "buy-1", SourceIDs: []string{"src-1"}, RequestID: "req-1"},
			{Attempt: 2, BuyID: "buy-2", SourceIDs: []string{"src-2", "src-3"}, RequestID: "req-2"},
		}},
		{Address: order.Address{Name: "branch", Key: order.TextKey("gz")}, Doubt: &doubt},
		{Address: order.Address{Name: "branch", Key: order.TextKey("sh")}, Failure: &order.Failure{Class: order.ClassRejected}},
		{Address: order.Address{Name: "pool", Key: order.IndexKey(1)}, Purchases: []order.Purchase{{Attempt: 1, BIDs: []string{"bid-1"}}}},
	}
}

// TestOrderValues holds what expressions see of orders.
func TestOrderValues(t *testing.T) {
	tests := map[string]struct{ expression, want string }{
		"attribute":          {`order.gw.region`, `"cn-north-1"`},
		"attribute of block": {`order.branch["bj"].charge.duration`, `1`},
		"attribute not set":  {`order.gw.charge`, `null`},
		"last purchase":      {`order.branch["bj"].buy_id`, `"buy-2"`},
		"all purchases":      {`order.branch["bj"].buy_ids`, `["buy-1","buy-2"]`},
		"all source ids":     {`order.branch.bj.source_ids`, `["src-1","src-2","src-3"]`},
		"request":            {`order.branch["bj"].request_id`, `"req-2"`},
		"adopted":            {`[order.pool[1].buy_id, order.pool[1].bids, order.pool[1].status]`, `["",["bid-1"],"bought"]`},
		"in doubt":           {`order.branch["gz"].status`, `"in_doubt"`},
		"failed":             {`order.branch["sh"].status`, `"failed"`},
		"index as text":      {`order.pool["1"].status`, `"bought"`},
		"whole block":        {`{ for k, o in order.branch : k => o.status }`, `{"bj":"bought","gz":"in_doubt","sh":"failed"}`},
		"keys":               {`[keys(order.branch), length(order.pool)]`, `[["bj","gz","sh"],2]`},
		"splat":              {`order.pool[*].quantity`, `[1,1]`},
		"key of an expression": {`[for k in ["bj"] : order.branch[k].buy_id]`,
			`["buy-2"]`},
		"key that is not there": {`try(order.branch["xx"].buy_id, "none")`, `"none"`},
		"template":              {`"is ${order.gw.desc}"`, `"is gate"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := evaluated(t, repeated+`output "o" { value = `+test.expression+` }`).Outputs[0].Value
			got, err := ctyjson.Marshal(v, v.Type())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestUnknownValues holds what is not known of an order before it is bought: its ids, and nothing else.
func TestUnknownValues(t *testing.T) {
	tests := map[string]bool{
		`order.gw.region`:               true,
		`order.gw.status`:               false,
		`order.gw.buy_id`:               false,
		`order.branch["sh"].buy_ids`:    false,
		`order.branch["gz"].request_id`: false,
		`order.pool[0].source_ids`:      false,
		`values(order.branch)[*].desc`:  true,
		`values(order.branch)[*].bids`:  false,
	}
	for expression, known := range tests {
		v := evaluated(t, repeated+`output "o" { value = `+expression+` }`).Outputs[0].Value
		if v.IsWhollyKnown() != known {
			t.Errorf("%s is %#v", expression, v)
		}
	}
}

func evaluated(t *testing.T, text string) fleet.Evaluated {
	t.Helper()
	all, diags := mustLoad(t, writeFleet(t, "a.fleet.hcl", text), fleet.Options{}).Evaluate(bought())
	if len(diags) > 0 {
		t.Fatal(rendered(diags))
	}
	return all
}

// TestChecks holds that a check warns, that it waits for what is not bought, and that it never stops anything.
func TestChecks(t *testing.T) {
	tests := map[string]struct{ condition, message, want string }{
		"holds":     {`order.pool[1].status == "bought"`, `"Never."`, ""},
		"fails":     {`order.branch["bj"].status == "failed"`, `"It is ${order.branch["bj"].status}."`, "warning: Check failed: c: It is bought."},
		"not known": {`order.gw.buy_id != ""`, `"Never."`, "undecided"},
		"message not known": {`false`, `"It is ${order.gw.status}."`,
			"warning: Check failed: c: (The message is not known yet.)"},
		"mistake": {`order.pool[1].source_ids[0] != ""`, `"Never."`,
			"warning: Invalid index: The list is empty."},
		"mistake in the message": {`length(order.pool[1].source_ids) > 0`, `"It is ${order.pool[1].source_ids[0]}."`,
			"warning: Check failed: c: (The message has a mistake.) warning: Invalid index: The list is empty."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := mustLoad(t, writeFleet(t, "a.fleet.hcl", repeated+`
				check "c" {
					assert {
						condition     = `+test.condition+`
						error_message = `+test.message+`
					}
				}`), fleet.Options{})
			all, diags := f.Evaluate(bought())
			var got []string
			if len(all.Undecided) > 0 {
				got = append(got, "undecided")
			}
			for _, d := range diags {
				got = append(got, severity(d)+": "+d.Summary+": "+d.Detail)
			}
			if d := cmp.Diff(test.want, strings.Join(got, " ")); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestOutputMistakes holds that an output whose mistake shows only with what is bought is left out, and the others not.
func TestOutputMistakes(t *testing.T) {
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", repeated+`
		output "good" { value = file("names.txt") }
		output "bad" { value = order.pool[1].source_ids[0] }
		output "loop" { value = [for o in order.pool : o.buyid] }`, "names.txt", "gate"), fleet.Options{})
	all, diags := f.Evaluate(bought())
	if len(all.Outputs) != 1 || all.Outputs[0].Value.AsString() != "gate" {
		t.Errorf("outputs are %v", all.Outputs)
	}
	if len(diags) != 2 || !diags.HasErrors() {
		t.Fatal(rendered(diags))
	}
	want := `This object has no attribute "buyid". Did you mean "buy_id"? This happens 2 times here.`
	if d := cmp.Diff(want, diags[1].Detail); d != "" {
		t.Error(d)
	}
}

// TestLateJSON holds that JSON files have outputs and checks too, with their positions.
func TestLateJSON(t *testing.T) {
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", repeated, "b.fleet.json", `{
		"output": {"ids": {"value": "${order.branch[\"bj\"].buy_ids}", "description": "all"}},
		"check": {"gate": {"assert": [
			{"condition": "${order.gw.region == \"x\"}", "error_message": "It is in ${order.gw.region}."}
		]}}
	}`), fleet.Options{})
	all, diags := f.Evaluate(bought())
	want := cty.ListVal([]cty.Value{cty.StringVal("buy-1"), cty.StringVal("buy-2")})
	if len(all.Outputs) != 1 || !all.Outputs[0].Value.RawEquals(want) || all.Outputs[0].Description != "all" {
		t.Errorf("outputs are %v", all.Outputs)
	}
	if len(diags) != 1 || diags[0].Detail != "gate: It is in cn-north-1." || diags[0].Subject.Start.Line != 4 {
		t.Error(rendered(diags))
	}
	_, diags = fleet.Load(writeFleet(t, "a.fleet.hcl", repeated, "b.fleet.json", `{
		"output": {"ids": {"value": "${order.brnch.buy_ids}"}},
		"check": {"gate": {}}
	}`), fleet.Options{})
	lines := map[string]int{}
	for _, d := range diags {
		lines[d.Summary] = d.Subject.Start.Line
	}
	if d := cmp.Diff(map[string]int{"Undeclared order": 2, "Check without an assert": 3}, lines); d != "" {
		t.Errorf("%s\n%s", d, rendered(diags))
	}
}
