package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func patterns(t *testing.T, texts ...string) []order.Pattern {
	t.Helper()
	var ps []order.Pattern
	for _, text := range texts {
		p, err := order.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	return ps
}

func TestSelection(t *testing.T) {
	east := func(o *order.Order) { o.Region = "cn-east-1" }
	wishes := []order.Order{
		wish(t, `order.branch["bj"]`), wish(t, `order.branch["sh"]`, east), wish(t, "order.gw"), wish(t, "order.moved", east),
		wish(t, "order.same"),
	}
	known := []order.Record{
		bought(wish(t, "order.gone")), bought(wish(t, "order.moved")), bought(wish(t, "order.same")),
	}
	tests := []struct {
		name      string
		selection plan.Selection
		want      []string
		unchanged int
	}{
		{"everything", plan.Selection{}, []string{`create order.branch["sh"]`, "update order.moved", `create order.branch["bj"]`, "forget order.gone", "create order.gw"}, 1},
		{"a block", plan.Selection{Target: patterns(t, "order.branch")}, []string{`create order.branch["sh"]`, `create order.branch["bj"]`}, 0},
		{"a prefix but one", plan.Selection{Target: patterns(t, "order.*"), Exclude: patterns(t, `order.branch["sh"]`, "order.g*", "order.moved")}, []string{`create order.branch["bj"]`}, 1},
		{"a record", plan.Selection{Target: patterns(t, "order.gone")}, []string{"forget order.gone"}, 0},
		{"the region that an order left", plan.Selection{Region: []string{"cn-north-1"}}, []string{"update order.moved", `create order.branch["bj"]`, "forget order.gone", "create order.gw"}, 1},
		{"the region that an order moved to", plan.Selection{Region: []string{"cn-east-1"}}, []string{`create order.branch["sh"]`, "update order.moved"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := build(t, wishes, known, test.selection)
			var got []string
			for _, c := range p.Changes {
				got = append(got, c.Action.String()+" "+c.Address.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if p.Unchanged != test.unchanged || p.Selected == test.selection.All() {
				t.Errorf("unchanged %d, selected %v", p.Unchanged, p.Selected)
			}
		})
	}
}

func TestUnmatchedNamesWhatSelectsNothing(t *testing.T) {
	wishes := []order.Order{wish(t, `order.branch["bj"]`)}
	known := []order.Record{doubtful(order.Record{}, wish(t, "order.gone", func(o *order.Order) { o.Region = "cn-east-1" }))}
	s := plan.Selection{
		Target:  patterns(t, "order.branch", "order.gone", "order.brunch"),
		Exclude: patterns(t, `order.branch["bj*`, `order.branch["sh"]`),
		Region:  []string{"cn-east-1", "cn-east-9", "cn-north-1"},
	}
	u := s.Unmatched(wishes, known)
	var got []string
	for _, p := range append(u.Target, u.Exclude...) {
		got = append(got, p.String())
	}
	if diff := cmp.Diff([]string{"order.brunch", `order.branch["sh"]`, "cn-east-9"}, append(got, u.Region...)); diff != "" {
		t.Error(diff)
	}
	if len(s.Target) != 3 || s.Target[2].String() != "order.brunch" || s.Region[1] != "cn-east-9" {
		t.Errorf("the selection itself was changed: %v %v", s.Target, s.Region)
	}
}

// TestAnOldNameSelectsNothing: an --exclude that somebody knows by heart must not be taken for done where it does nothing.
func TestAnOldNameSelectsNothing(t *testing.T) {
	left, moved, err := bought(wish(t, "order.gw")).MoveTo(order.Record{Address: address(t, "order.gateway")}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s := plan.Selection{Exclude: patterns(t, "order.gw", "order.gateway")}
	u := s.Unmatched([]order.Order{wish(t, "order.gateway")}, []order.Record{moved, left})
	if len(u.Exclude) != 1 || u.Exclude[0].String() != "order.gw" {
		t.Errorf("%v select nothing", u.Exclude)
	}
}
