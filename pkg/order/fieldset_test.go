package order_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestFieldSet compares a set with the list of what was put into it, and reads it back from JSON.
func TestFieldSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chosen := map[order.Field]bool{}
		for _, f := range rapid.SliceOf(rapid.SampledFrom(order.Fields())).Draw(t, "fields") {
			chosen[f] = true
		}
		var want []order.Field
		set := order.FieldSet(0)
		for _, f := range order.Fields() {
			if chosen[f] {
				want = append(want, f)
				set |= order.FieldSetOf(f)
			}
		}
		for _, f := range order.Fields() {
			if set.Has(f) != chosen[f] {
				t.Errorf("Has(%s) = %v", f, set.Has(f))
			}
		}
		if diff := cmp.Diff(want, set.Fields()); diff != "" {
			t.Error(diff)
		}
		text, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		var back order.FieldSet
		if err := json.Unmarshal(text, &back); err != nil || back != set {
			t.Errorf("%s read back is %v, %v", text, back.Fields(), err)
		}
	})
}

func TestFieldSetOfAll(t *testing.T) {
	if got := order.FieldSetOf(order.Fields()...); got != order.AllFields {
		t.Errorf("%b, want %b", got, order.AllFields)
	}
	if order.AllFields.Has("charge.activity") || order.FieldSetOf("desk") != 0 {
		t.Error("a name that is no field counts as one")
	}
}

func TestFieldSetRefusesUnknownNames(t *testing.T) {
	set := order.FieldSetOf(order.FieldDesc)
	for _, text := range []string{`["desk"]`, `["desc","desk"]`, `"desc"`, `7`} {
		if err := json.Unmarshal([]byte(text), &set); err == nil {
			t.Errorf("%s is read as %v", text, set.Fields())
		}
	}
}

// TestWith holds that each field is taken over, and no other with it.
func TestWith(t *testing.T) {
	a := order.Order{Address: order.Address{Name: "a"}, Quantity: 1}
	b := order.Order{
		Address: order.Address{Name: "b"}, Region: "r", AZ: "z", VPCID: "v", SubnetID: "n", Spec: "s", Quantity: 2, IPVersion: "4", Desc: "d",
		Charge:    order.Charge{Mode: "m", Unit: "u", Duration: 1, AutoRenew: true, AutoPay: true, BuyScenario: "x"},
		Sensitive: order.AllFields,
	}
	all := a.With(order.AllFields, b)
	if want := b; all.Address != a.Address || all.With(0, b) != all {
		t.Errorf("%+v, want %+v but for the address", all, want)
	}
	all.Address = b.Address
	if all != b {
		t.Errorf("%+v, want %+v", all, b)
	}
	for _, f := range order.Fields() {
		one := order.FieldSetOf(f)
		if got := a.With(one, b); got == a || got.With(one, a) != a {
			t.Errorf("%s alone: %+v", f, got)
		}
	}
}
