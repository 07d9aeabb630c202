package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// buildWith plans with a lifecycle for the block branch.
func buildWith(t testing.TB, l order.Lifecycle, wishes []order.Order, known []order.Record) plan.Plan {
	t.Helper()
	p, err := plan.Build(plan.Input{
		Fleet: "branches", Orders: wishes, Rollout: order.DefaultRollout(),
		Lifecycles: map[string]order.Lifecycle{"branch": l},
		Known:      plan.Known{Lineage: "lineage-1", Serial: 7, Records: known},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIgnoredFields(t *testing.T) {
	const at = `order.branch["bj"]`
	o := wish(t, at)
	elsewhere := wish(t, at, func(o *order.Order) { o.Region, o.AZ, o.Desc = "cn-east-2", "cn-east-2a", "moved" })
	grown := wish(t, at, func(o *order.Order) { o.Quantity, o.Desc = 5, "many" })
	longer := wish(t, at, func(o *order.Order) { o.Charge.Duration, o.Desc = 3, "longer" })
	bare := bought(wish(t, at, func(o *order.Order) { o.Charge.Unit = "" }))
	bare.Purchases[0].Imported = true
	quantity := plan.FieldChange{Field: order.FieldQuantity, Old: "2", New: "5"}
	tests := []struct {
		name    string
		wish    order.Order
		ignored []order.Field
		known   []order.Record
		action  plan.Action
		region  string
		fields  []plan.FieldChange
		buys    order.Order // of the purchase; zero: none
	}{
		{name: "what is ignored is no change", wish: elsewhere, ignored: []order.Field{order.FieldRegion, order.FieldAZ, order.FieldDesc}, known: []order.Record{bought(o)}},
		{name: "what is not ignored still is", wish: longer, ignored: []order.Field{order.FieldDesc}, known: []order.Record{bought(o)},
			action: plan.Update, region: "cn-north-1", fields: []plan.FieldChange{{Field: order.FieldDuration, Old: "1", New: "3"}}},
		{name: "more instances are as those before", wish: grown, ignored: []order.Field{order.FieldDesc}, known: []order.Record{bought(o)},
			action: plan.Grow, region: "cn-north-1", fields: []plan.FieldChange{quantity}, buys: wish(t, at, func(o *order.Order) { o.Quantity = 3 })},
		{name: "more instances are where those before are", wish: wish(t, at, func(o *order.Order) { o.Quantity, o.Region = 5, "cn-east-2" }), ignored: []order.Field{order.FieldRegion}, known: []order.Record{bought(o)},
			action: plan.Grow, region: "cn-north-1", fields: []plan.FieldChange{quantity}, buys: wish(t, at, func(o *order.Order) { o.Quantity = 3 })},
		{name: "an ignored quantity does not grow", wish: grown, ignored: []order.Field{order.FieldQuantity, order.FieldDesc}, known: []order.Record{bought(o)}},
		{name: "nor shrink", wish: wish(t, at, func(o *order.Order) { o.Quantity = 1 }), ignored: []order.Field{order.FieldQuantity}, known: []order.Record{bought(o)}},
		{name: "what could not be bought as it is does not grow", wish: wish(t, at, func(o *order.Order) { o.Quantity = 5 }), ignored: []order.Field{order.FieldUnit}, known: []order.Record{bare},
			action: plan.Update, region: "cn-north-1", fields: []plan.FieldChange{quantity}},
		{name: "nothing is ignored of what is not bought", wish: elsewhere, ignored: order.Fields(), action: plan.Create, region: "cn-east-2", buys: elsewhere},
		{name: "nor of what failed", wish: elsewhere, ignored: order.Fields(), known: []order.Record{failed(o)}, action: plan.Create, region: "cn-east-2", buys: elsewhere},
		{name: "what is in doubt is held", wish: o, ignored: order.Fields(), known: []order.Record{doubtful(order.Record{}, o)}, action: plan.InDoubt, region: "cn-north-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := buildWith(t, order.Lifecycle{Ignore: order.FieldSetOf(test.ignored...)}, []order.Order{test.wish}, test.known)
			if test.action == plan.None {
				if len(p.Changes) != 0 || p.Unchanged != 1 {
					t.Fatalf("want no change, got %+v", p.Changes)
				}
				return
			}
			c := p.Changes[0]
			if c.Action != test.action || c.Region != test.region {
				t.Errorf("%s in %s, want %s in %s", c.Action, c.Region, test.action, test.region)
			}
			if diff := cmp.Diff(test.fields, c.Fields); diff != "" {
				t.Error(diff)
			}
			var want []order.Order
			if test.buys != (order.Order{}) {
				want = append(want, test.buys)
			}
			var got []order.Order
			for _, b := range p.Buys() {
				got = append(got, b.Order)
			}
			if diff := cmp.Diff(want, got, cmpOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhatIsKeptStaysHidden: what was bought before the files called it sensitive, or while they did, is hidden as it is kept.
func TestWhatIsKeptStaysHidden(t *testing.T) {
	const at = "order.branch"
	open := wish(t, at, func(o *order.Order) { o.Quantity, o.Desc = 3, "what nobody may see" })
	secret := open
	secret.Sensitive = order.FieldSetOf(order.FieldDesc)
	for name, c := range map[string]struct{ wish, known order.Order }{
		"in the files alone": {secret, open},
		"in the state alone": {open, secret},
	} {
		c.known.Quantity = 2
		p := buildWith(t, order.Lifecycle{Ignore: secret.Sensitive}, []order.Order{c.wish}, []order.Record{bought(c.known)})
		if o := p.Buys()[0].Order; !o.Sensitive.Has(order.FieldDesc) || o.Desc != c.known.Desc {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// TestAGrowthIsLikeWhatIsThere holds that whatever is ignored, an order grows by what it was bought as.
func TestAGrowthIsLikeWhatIsThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, err := plan.Build(drawInput(rt))
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range p.Changes {
			if c.Action != plan.Grow {
				continue
			}
			want := c.Before.Order
			want.Quantity, want.Sensitive = c.Order.Quantity, c.Order.Sensitive
			if diff := cmp.Diff(want, c.Order, cmpOrder); diff != "" || c.Region != want.Region {
				rt.Errorf("%s in %s: %s", c.Address, c.Region, diff)
			}
		}
	})
}

func TestPreventChange(t *testing.T) {
	const at = `order.branch["bj"]`
	o := wish(t, at)
	larger := wish(t, at, func(o *order.Order) { o.Spec, o.Charge.Duration = "bastion-100", 2 })
	more := wish(t, at, func(o *order.Order) { o.Quantity = 5 })
	tests := []struct {
		name  string
		wish  []order.Order
		known []order.Record
		want  string // in the error; empty: none
	}{
		{"an update", []order.Order{larger}, []order.Record{bought(o)}, at + " (update: spec, charge.duration)"},
		{"a growth", []order.Order{more}, []order.Record{bought(o)}, at + " (grow: quantity)"},
		{"an element that is gone", nil, []order.Record{bought(o)}, at + " (forget)"},
		{"a purchase", []order.Order{o}, nil, ""},
		{"a purchase after a failure", []order.Order{o}, []order.Record{failed(o)}, ""},
		{"a doubt", []order.Order{larger}, []order.Record{doubtful(order.Record{}, o)}, ""},
		{"nothing", []order.Order{o}, []order.Record{bought(o)}, ""},
		{"another block", []order.Order{wish(t, "order.gw", func(o *order.Order) { o.Spec = "x" })}, []order.Record{bought(wish(t, "order.gw"))}, ""},
		{"a block that is gone", nil, []order.Record{bought(wish(t, "order.gone"))}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := buildWith(t, order.Lifecycle{PreventChange: true}, test.wish, test.known).CheckLifecycles()
			prevented, ok := errors.AsType[*plan.PreventedError](err)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (!ok || !strings.HasSuffix(err.Error(), test.want) || prevented.Hint() == ""):
				t.Errorf("got %v, want it to end in %s", err, test.want)
			}
			if err := buildWith(t, order.Lifecycle{}, test.wish, test.known).CheckLifecycles(); err != nil {
				t.Errorf("without prevent_change: %v", err)
			}
		})
	}
}

func TestPreventedChangesAreCountedBeyondTheFirst(t *testing.T) {
	var known []order.Record
	for i := range 14 {
		known = append(known, bought(wish(t, fmt.Sprintf("order.branch[%d]", i))))
	}
	err := buildWith(t, order.Lifecycle{PreventChange: true}, nil, known).CheckLifecycles()
	if err == nil || !strings.HasSuffix(err.Error(), "order.branch[9] (forget); and 4 more") {
		t.Error(err)
	}
}

// TestASelectionLeavesPreventedChangesOut holds that what --exclude names prevents nothing.
func TestASelectionLeavesPreventedChangesOut(t *testing.T) {
	known := []order.Record{bought(wish(t, "order.branch[0]")), bought(wish(t, "order.branch[1]"))}
	pattern, err := order.ParsePattern("order.branch[0]")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(plan.Input{
		Known: plan.Known{Records: known}, Selection: plan.Selection{Exclude: []order.Pattern{pattern}},
		Lifecycles: map[string]order.Lifecycle{"branch": {PreventChange: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckLifecycles(); err == nil || strings.Contains(err.Error(), "[0]") || !strings.Contains(err.Error(), "[1]") {
		t.Error(err)
	}
}

// TestReconciledKeepsTheLifecycle holds that a saved plan, whose doubt turned out to be bought, still ignores what it did.
func TestReconciledKeepsTheLifecycle(t *testing.T) {
	const at = `order.branch["bj"]`
	o := wish(t, at)
	ignoring := order.Lifecycle{Ignore: order.FieldSetOf(order.FieldDesc)}
	renamed := wish(t, at, func(o *order.Order) { o.Desc = "renamed" })
	p := buildWith(t, ignoring, []order.Order{renamed}, []order.Record{doubtful(order.Record{}, o)})
	after, open, err := p.Reconciled([]order.Record{bought(o)})
	if err != nil || len(open) != 0 || len(after.Changes) != 0 || after.Unchanged != 1 {
		t.Errorf("%+v, %v, %v", after, open, err)
	}
	if slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return c.Lifecycle != ignoring }) {
		t.Errorf("%+v", p.Changes)
	}
}

// TestAnImportIgnoresNothing holds that an order of which nothing is bought is imported as the files wish it, and the rest
// of one that is bought as its other part is.
func TestAnImportIgnoresNothing(t *testing.T) {
	const at = `order.branch["bj"]`
	o := wish(t, at)
	three := wish(t, at, func(o *order.Order) { o.Quantity, o.Desc = 3, "otherwise" })
	tests := map[string]struct {
		wish  order.Order
		known []order.Record
		want  order.Order
		named []string
	}{
		"nothing is known":      {wish: o, want: o, named: []string{"bid-1", "bid-2"}},
		"a call bought nothing": {wish: o, known: []order.Record{failed(wish(t, at, func(o *order.Order) { o.Desc = "as it was" }))}, want: o, named: []string{"bid-1", "bid-2"}},
		"two of three":          {wish: three, known: []order.Record{bought(o)}, want: wish(t, at, func(o *order.Order) { o.Quantity = 1 }), named: []string{"bid-3"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := plan.Input{
				Orders: []order.Order{test.wish}, Known: plan.Known{Records: test.known},
				Lifecycles: map[string]order.Lifecycle{"branch": {Ignore: order.FieldSetOf(order.FieldDesc)}},
			}
			for _, bid := range test.named {
				in.Imports = append(in.Imports, order.Import{To: o.Address, BID: bid})
			}
			p, err := plan.Build(in)
			if err != nil || len(p.Imports) != 1 {
				t.Fatalf("%+v, %v", p, err)
			}
			if diff := cmp.Diff(test.want, p.Imports[0].Order, cmpOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}
