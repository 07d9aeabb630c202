package plan_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// FuzzDecode reads files whose checksum and seal fit, so that what lies behind it is reached.
func FuzzDecode(f *testing.F) {
	p := build(f,
		[]order.Order{wish(f, "order.a"), wish(f, "order.g", func(o *order.Order) { o.Quantity = 3 })},
		[]order.Record{bought(wish(f, "order.g")), doubtful(order.Record{}, wish(f, "order.x"))}, plan.Selection{})
	_, body, _ := bytes.Cut(encode(f, file(p)), []byte("\n"))
	f.Add(unpack(f, body))
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "canary", MaxOrders: 1, Regions: []string{"bj"}, Orders: []order.Pattern{pattern(f, "order.b*")}}, {Name: "half", Percent: 50}}
	orders := fleetOf(f, map[string]int{"bj": 3, "sh": 3})
	p = planned(f, plan.Input{Orders: orders, Rollout: r, Known: plan.Known{
		Records: []order.Record{boughtBy("run-2", orders[0]), doubtful(order.Record{}, orders[1])}, Campaign: plan.Campaign{Runs: []string{"run-2"}},
	}})
	_, body, _ = bytes.Cut(encode(f, file(p)), []byte("\n"))
	f.Add(unpack(f, body))
	f.Add([]byte(`{"changes":1}{"action":"create"}`))
	f.Add([]byte(`{"changes":1000000}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decode(seal(t, text))
		if err != nil {
			return
		}
		again, err := decode(encode(t, got))
		if err != nil {
			t.Fatalf("read, written and refused: %v", err)
		}
		if diff := cmp.Diff(got, again, cmpOrder, cmpEmpty); diff != "" {
			t.Error(diff)
		}
	})
}
