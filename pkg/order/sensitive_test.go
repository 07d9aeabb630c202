package order_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

const canary = "canary-3f9a"

// secretive is an order that has the canary in every field that may hide it.
func secretive(t *testing.T) order.Order {
	t.Helper()
	scenario, err := order.EncodeScenario(order.Scenario{Activity: order.Activity{Type: "promo", Identifier: canary}})
	if err != nil {
		t.Fatal(err)
	}
	return order.Order{
		Region: "cn-north-1", AZ: canary + "-az", VPCID: canary + "-vpc", SubnetID: canary + "-subnet", Spec: "bastion-50",
		Quantity: 1, IPVersion: canary, Desc: canary + " here", Charge: order.Charge{BuyScenario: scenario}, Sensitive: order.Hideable,
	}
}

func TestShownHidesWhatIsSensitive(t *testing.T) {
	o := secretive(t)
	shown := o.Shown(0)
	text, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), canary) || shown.Charge.BuyScenario != order.SensitiveText || shown.Spec != o.Spec {
		t.Errorf("shown as %s", text)
	}
	for _, p := range o.Problems() {
		if strings.Contains(p.Detail, canary) {
			t.Errorf("a problem says %q", p.Detail)
		}
	}
	if !strings.HasPrefix(o.AZ, canary) {
		t.Error("to show the order has changed it")
	}

	plain := o
	plain.Sensitive = 0
	if plain.Shown(0) != &plain {
		t.Error("an order without secrets is copied")
	}
	if got := plain.Shown(order.FieldSetOf(order.FieldDesc)); got.Desc != order.SensitiveText || got.AZ != o.AZ {
		t.Errorf("with desc sensitive elsewhere, shown as %+v", got)
	}
	if empty := (&order.Order{Sensitive: order.Hideable}).Shown(0); empty.Desc != "" {
		t.Errorf("what is not set is shown as %q", empty.Desc)
	}
}

func TestRedact(t *testing.T) {
	o := secretive(t)
	said := "no " + o.Desc + " in " + o.AZ + ", nor " + o.Charge.BuyScenario + ", of " + canary
	got := o.Redact(said)
	if strings.Contains(got, canary) || strings.Contains(got, o.Charge.BuyScenario) || !strings.HasPrefix(got, "no (sensitive value) in ") {
		t.Errorf("redacted as %q", got)
	}
	short := order.Order{Desc: "a", Sensitive: order.FieldSetOf(order.FieldDesc)}
	if got := short.Redact("a bad day"); got != "a bad day" {
		t.Errorf("a secret of one letter makes it %q", got)
	}
	o.Sensitive = 0
	if got := o.Redact(said); got != said {
		t.Errorf("without secrets it is %q", got)
	}
}

func TestSensitiveIsNoPartOfTheDigest(t *testing.T) {
	o := secretive(t)
	plain := o
	plain.Sensitive = 0
	if o.Digest() != plain.Digest() {
		t.Error("what is hidden asks for something else")
	}
}
