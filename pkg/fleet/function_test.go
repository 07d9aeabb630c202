package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestNoStackTraces holds that whatever functions are called with, they refuse it in words. go-cty turns a panic into an
// error that is a stack trace.
func TestNoStackTraces(t *testing.T) {
	values := []string{`""`, `"/a(/"`, `-1`, `2.5`, `true`, `{ a = 1 }`, `[]`, `null`, `[1, "a", { a = 1 }, null]`, `["a"]`, `order.gw.bids`, `[order.gw.buy_id]`, `order.gw.buy_id`}
	c := newConsole(t, "")
	for _, name := range fleet.FunctionNames() {
		for _, a := range values {
			for _, b := range values {
				call := fmt.Sprintf("%s(%s, %s)", name, b, a)
				if b == values[0] {
					call = fmt.Sprintf("%s(%s)", name, a)
				}
				if _, diags := c.Evaluate(call, "console"); strings.Contains(rendered(diags), "goroutine") {
					t.Errorf("%s: %.300s", call, rendered(diags))
				}
			}
		}
	}
}

// TestTerraformsFunctions holds that functions do what those of Terraform do under the same name.
func TestTerraformsFunctions(t *testing.T) {
	tests := map[string]string{
		`[length("text"), length("äb"), length("👍🏽"), length("e\u0301")]`:                                         `[4,2,1,1]`,
		`[coalesce("", "b"), coalesce(null, 5), coalesce("", null, "c")]`:                                         `["b",5,"c"]`,
		`[can(coalesce("", null)), can(coalesce())]`:                                                              `[false,false]`,
		`coalesce(null, order.gw.quantity)`:                                                                       `1`,
		`[index(["a", "b"], "b"), index([5, 3, 1], 1), index(["a", 1], 1)]`:                                       `[1,2,1]`,
		`[can(index(["a"], "b")), can(index({ a = 1 }, "a")), can(index(toset(["a"]), "a"))]`:                     `[false,false,false]`,
		`[one([]), one(["a"]), one(toset(["b"])), can(one(["a", "b"])), can(one("a"))]`:                           `[null,"a","b",false,false]`,
		`[replace("a1b2", "/[0-9]/", "x"), replace("a/b", "/", "-"), replace("a.b", ".", "-")]`:                   `["axbx","a-b","a-b"]`,
		`[startswith("abc", "ab"), endswith("abc", "bc"), strcontains("abc", "ac")]`:                              `[true,true,false]`,
		`[base64encode("aé"), base64decode("YcOp"), can(base64decode("?")), can(base64decode("/w=="))]`:           `["YcOp","aé",false,false]`,
		`[format("%0100d", 1) == "${format("%099d", 0)}1", can(format("%01000d", 1)), can(format("%.1000f", 1))]`: `[true,false,false]`,
	}
	for expression, want := range tests {
		v := evaluated(t, repeated+`output "o" { value = `+expression+` }`).Outputs[0].Value
		got, err := ctyjson.Marshal(v, v.Type())
		if err != nil {
			t.Errorf("%s: %v", expression, err)
		}
		if d := cmp.Diff(want, string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", expression, d)
		}
	}
}
