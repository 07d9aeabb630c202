package fleet_test

import (
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// newConsole is a console over the fleet of the tests of order values.
func newConsole(t *testing.T, text string) *fleet.Console {
	t.Helper()
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", repeated+text, "names.txt", "gate"), fleet.Options{Console: true})
	c, diags := f.Console(bought())
	if len(diags) > 0 {
		t.Fatal(rendered(diags))
	}
	t.Cleanup(c.Close)
	return c
}

func TestConsole(t *testing.T) {
	c := newConsole(t, `
		locals {
			unused = upper(var.unused)
			text   = join("", [for i in range(1000) : format("%100d", i)])
		}
		variable "unused" { default = "x" }`)
	results := map[string]string{
		`local.unused`:                "X",
		`var.unused`:                  "x",
		`file("names.txt")`:           "gate",
		`order.branch["bj"].buy_id`:   "buy-2",
		"<<EOT\nline\nEOT\n":          "line\n",
		`"${order.pool[1].status}!"`:  "bought!",
		`order.gw.desc # its meaning`: "gate",
	}
	for expression, want := range results {
		v, diags := c.Evaluate(expression, "<console>")
		if len(diags) > 0 || v.AsString() != want {
			t.Errorf("%s is %#v\n%s", expression, v, rendered(diags))
		}
	}
	mistakes := map[string]string{
		`"abc`:                                "Unclosed text",
		`1 +`:                                 "Value expected",
		`local.used`:                          "Undeclared local",
		`each.key`:                            "Reference without repetition",
		`order.branch["x"].buy_id`:            "Unknown order",
		`order.branch.bj.nothing`:             "Unknown attribute of an order",
		`file("../a.fleet.hcl")`:              "Invalid function argument",
		"\"\xff\"":                            "Not a text",
		strings.Repeat("(", 300):              "Nested too deeply",
		`1e2000`:                              "Expression out of bounds",
		`[for i in range(1000) : local.text]`: "Unprintable result",
		strings.Repeat("1", 70_000):           "Expression too long",
	}
	for expression, want := range mistakes {
		if _, diags := c.Evaluate(expression, "<console>"); !diags.HasErrors() || diags[0].Summary != want {
			t.Errorf("%.40s: want %s, got\n%s", expression, want, rendered(diags))
		}
	}
}

// TestConsoleKeepsSecrets holds that a sensitive value carries its mark to whoever prints it, and is in no message.
func TestConsoleKeepsSecrets(t *testing.T) {
	c := newConsole(t, `variable "token" {
		default   = "hunter2"
		sensitive = true
	}`)
	for _, expression := range []string{`var.token`, `upper(var.token)`, `{ a = var.token }`, `[for c in [var.token] : c]`, `"is ${var.token}"`} {
		v, diags := c.Evaluate(expression, "<console>")
		if len(diags) > 0 || !v.ContainsMarked() {
			t.Errorf("%s is %#v\n%s", expression, v, rendered(diags))
		}
	}
	for _, expression := range []string{`var.token + 1`, `jsondecode(var.token)`, `{}[var.token]`, `file(var.token)`, `order.branch[var.token].region`} {
		if _, diags := c.Evaluate(expression, "<console>"); !diags.HasErrors() || strings.Contains(rendered(diags), "hunter2") {
			t.Errorf("%s:\n%s", expression, rendered(diags))
		}
	}
}

func TestUnfinished(t *testing.T) {
	tests := map[string]bool{
		"":                          false,
		"1 +":                       false,
		"[1, 2]":                    false,
		"[1,":                       true,
		"{ a = (":                   true,
		"f(\n[1]\n":                 true,
		"f(\n[1]\n)":                false,
		"]":                         false,
		"\"a":                       false,
		"[\"a":                      false,
		"\"${":                      true,
		"\"${a}\"":                  false,
		"<<EOT":                     true,
		"<<EOT\na":                  true,
		"<<EOT\na ${b":              true,
		"<<EOT\na\nEOT":             false,
		"[<<EOT\na\nEOT\n":          true,
		"# [":                       false,
		strings.Repeat("[", 70_000): false,
	}
	for text, want := range tests {
		if got := fleet.Unfinished(text); got != want {
			t.Errorf("%.40q: %t", text, got)
		}
	}
}
