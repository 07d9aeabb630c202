package fleet_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestAMistakenValueNamesItsSource gives a number a text from each source.
func TestAMistakenValueNamesItsSource(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "n" { type = number }
		variable "parts" {
			type    = list(number)
			default = []
		}
		order "gw" { quantity = var.n }`,
		"given.hcl", "\nn = \"many\"", "given.json", `{"n": "many"}`)
	text := fleet.Var{Name: "n", Value: "many"}
	file := func(name string) fleet.Var { return fleet.Var{File: filepath.Join(dir, name)} }
	for want, o := range map[string]fleet.Options{
		"its value from --var n is not: a number is required":                                      {Vars: []fleet.Var{text}},
		"its value from the environment variable BASTION_FLEET_VAR_n is not: a number is required": {Environ: []string{"BASTION_FLEET_VAR_n=many"}},
		"its value from " + file("given.hcl").File + ":2 is not: a number is required":             {Vars: []fleet.Var{text, file("given.hcl")}},
		"its value from " + file("given.json").File + ":1 is not: a number is required":            {Vars: []fleet.Var{file("given.json")}},
		"its value from --var parts is not: var.parts[1]: a number is required":                    {Vars: []fleet.Var{{Name: "n", Value: "1"}, {Name: "parts", Value: `[1, "x"]`}}},
		"its value from --var parts is not: list of number required, but have string":              {Vars: []fleet.Var{{Name: "n", Value: "1"}, {Name: "parts", Value: `"x"`}}},
	} {
		_, diags := fleet.Load(dir, o)
		if len(diags) != 1 || diags[0].Summary != "Wrong type" || !strings.Contains(diags[0].Detail, want) {
			t.Errorf("want %q, got\n%s", want, rendered(diags))
		}
	}
}

// TestNullAsksForTheDefault holds what null comes to, given and as a default.
func TestNullAsksForTheDefault(t *testing.T) {
	for _, test := range []struct{ declared, want string }{
		{`nullable = true`, "null"},
		{``, "null"},
		{`nullable = false`, "default"},
	} {
		dir := writeFleet(t, "a.fleet.hcl", fmt.Sprintf(minimal+`
			variable "v" {
				type    = object({ name = string, size = optional(number, 3) })
				default = { name = "default" }
				%s
			}
			order "gw" { desc = var.v == null ? "null" : var.v.name }`, test.declared),
			"fleet.vars.hcl", "v = null")
		if got := mustLoad(t, dir, fleet.Options{}).Orders[0].Desc; got != test.want {
			t.Errorf("%s: null gives %q, want %q", test.declared, got, test.want)
		}
	}
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "v" {
			type     = list(string)
			nullable = false
		}
		order "gw" {}`)
	_, diags := fleet.Load(dir, fleet.Options{Vars: []fleet.Var{{Name: "v", Value: "null"}}})
	if len(diags) != 1 || diags[0].Summary != "Null not allowed" || !strings.Contains(diags[0].Detail, "--var v is null") {
		t.Errorf("null without a default: %s", rendered(diags))
	}
}

