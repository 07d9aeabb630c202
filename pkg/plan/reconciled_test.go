package plan_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// A plan that was saved before a reconcile buys the same after it, whatever was found of the orders in doubt.
func TestAReconcileChangesNothingThatASavedPlanBuys(t *testing.T) {
	gw, hub := wish(t, "order.gw"), wish(t, "order.hub")
	asked := wish(t, "order.gw", func(o *order.Order) { o.Quantity = 1 })
	other := wish(t, "order.gw", func(o *order.Order) { o.Spec = "bastion-100" })
	for _, c := range []struct {
		name      string
		wishes    []order.Order
		now       order.Record // of order.gw
		actions   string       // after the reconcile
		unchanged int
		open      string
	}{
		{"bought as wished", []order.Order{gw, hub}, bought(gw), "order.hub create, ", 1, "[]"},
		{"bought, fewer than wished", []order.Order{gw, hub}, bought(asked), "order.hub create, ", 0, "[order.gw]"},
		{"bought otherwise", []order.Order{gw, hub}, bought(other), "order.gw update, order.hub create, ", 0, "[]"},
		{"bought, no longer wished", []order.Order{hub}, bought(gw), "order.gw forget, order.hub create, ", 0, "[]"},
		{"not bought", []order.Order{gw, hub}, failed(gw), "order.hub create, ", 0, "[order.gw]"},
		{"not bought, no longer wished", []order.Order{hub}, failed(gw), "order.hub create, ", 0, "[]"},
		{"still in doubt", []order.Order{gw, hub}, doubtful(order.Record{}, gw), "order.gw in_doubt, order.hub create, ", 0, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			saved := build(t, c.wishes, []order.Record{doubtful(order.Record{}, gw)}, plan.Selection{})
			p, open, err := saved.Reconciled([]order.Record{c.now})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(saved.Buys(), p.Buys(), cmp.AllowUnexported(order.Key{})); d != "" {
				t.Errorf("what it buys changed (-saved +reconciled):\n%s", d)
			}
			actions := ""
			for _, change := range p.Changes {
				actions += fmt.Sprint(change.Address, " ", change.Action, ", ")
			}
			if actions != c.actions || p.Unchanged != c.unchanged || fmt.Sprint(open) != c.open {
				t.Errorf("%s %d unchanged, open %v; want %s %d, %s", actions, p.Unchanged, open, c.actions, c.unchanged, c.open)
			}
		})
	}
}

// An order in doubt is hoped for where something would be left to buy if its call bought nothing.
func TestHoped(t *testing.T) {
	gw, hub := wish(t, "order.gw"), wish(t, "order.hub")
	more := wish(t, "order.gw", func(o *order.Order) { o.Quantity = gw.Quantity + 1 })
	other := wish(t, "order.gw", func(o *order.Order) { o.Spec = "bastion-100" })
	one := wish(t, "order.gw", func(o *order.Order) { o.Quantity = 1 })
	for _, c := range []struct {
		name   string
		wishes order.Order
		now    order.Record
		hoped  bool
	}{
		{"never bought", gw, doubtful(order.Record{}, gw), true},
		{"never bought, wished otherwise by now", other, doubtful(order.Record{}, gw), true},
		{"no longer wished", hub, doubtful(order.Record{}, gw), false},
		{"to grow", more, doubtful(bought(gw), one), true},
		{"no longer to grow", gw, doubtful(bought(gw), one), false},
		{"to grow, wished otherwise by now", other, doubtful(bought(gw), one), false},
		{"not in doubt", gw, failed(gw), false},
	} {
		p := build(t, []order.Order{c.wishes}, []order.Record{c.now}, plan.Selection{})
		if hoped := p.Changes[0].Hoped(); hoped != c.hoped {
			t.Errorf("%s: %t, want %t", c.name, hoped, c.hoped)
		}
	}
}

// Such a plan can't be: what it buys was not in doubt, and reconciles begin no calls. It must not be carried out.
func TestAPlanThatBuysWhatIsInDoubtIsRefused(t *testing.T) {
	gw := wish(t, "order.gw")
	saved := build(t, []order.Order{gw}, nil, plan.Selection{})
	if _, _, err := saved.Reconciled([]order.Record{doubtful(order.Record{}, gw)}); err == nil {
		t.Error("it is not refused")
	}
}
