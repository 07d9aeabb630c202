package reconcile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

var wished = order.Order{
	Address: order.Address{Name: "gw"}, Region: north, AZ: "a", VPCID: "v", SubnetID: "s", Spec: "50", Quantity: 1, Desc: "gw",
	IPVersion: order.IPv4, Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
}

// alike is an instance that has what o wishes, changed by edit.
func alike(o order.Order, bid string, edit func(*reconcile.Instance)) reconcile.Instance {
	i := reconcile.Instance{
		BID: bid, Desc: order.NewMarker(fleet, lineage, o.Address, 1).AppendTo(o.Desc), AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID,
		Spec: o.Spec, Charge: order.Charge{Mode: o.Charge.Mode, Unit: o.Charge.Unit, Duration: o.Charge.Duration},
	}
	if edit != nil {
		edit(&i)
	}
	return i
}

func TestDifferences(t *testing.T) {
	byDefault := wished
	byDefault.Charge = order.Charge{}
	for _, c := range []struct {
		name   string
		wished order.Order
		edit   func(*reconcile.Instance)
		want   []reconcile.Difference
	}{
		{"none", wished, nil, nil},
		{"a description without a marker", wished, func(i *reconcile.Instance) { i.Desc = "gw" }, nil},
		{"everything that is shown", wished, func(i *reconcile.Instance) {
			*i = reconcile.Instance{
				BID: i.BID, Desc: "by hand", AZ: "b", VPCID: "w", SubnetID: "t", Spec: "100",
				Charge: order.Charge{Mode: order.ChargeConfig, Unit: order.UnitMonth, Duration: 3},
			}
		}, []reconcile.Difference{
			{Field: order.FieldAZ, Existing: "b", Wished: "a"},
			{Field: order.FieldVPCID, Existing: "w", Wished: "v"},
			{Field: order.FieldSubnetID, Existing: "t", Wished: "s"},
			{Field: order.FieldSpec, Existing: "100", Wished: "50"},
			{Field: order.FieldDesc, Existing: "by hand", Wished: "gw"},
			{Field: order.FieldMode, Existing: order.ChargeConfig, Wished: order.ChargeMonthly},
			{Field: order.FieldUnit, Existing: order.UnitMonth, Wished: order.UnitYear},
			{Field: order.FieldDuration, Existing: "3", Wished: "1"},
		}},
		{"nothing is shown but the description", wished, func(i *reconcile.Instance) { *i = reconcile.Instance{BID: i.BID, Desc: i.Desc} }, nil},
		{"terms in words that no order has", wished, func(i *reconcile.Instance) { i.Charge.Mode, i.Charge.Unit = "prepaid", "year" }, nil},
		{"terms that the order leaves to the API", byDefault, func(i *reconcile.Instance) { i.Charge = wished.Charge }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := reconcile.Pair{Order: c.wished, Instances: []reconcile.Instance{alike(c.wished, "b1", c.edit), alike(c.wished, "b2", c.edit)}}
			existing, err := p.Existing()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, p.Differences(existing)); d != "" {
				t.Errorf("differences (-want +got):\n%s", d)
			}
			if (existing == c.wished) != (c.want == nil) {
				t.Errorf("recorded as %+v", existing)
			}
		})
	}
}

func TestInstancesThatCanBeNoOneOrders(t *testing.T) {
	long := strings.Repeat("x", order.MaxDescLength+1)
	for _, c := range []struct {
		name string
		edit func(*reconcile.Instance)
		all  bool
		want string
	}{
		{"another zone", func(i *reconcile.Instance) { i.AZ = "b" }, false, `the instances b1 and b2 differ in az ("a" and "b"): one order buys what is alike`},
		{"another description", func(i *reconcile.Instance) { i.Desc = "x" }, false, `the instances b1 and b2 differ in desc ("gw" and "x"): one order buys what is alike`},
		{"a long description", func(i *reconcile.Instance) { i.Desc = long }, true, "the instance b1 has a description of 1025 bytes; at most 1024 are kept"},
		{"a long spec", func(i *reconcile.Instance) { i.Spec = long }, true, "the instance b1 has a text of 1025 bytes; at most 256 are kept"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := c.edit
			if !c.all {
				first = nil
			}
			p := reconcile.Pair{Order: wished, Instances: []reconcile.Instance{alike(wished, "b1", first), alike(wished, "b2", c.edit)}}
			if _, err := p.Existing(); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAPairHasTheMarkerOfAll(t *testing.T) {
	m := order.NewMarker(fleet, lineage, wished.Address, 1)
	other := func(i *reconcile.Instance) {
		i.Desc = "gw " + string(order.NewMarker(fleet, lineage, wished.Address, 2))
	}
	none := func(i *reconcile.Instance) { i.Desc = "gw" }
	for _, c := range []struct {
		edits []func(*reconcile.Instance)
		want  order.Marker
	}{
		{nil, ""},
		{[]func(*reconcile.Instance){nil, nil}, m},
		{[]func(*reconcile.Instance){nil, other}, ""},
		{[]func(*reconcile.Instance){nil, none}, ""},
		{[]func(*reconcile.Instance){none, nil}, ""},
		{[]func(*reconcile.Instance){nil, none, nil}, ""},
	} {
		var p reconcile.Pair
		for _, edit := range c.edits {
			p.Instances = append(p.Instances, alike(wished, "b", edit))
		}
		if got := p.Marker(); got != c.want {
			t.Errorf("%d instances: marker %q, want %q", len(c.edits), got, c.want)
		}
	}
}