// TestOptionalAttributes holds that defaults apply at every depth, and that only what is missing or null gets one.
func TestOptionalAttributes(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "sites" {
			type = map(object({
				name  = optional(string, "nameless")
				zones = optional(map(object({ size = optional(number, 7), tag = optional(string) })), { a = {} })
				rest  = optional(list(any), [])
			}))
		}
		order "gw" {
			for_each = var.sites
			desc     = "${each.value.name} ${jsonencode(each.value.zones)} ${jsonencode(each.value.rest)}"
		}`,
		"fleet.vars.hcl", `sites = {
			all  = { name = "n", zones = { b = { size = "2", tag = "t" }, c = {} }, rest = [1, 2] }
			none = {}
			nil  = { name = null, zones = null, more = "is left out" }
		}`)
	want := []string{
		`n {"b":{"size":2,"tag":"t"},"c":{"size":7,"tag":null}} [1,2]`,
		`nameless {"a":{"size":7,"tag":null}} []`,
		`nameless {"a":{"size":7,"tag":null}} []`,
	}
	var got []string
	for _, o := range mustLoad(t, dir, fleet.Options{}).Orders {
		got = append(got, o.Desc)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSensitiveFields follows marks through expressions into orders. The values themselves are what is bought.
func TestSensitiveFields(t *testing.T) {
	dir := writeFleet(t, "a.fleet.json", `{
		"fleet": {"f": {}},
		"variable": {
			"secret": {"type": "string", "default": "cn-north-1a", "sensitive": true},
			"site":   {"type": "object({ vpc = string, tags = list(string) })", "sensitive": true, "default": {"vpc": "vpc-1", "tags": ["x"]},
				"validation": [{"condition": "${length(var.site.tags) == 1}", "error_message": "One tag."}]}
		},
		"locals": {"tags": "${[for t in var.site.tags : upper(t)]}", "shown": "${nonsensitive(var.site.vpc)}"},
		"defaults": {"spec": "bastion-50", "ip_version": "v4", "az": "${var.secret}", "vpc_id": "${local.shown}", "subnet_id": "subnet-1"},
		"order": {
			"a": {"region": "cn-north-1", "desc": "${join(\"\", local.tags)}"},
			"b": {"region": "cn-north-1", "desc": "${issensitive(var.secret)} ${issensitive(local.shown)}",
				"az": "cn-north-1b", "charge": {"unit": "YEAR", "duration": 1, "activity": {"type": "promo", "identifier": "${var.secret}"}}},
			"c": {"for_each": {"k": "${sensitive(\"subnet-2\")}"}, "region": "cn-north-1", "subnet_id": "${each.value}", "desc": "${each.key}"},
			"d": {"count": 1, "region": "cn-north-1", "az": null, "desc": "${sensitive(null)}", "vpc_id": "${try(var.site.nope, var.site.vpc)}"}
		}
	}`)
	var got []string
	for _, o := range mustLoad(t, dir, fleet.Options{}).Orders {
		got = append(got, fmt.Sprintf("%s %s %s %s %q %v", o.Address, o.AZ, o.VPCID, o.SubnetID, o.Desc, o.Sensitive.Fields()))
	}
	want := []string{
		`order.a cn-north-1a vpc-1 subnet-1 "X" [az desc]`,
		`order.b cn-north-1b vpc-1 subnet-1 "true false" [charge.buy_scenario]`,
		`order.c["k"] cn-north-1a vpc-1 subnet-2 "k" [az subnet_id]`,
		`order.d[0] cn-north-1a vpc-1 subnet-1 "" [az vpc_id]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSecretsAreInNoDiagnostic gives a canary by every source, each with a mistake. Neither what is said of it nor the
// text that is kept for snippets may have it.
func TestSecretsAreInNoDiagnostic(t *testing.T) {
	const canary = "canary-3f9a"
	declared := minimal + `
		variable "text" {
			type      = string
			default   = "fine"
			sensitive = true
			validation {
				condition     = var.text == "fine"
				error_message = "It is ${var.text}."
			}
		}
		variable "parts" {
			type      = map(list(number))
			default   = {}
			sensitive = true
		}
		variable "shown" {
			type    = number
			default = 1
		}
		locals { parsed = parseint(var.text == "fine" ? "1" : var.text, 10) }
		order "gw" { quantity = var.shown }`
	given := func(name, value string) fleet.Options {
		return fleet.Options{Vars: []fleet.Var{{Name: name, Value: value}}}
	}
	for name, test := range map[string]struct {
		vars string // of fleet.vars.hcl
		o    fleet.Options
		want int
	}{
		"a text by --var":             {"", given("text", canary), 2},
		"a text by the environment":   {"", fleet.Options{Environ: []string{"BASTION_FLEET_VAR_text=" + canary}}, 2},
		"a text in a file":            {`text = "` + canary + `" # not ` + canary, fleet.Options{}, 2},
		"a heredoc in a file":         {"text = <<EOT\n" + canary + "\nEOT\n", fleet.Options{}, 2},
		"a part of a wrong type":      {"", given("parts", `{"`+canary+`" = ["`+canary+`"]}`), 1},
		"a part of a wrong type file": {`parts = { "` + canary + `" = ["` + canary + `"] }`, fleet.Options{}, 1},
		"no expression":               {"", given("parts", `{"`+canary+`" = [`), 1},
		"an unknown function":         {"", given("parts", `f("`+canary+`")`), 1},
		"a reference":                 {"", given("parts", canary), 1},
		"an undeclared variable":      {`txt = "` + canary + `"`, fleet.Options{}, 1},
		"a file that is broken":       {"text = \"fine\"\ntext = \"" + canary + "\"\nx {", fleet.Options{}, 1},
		"a file with a block":         {`text { value = "` + canary + `" }`, fleet.Options{}, 1},
		"beside another mistake":      {`shown = "many"` + "\n" + `text = "fine" /* ` + canary + ` */`, fleet.Options{}, 1},
	} {
		dir := writeFleet(t, "a.fleet.hcl", declared, "fleet.vars.hcl", test.vars)
		f, diags := fleet.Load(dir, test.o)
		if len(diags) < test.want {
			t.Errorf("%s: %d diagnostics, want %d:\n%s", name, len(diags), test.want, rendered(diags))
		}
		said := rendered(diags)
		for _, file := range f.Files {
			said += string(file.Bytes)
		}
		if strings.Contains(said, canary) {
			t.Errorf("%s: it is shown:\n%s", name, said)
		}
		checkRanges(t, f, diags)
	}
}

// checkRanges holds what renderers of snippets rely on.
func checkRanges(t *testing.T, f fleet.Fleet, diags hcl.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		if d.Subject == nil {
			continue
		}
		if file := f.Files[d.Subject.Filename]; file == nil || d.Subject.End.Byte > len(file.Bytes) {
			t.Errorf("%s: %s is outside of the sources", d.Summary, d.Subject)
		}
	}
}

// TestPlainMistakesKeepTheirReasons holds that only what uses sensitive values is silent about them.
func TestPlainMistakesKeepTheirReasons(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "secret" {
			default   = "x"
			sensitive = true
		}
		locals { parsed = parseint("hello", 10) }
		order "gw" { desc = var.secret }`)
	_, diags := fleet.Load(dir, fleet.Options{})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "hello") {
		t.Errorf("it is not said that hello is no number:\n%s", rendered(diags))
	}
}
