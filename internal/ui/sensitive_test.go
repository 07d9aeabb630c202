package ui_test

import (
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// secret is an edit that hides a canary in every field that can hide one.
func secret(name string) func(*order.Order) {
	return func(o *order.Order) {
		o.AZ, o.VPCID, o.SubnetID, o.Desc = name+"-az", name+"-vpc", name+"-subnet", name+"-desc"
		o.Charge.BuyScenario, o.Sensitive = name+"-scenario", order.Hideable
	}
}

// TestSensitiveValuesAreNotShown plans and shows orders whose texts are all secret, in the files, in the state or in both.
func TestSensitiveValuesAreNotShown(t *testing.T) {
	plain := func(o *order.Order) { secret("canary-old")(o); o.Sensitive = 0 }
	kept := bought(wish("order.changed", secret("canary-old")))
	lost := doubtful(order.Record{}, wish("order.lost", secret("canary-old")))
	p := build(
		[]order.Order{
			wish("order.gw", secret("canary-new")), wish("order.changed", secret("canary-new")), wish("order.now", secret("canary-new")),
			wish("order.lost", secret("canary-old")), wish("order.lost-before", secret("canary-old")),
			wish("order.grown", secret("canary-old"), quantity(9)),
		},
		[]order.Record{
			kept, bought(wish("order.now", plain)), bought(wish("order.grown", secret("canary-old"))), lost,
			doubtful(order.Record{}, wish("order.lost-before", plain)), bought(wish("order.old", secret("canary-old"))),
		})
	held := reconcile.Finding{Doubt: *lost.Doubt, Verdict: reconcile.Missing, Suggestions: []reconcile.Instance{{BID: "bid-1", Desc: "is canary-old-desc"}}}
	pair := reconcile.Pair{
		Order: wish("order.pair", secret("canary-new")), Attempt: 1,
		Instances: []reconcile.Instance{{BID: "bid-2", AZ: "canary-old-az", Desc: "canary-old-desc"}},
	}
	foreign := reconcile.Surveyed{
		Region: "cn-north-1", SensitiveDescs: true,
		Strangers: []reconcile.Stranger{{Instance: reconcile.Instance{BID: "bid-3", Desc: "canary-old-desc [bf:K7Q2M9XZ4T]"}, Marker: "[bf:K7Q2M9XZ4T]"}},
	}
	for what, show := range map[string]func(ui.View){
		"plan":       func(v ui.View) { v.Plan(p, ui.Full) },
		"state list": func(v ui.View) { v.StateList([]order.Record{kept, lost}) },
		"state show": func(v ui.View) { v.StateShow(kept) },
		"a doubt":    func(v ui.View) { v.StateShow(lost) },
		"reconcile": func(v ui.View) {
			v.Reconciled([]reconcile.Region{{Name: "cn-north-1", Findings: []reconcile.Finding{held}}})
		},
		"strangers": func(v ui.View) {
			v.Surveyed([]reconcile.Surveyed{foreign})
			v.Unmatched([]reconcile.Surveyed{foreign})
		},
		"import": func(v ui.View) { v.Importing([]reconcile.Pair{pair}) },
	} {
		out, err := shown(120, false, show)
		all := out + err + jsonShown(show)
		if strings.Contains(all, "canary") {
			t.Errorf("%s shows a secret:\n%s", what, all)
		}
		if what != "state list" && !strings.Contains(all, order.SensitiveText) {
			t.Errorf("%s does not say that there is one:\n%s", what, all)
		}
	}
}
