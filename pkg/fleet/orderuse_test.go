package fleet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestNarrowedUses holds that an expression of which is known what it uses of orders comes to what it comes to when all is
// made of them. In parentheses a block is used as a whole.
func TestNarrowedUses(t *testing.T) {
	for _, expression := range []string{
		`{ for k, o in order.branch : k => o.buy_id }`,
		`{ for k, o in order.branch : k => o.status if o.status != "in_doubt" }`,
		`{ for k, o in order.branch : o.region => o["quantity"]... }`,
		`[for o in order.branch : o.charge.duration]`,
		`[for k, o in order.branch : k]`,
		`[for k, o in order.branch : o]`,
		`[for o in order.branch : [for o in [o.desc] : o]]`,
		`[for o in order.branch : { for a, v in o : a => v if a == "status" }]`,
		`[for o in order.branch : [for p in order.branch : "${o.quantity} ${p.spec}"]]`,
		`[for o in order.branch : order.branch["bj"].buy_id == o.buy_id]`,
		`[for k, o in order.branch : order.branch[k].status]`,
		`[for o in order.branch : try(o.nothing, "no")]`,
		`[length(order.branch), [for o in order.branch : o.region]]`,
		`order.branch[*]`,
		`values(order.branch)[*].status`,
		`[for o in order.branch : o][*].status`,
	} {
		narrowed := onlyOutput(t, repeated+`output "o" { value = `+expression+` }`)
		whole := onlyOutput(t, repeated+`output "o" { value = `+strings.ReplaceAll(expression, "order.branch", "(order.branch)")+` }`)
		if d := cmp.Diff(whole, narrowed); d != "" {
			t.Errorf("%s (-whole +narrowed):\n%s", expression, d)
		}
	}
	pool := onlyOutput(t, repeated+`output "o" { value = order.pool[*].bids }`)
	if d := cmp.Diff(onlyOutput(t, repeated+`output "o" { value = (order.pool)[*].bids }`), pool); d != "" {
		t.Error(d)
	}
}

// TestUsedAttributes holds that what a loop doesn't use of orders isn't made.
func TestUsedAttributes(t *testing.T) {
	for expression, want := range map[string][]string{
		`{ for k, o in order.branch : k => o.buy_id if o.status == "bought" }`: {"buy_id", "status"},
		`order.branch[*].bids`: {"bids"},
		`alltrue([for o in order.branch : order.branch["bj"].region == o.charge.mode])`: {"charge", "region"},
		`[for o in order.branch : o]`:  nil,
		`values(order.branch)[*].bids`: nil,
	} {
		before, after := fleet.AttributesIn(expression, "branch")
		if d := cmp.Diff([][]string{want, want}, [][]string{before, after}); d != "" {
			t.Errorf("%s (-want +got, before and after it is metered):\n%s", expression, d)
		}
	}
}

// onlyOutput is the value of the fleet's output, or what is wrong with it.
func onlyOutput(t *testing.T, text string) string {
	t.Helper()
	all, diags := mustLoad(t, writeFleet(t, "a.fleet.hcl", text), fleet.Options{}).Evaluate(bought())
	if len(all.Outputs) != 1 {
		return rendered(diags)
	}
	return all.Outputs[0].Value.GoString()
}
