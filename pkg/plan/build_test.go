package plan_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func TestActionOfOneAddress(t *testing.T) {
	const at = `order.branch["bj"]`
	o := wish(t, at)
	more := wish(t, at, func(o *order.Order) { o.Quantity = 5 })
	fewer := wish(t, at, func(o *order.Order) { o.Quantity = 1 })
	four := wish(t, at, func(o *order.Order) { o.Quantity = 4 })
	larger := wish(t, at, func(o *order.Order) { o.Spec = "bastion-100" })
	moreAndLarger := wish(t, at, func(o *order.Order) { o.Quantity, o.Spec = 5, "bastion-100" })
	twice := bought(o) // two purchases of two
	twice.Purchases = append(twice.Purchases, twice.Purchases[0])

	quantity := plan.FieldChange{Field: order.FieldQuantity, Old: "2", New: "5"}
	spec := plan.FieldChange{Field: order.FieldSpec, Old: "bastion-50", New: "bastion-100"}
	tests := []struct {
		name     string
		wish     []order.Order
		known    []order.Record
		action   plan.Action // None: the plan says nothing
		quantity int
		fields   []plan.FieldChange
		attempt  int // of the buy
	}{
		{name: "unknown is created", wish: []order.Order{o}, action: plan.Create, quantity: 2, attempt: 1},
		{name: "failed is created, by a new attempt", wish: []order.Order{o}, known: []order.Record{failed(o)}, action: plan.Create, quantity: 2, attempt: 4},
		{name: "bought as wished is left alone", wish: []order.Order{o}, known: []order.Record{bought(o)}, action: plan.None},
		{name: "more instances grow by the difference", wish: []order.Order{more}, known: []order.Record{bought(o)}, action: plan.Grow, quantity: 3, fields: []plan.FieldChange{quantity}, attempt: 2},
		{name: "all purchases count", wish: []order.Order{more}, known: []order.Record{twice}, action: plan.Grow, quantity: 1, fields: []plan.FieldChange{{Field: order.FieldQuantity, Old: "4", New: "5"}}, attempt: 2},
		{name: "as many as all purchases brought are left alone", wish: []order.Order{four}, known: []order.Record{twice}, action: plan.None},
		{name: "fewer instances can't be bought", wish: []order.Order{fewer}, known: []order.Record{bought(o)}, action: plan.Update, fields: []plan.FieldChange{{Field: order.FieldQuantity, Old: "2", New: "1"}}},
		{name: "another field is an update", wish: []order.Order{larger}, known: []order.Record{bought(o)}, action: plan.Update, fields: []plan.FieldChange{spec}},
		{name: "more of another kind is an update", wish: []order.Order{moreAndLarger}, known: []order.Record{bought(o)}, action: plan.Update, fields: []plan.FieldChange{spec, quantity}},
		{name: "bought and gone from the files is forgotten", known: []order.Record{bought(o)}, action: plan.Forget},
		{name: "failed and gone from the files is nothing", known: []order.Record{failed(o)}, action: plan.None},
		{name: "in doubt is held", wish: []order.Order{o}, known: []order.Record{doubtful(order.Record{}, o)}, action: plan.InDoubt},
		{name: "in doubt is held when more is wished", wish: []order.Order{more}, known: []order.Record{doubtful(bought(o), more)}, action: plan.InDoubt},
		{name: "in doubt is held when it is bought as wished", wish: []order.Order{o}, known: []order.Record{doubtful(bought(o), more)}, action: plan.InDoubt},
		{name: "in doubt is held when it is gone from the files", known: []order.Record{doubtful(order.Record{}, o)}, action: plan.InDoubt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := build(t, test.wish, test.known, plan.Selection{})
			if test.action == plan.None {
				if len(p.Changes) != 0 || p.HasChanges() || p.Unchanged != len(test.wish) {
					t.Fatalf("want no change, got %+v, %d unchanged", p.Changes, p.Unchanged)
				}
				return
			}
			want := plan.Change{Action: test.action, Address: o.Address, Region: o.Region, Quantity: test.quantity, Fields: test.fields}
			if test.quantity > 0 {
				want.Cost.Unpriced = 1 // these plans are made without prices
			}
			if len(test.wish) > 0 {
				want.Order = test.wish[0]
			}
			if len(test.known) > 0 {
				want.Before = &test.known[0]
			}
			if diff := cmp.Diff([]plan.Change{want}, p.Changes, cmpOrder); diff != "" {
				t.Error(diff)
			}
			if p.HasChanges() != (test.action != plan.Forget) {
				t.Errorf("HasChanges() = %v with %v", p.HasChanges(), test.action)
			}
			var buys []plan.Buy
			if test.quantity > 0 {
				buy := plan.Buy{Order: test.wish[0], Attempt: test.attempt}
				buy.Order.Quantity = test.quantity
				buys = append(buys, buy)
			}
			if diff := cmp.Diff(buys, p.Buys(), cmpOrder, cmpEmpty); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryFieldIsCompared(t *testing.T) {
	const at = "order.gw"
	edits := map[order.Field]func(*order.Order){
		order.FieldRegion:      func(o *order.Order) { o.Region = "cn-east-1" },
		order.FieldAZ:          func(o *order.Order) { o.AZ = "cn-north-1b" },
		order.FieldVPCID:       func(o *order.Order) { o.VPCID = "vpc-x" },
		order.FieldSubnetID:    func(o *order.Order) { o.SubnetID = "subnet-x" },
		order.FieldSpec:        func(o *order.Order) { o.Spec = "bastion-100" },
		order.FieldQuantity:    func(o *order.Order) { o.Quantity = 1 },
		order.FieldIPVersion:   func(o *order.Order) { o.IPVersion = order.IPv4v6 },
		order.FieldDesc:        func(o *order.Order) { o.Desc = "" },
		order.FieldMode:        func(o *order.Order) { o.Charge.Mode = order.ChargeConfig },
		order.FieldUnit:        func(o *order.Order) { o.Charge.Unit = order.UnitMonth },
		order.FieldDuration:    func(o *order.Order) { o.Charge.Duration = 0 },
		order.FieldAutoRenew:   func(o *order.Order) { o.Charge.AutoRenew = true },
		order.FieldAutoPay:     func(o *order.Order) { o.Charge.AutoPay = false },
		order.FieldBuyScenario: func(o *order.Order) { o.Charge.BuyScenario = "e30=" },
	}
	for field, edit := range edits {
		p := build(t, []order.Order{wish(t, at, edit)}, []order.Record{bought(wish(t, at))}, plan.Selection{})
		if len(p.Changes) != 1 || p.Changes[0].Action != plan.Update {
			t.Errorf("%s: want an update, got %+v", field, p.Changes)
			continue
		}
		got := p.Changes[0].Fields
		if len(got) != 1 || got[0].Field != field || got[0].Old == got[0].New {
			t.Errorf("%s: got %+v", field, got)
		}
	}
}

// What is sensitive says how an order is shown: it changes nothing, and hides what changes.
func TestSensitiveFields(t *testing.T) {
	const at = "order.gw"
	secret := func(o *order.Order) { o.Sensitive = order.FieldSetOf(order.FieldDesc, order.FieldAZ) }
	changed := func(o *order.Order) { o.Desc, o.AZ, o.Spec = "canary", "", "bastion-100" }
	hidden := []plan.FieldChange{
		{Field: order.FieldAZ, Old: order.SensitiveText},
		{Field: order.FieldSpec, Old: "bastion-50", New: "bastion-100"},
		{Field: order.FieldDesc, Old: order.SensitiveText, New: order.SensitiveText},
	}
	for name, test := range map[string]struct {
		wish, bought order.Order
		want         []plan.FieldChange
	}{
		"sensitive from now on":         {wish(t, at, secret), wish(t, at), nil},
		"no longer sensitive":           {wish(t, at), wish(t, at, secret), nil},
		"changed, and sensitive":        {wish(t, at, secret, changed), wish(t, at, secret), hidden},
		"changed, and now sensitive":    {wish(t, at, secret, changed), wish(t, at), hidden},
		"changed, and sensitive before": {wish(t, at, changed), wish(t, at, secret), hidden},
	} {
		p := build(t, []order.Order{test.wish}, []order.Record{bought(test.bought)}, plan.Selection{})
		var got []plan.FieldChange
		for _, c := range p.Changes {
			got = append(got, c.Fields...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestChangesAreSortedByRegionThenAddress(t *testing.T) {
	east := func(o *order.Order) { o.Region = "cn-east-1" }
	p := build(t,
		[]order.Order{wish(t, "order.a[10]"), wish(t, "order.a[9]"), wish(t, "order.b", east), wish(t, "order.c")},
		[]order.Record{bought(wish(t, "order.a[1]", east))}, plan.Selection{})
	var got []string
	for _, c := range p.Changes {
		got = append(got, c.Region+" "+c.Address.String())
	}
	want := []string{
		"cn-east-1 order.a[1]", "cn-east-1 order.b",
		"cn-north-1 order.a[9]", "cn-north-1 order.a[10]", "cn-north-1 order.c",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var regions []string
	for _, r := range p.Regions() {
		regions = append(regions, fmt.Sprint(r.Name, " ", len(r.Changes), " ", r.Totals))
	}
	if diff := cmp.Diff([]string{"cn-east-1 2 {1 0 0 1 0 2 0 0 {0.00 1}}", "cn-north-1 3 {3 0 0 0 0 6 0 0 {0.00 3}}"}, regions); diff != "" {
		t.Error(diff)
	}
}

func TestUnpaidOrdersAreCounted(t *testing.T) {
	later := func(o *order.Order) { o.Charge.AutoPay = false }
	silent := func(o *order.Order) { o.Charge = order.Charge{} }
	p := build(t,
		[]order.Order{wish(t, "order.a"), wish(t, "order.b", later), wish(t, "order.c", silent), wish(t, "order.d", later)},
		[]order.Record{bought(wish(t, "order.d"))}, plan.Selection{})
	if got, want := p.Totals(), (plan.Totals{Create: 3, Update: 1, Instances: 6, Unpaid: 2, Cost: plan.Cost{Unpriced: 3}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnsortedInputIsRefused(t *testing.T) {
	a, b := wish(t, "order.a"), wish(t, "order.b")
	inputs := map[string]plan.Input{
		"orders out of order":  {Orders: []order.Order{b, a}},
		"an order twice":       {Orders: []order.Order{a, a}},
		"records out of order": {Known: plan.Known{Records: []order.Record{bought(b), bought(a)}}},
		"a record twice":       {Known: plan.Known{Records: []order.Record{bought(a), bought(a)}}},
	}
	for name, in := range inputs {
		if p, err := plan.Build(in); err == nil || !strings.Contains(err.Error(), "sorted") {
			t.Errorf("%s: got plan %+v, error %v", name, p, err)
		}
	}
}

// TestBuildAgreesWithALookup compares the merge join with the obvious way to find an order's record.
func TestBuildAgreesWithALookup(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawInput(rt)
		p, err := plan.Build(in)
		if err != nil {
			rt.Fatal(err)
		}
		known := map[order.Address]order.Record{}
		for _, r := range in.Known.Records {
			known[r.Address] = r
		}
		buys := map[order.Address]int{}
		for _, o := range in.Orders {
			r, found := known[o.Address]
			switch {
			case !found || r.Status() == order.StatusFailed:
				buys[o.Address] = o.Quantity
			case r.Status() == order.StatusInDoubt:
			default:
				old, wish := fieldTexts(r.Order), fieldTexts(o)
				more := o.Quantity - r.Bought()
				for _, ignored := range in.Lifecycles[o.Address.Name].Ignore.Fields() {
					delete(old, ignored)
					delete(wish, ignored)
					if ignored == order.FieldQuantity {
						more = 0
					}
				}
				delete(old, order.FieldQuantity)
				delete(wish, order.FieldQuantity)
				if maps.Equal(old, wish) && more > 0 {
					buys[o.Address] = more
				}
			}
		}
		got := map[order.Address]int{}
		instances := 0
		for _, b := range p.Buys() {
			got[b.Order.Address] += b.Order.Quantity
			instances += b.Order.Quantity
			if b.Attempt <= known[b.Order.Address].Attempt {
				rt.Errorf("%s: attempt %d was used before", b.Order.Address, b.Attempt)
			}
		}
		if diff := cmp.Diff(buys, got, cmpOrder); diff != "" {
			rt.Error(diff)
		}
		if instances != p.Totals().Instances {
			rt.Errorf("%d instances bought, %d counted", instances, p.Totals().Instances)
		}
	})
}

// TestNothingIsLeftToBuyAfterBuying folds every buy as bought and plans again.
func TestNothingIsLeftToBuyAfterBuying(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawInput(rt)
		p, err := plan.Build(in)
		if err != nil {
			rt.Fatal(err)
		}
		in.Known.Records = buyAll(rt, in.Known.Records, p.Buys())
		again, err := plan.Build(in)
		if err != nil {
			rt.Fatal(err)
		}
		if buys := again.Buys(); len(buys) != 0 {
			rt.Errorf("still to buy: %+v", buys)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	const n = 100_000
	orders := make([]order.Order, n)
	records := make([]order.Record, n)
	for i := range orders {
		orders[i] = wish(b, "order.gw", func(o *order.Order) {
			o.Address.Key = order.IndexKey(i)
			o.Region = []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"}[i%4]
		})
		records[i] = bought(orders[i])
	}
	var waves order.Rollout
	for i := range 6 {
		waves.Waves = append(waves.Waves, order.Wave{Name: fmt.Sprint("w", i), Orders: []order.Pattern{pattern(b, "order.g*")}, Percent: float64(10 + i)})
	}
	for name, in := range map[string]plan.Input{
		"fresh":     {Orders: orders},
		"unchanged": {Orders: orders, Known: plan.Known{Records: records}},
		"waves":     {Orders: orders, Rollout: waves},
		"campaign":  {Orders: orders, Rollout: waves, Known: plan.Known{Records: records[:n/2], Campaign: plan.Campaign{Runs: []string{"run-1"}}}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plan.Build(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
