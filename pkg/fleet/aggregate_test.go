package fleet_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

func TestAggregates(t *testing.T) {
	tests := map[string]string{
		`alltrue([])`:                             `true`,
		`alltrue([true, "true"])`:                 `true`,
		`alltrue([true, null])`:                   `false`,
		`alltrue([order.gw.buy_id != "", false])`: `false`,
		`alltrue(toset([true]))`:                  `true`,
		`anytrue([])`:                             `false`,
		`anytrue([null, false])`:                  `false`,
		`anytrue([order.gw.buy_id != "", true])`:  `true`,
		`sum([])`:                                 `0`,
		`sum([1, "2", 0.5])`:                      `3.5`,
		`can(sum([1, null]))`:                     `false`,
		`sum(order.pool[*].quantity)`:             `2`,
		`[length("äb"), length([1]), length({ for k in ["a", "b"] : k => 1 }), length({})]`: `[2,1,2,0]`,
		`[can(length(null)), can(length(1))]`:                                               `[false,false]`,
		`[can(alltrue({})), can(alltrue([[]])), can(sum(["x"]))]`:                           `[false,false,false]`,
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
	for _, expression := range []string{
		`alltrue([order.gw.buy_id != "", true])`, `anytrue([order.gw.buy_id != "", false])`, `sum([length(order.gw.bids), 1])`,
	} {
		if v := evaluated(t, repeated+`output "o" { value = `+expression+` }`).Outputs[0].Value; v.IsKnown() {
			t.Errorf("%s is %#v", expression, v)
		}
	}
}
