package plan_test

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func TestOrdersThatOnlyGotAnotherName(t *testing.T) {
	a, b := bought(wish(t, `order.gw["a"]`)), bought(wish(t, `order.gw["b"]`))
	other := wish(t, `order.x["a"]`, func(o *order.Order) { o.Spec = "bastion-500" })
	for name, c := range map[string]struct {
		in    plan.Input
		from  string // of the first; "" where there is none
		to    string
		count int
	}{
		"a block":                  {in(orders(t, `order.x["a"]`, `order.x["b"]`), a, b), `order.gw["a"]`, `order.x["a"]`, 2},
		"the same key comes first": {in(orders(t, `order.x["b"]`, `order.x["c"]`), a, b), `order.gw["b"]`, `order.x["b"]`, 1},
		"another key":              {in(orders(t, `order.gw["a"]`, `order.gw["c"]`, `order.gw["d"]`), a, b), `order.gw["b"]`, `order.gw["c"]`, 1},
		"in doubt":                 {in(orders(t, `order.x["a"]`), doubtful(order.Record{}, wish(t, `order.gw["a"]`))), `order.gw["a"]`, `order.x["a"]`, 1},
		"another order":            {in([]order.Order{other}, a), "", "", 0},
		"another one beside it":    {in(orders(t, `order.gw["a"]`, `order.x["a"]`), a), "", "", 0},
		"nothing new":              {in(orders(t, `order.gw["a"]`), a, b), "", "", 0},
		"nothing known":            {in(orders(t, `order.x["a"]`)), "", "", 0},
	} {
		p, err := plan.Build(c.in)
		if err != nil {
			t.Fatal(err)
		}
		m, n := p.Renamed()
		if n != c.count || n > 0 && (m.From != address(t, c.from) || m.To != address(t, c.to)) {
			t.Errorf("%s: %d like %v", name, n, m)
		}
	}
}

func TestWhatWasBoughtBeforeItWasRemoved(t *testing.T) {
	gone, err := bought(wish(t, "order.gw")).Remove(nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(in(orders(t, "order.b", "order.gw"), gone))
	if err != nil {
		t.Fatal(err)
	}
	if first, n := p.BoughtBefore(); n != 1 || first != gone.Address {
		t.Errorf("%d, %v", n, first)
	}
	p, err = plan.Build(in(orders(t, "order.b"), gone))
	if first, n := p.BoughtBefore(); err != nil || n != 0 {
		t.Errorf("%d, %v: %v", n, first, err)
	}
}
