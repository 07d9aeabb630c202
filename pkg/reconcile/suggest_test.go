package reconcile_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

func TestSuggestions(t *testing.T) {
	d := doubt(1, 1, north)
	d.At = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	d.Order.AZ, d.Order.VPCID, d.Order.SubnetID, d.Order.Spec = "a", "v", "s", "bastion-50"
	d.Order.Charge = order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true}
	unmarked := d
	unmarked.Marker = ""
	like := reconcile.Instance{BID: "b1", Desc: "by hand", AZ: "a", VPCID: "v", SubnetID: "s", Spec: "bastion-50"}
	with := func(edit func(*reconcile.Instance)) reconcile.Instance {
		i := like
		edit(&i)
		return i
	}
	began := func(text string) reconcile.Instance {
		return with(func(i *reconcile.Instance) { i.StartTime = text })
	}
	charged := func(c order.Charge) reconcile.Instance {
		return with(func(i *reconcile.Instance) { i.Charge = c })
	}
	owner := purchased(doubt(2, 1, north), "b1")

	for _, c := range []struct {
		name      string
		record    order.Record
		listed    reconcile.Instance
		suggested bool
	}{
		{"alike", open(d), like, true},
		{"alike, of an order without a marker", open(unmarked), like, true},
		{"of another zone", open(d), with(func(i *reconcile.Instance) { i.AZ = "b" }), false},
		{"of another network", open(d), with(func(i *reconcile.Instance) { i.VPCID = "w" }), false},
		{"of another subnet", open(d), with(func(i *reconcile.Instance) { i.SubnetID = "t" }), false},
		{"of another size", open(d), with(func(i *reconcile.Instance) { i.Spec = "bastion-100" }), false},
		{"with another call's marker", open(d), with(func(i *reconcile.Instance) { i.Desc = sold(of("other", lineage, d), "b1")[0].Desc }), false},
		{"with its marker not at the end", open(d), reconcile.Instance{BID: "b1", Desc: sold(d, "b1")[0].Desc + " moved"}, true},
		{"alike, with its marker not at the end", open(d), with(func(i *reconcile.Instance) { i.Desc = sold(d, "b1")[0].Desc + " moved" }), true},
		{"with another call's marker not at the end", open(d), reconcile.Instance{BID: "b1", Desc: sold(of("other", lineage, d), "b1")[0].Desc + "."}, false},
		{"without a bid yet", open(d), with(func(i *reconcile.Instance) { i.BID = "" }), false},
		{"charged alike", open(d), charged(order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1}), true},
		{"charged otherwise", open(d), charged(order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitMonth}), false},
		{"for longer", open(d), charged(order.Charge{Duration: 3}), false},
		{"begun after the call", open(d), began("2026-11-23 12:00:01"), true},
		{"begun before it, as far as clocks tell", open(d), began("2026-11-23T11:50:00Z"), true},
		{"begun before it", open(d), began("2026-11-23 11:40:00"), false},
		{"begun before it, by another zone's clock", open(d), began("2026-11-23T19:40:00+08:00"), false},
		{"begun at an unknown time", open(d), began("1763899200000"), true},
		{"settled by its sourceId", named(d, "s1"), like, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &account{regions: map[string][]reconcile.Instance{north: {c.listed}}, sources: map[string]reconcile.Instance{"s1": like}}
			s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{c.record}, Lister: a}
			if f := s.Run(t.Context())[0].Findings[0]; (len(f.Suggestions) == 1) != c.suggested {
				t.Errorf("%s, suggested: %v", f.Verdict, f.Suggestions)
			}
			s.Records = append(s.Records, owner)
			if f := s.Run(t.Context())[0].Findings[0]; len(f.Suggestions) != 0 {
				t.Errorf("another order's instance is suggested: %v", f.Suggestions)
			}
		})
	}
}

func TestSuggestionsAreBounded(t *testing.T) {
	d := doubt(1, 1, north)
	var listed []reconcile.Instance
	for n := range 3 * reconcile.MaxSuggestions {
		listed = append(listed, reconcile.Instance{BID: fmt.Sprintf("b%02d", n)})
	}
	f := search(&account{regions: map[string][]reconcile.Instance{north: listed}}, d).Run(t.Context())[0].Findings[0]
	if len(f.Suggestions) != reconcile.MaxSuggestions || f.Suggestions[0].BID != "b00" {
		t.Errorf("%d suggestions: %v", len(f.Suggestions), f.Suggestions)
	}
}

// An attempt that is recorded as not bought, and was bought all the same, shows in any listing that is read.
func TestWhatNoRecordAccountsForIsNamed(t *testing.T) {
	d, retried := doubt(1, 1, north), doubt(2, 1, north)
	again := retried
	again.Attempt, again.Marker = 2, order.NewMarker(fleet, lineage, again.Order.Address, 2)
	listed := append(sold(retried, "b1"), sold(again, "b2")...)
	a := &account{regions: map[string][]reconcile.Instance{north: listed}}
	s := reconcile.Search{Fleet: fleet, Lineage: lineage, Records: []order.Record{open(d), purchased(again)}, Lister: a}
	r := s.Run(t.Context())[0]
	if len(r.Strangers) != 1 || r.Strangers[0].BID != "b1" || r.Strangers[0].Address != retried.Order.Address || r.Strangers[0].Attempt != 1 {
		t.Errorf("strangers: %+v", r.Strangers)
	}
}
