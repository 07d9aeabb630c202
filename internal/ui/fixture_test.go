package ui_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// golden compares with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (write it anew with -update):\n%s", name, diff)
	}
}

// shown runs show with a text view on a terminal of the given width, or on pipes for 0, and returns both streams.
func shown(width int, colour bool, show func(ui.View)) (out, err string) {
	var outBuf, errBuf bytes.Buffer
	s := ui.Streams{
		Out: ui.Stream{Writer: &outBuf, Color: colour, Terminal: width > 0},
		Err: ui.Stream{Writer: &errBuf, Color: colour, Terminal: width > 0},
	}
	if width > 0 {
		size := func() (int, int) { return width, 24 }
		s.Out.Size, s.Err.Size = size, size
	}
	show(ui.New(s, false))
	return outBuf.String(), errBuf.String()
}

// events runs show with a JSON view, with the clock of a synctest bubble, and checks that every line is an event.
func events(t *testing.T, show func(ui.View)) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out, err bytes.Buffer
		show(ui.New(ui.Streams{Out: ui.Stream{Writer: &out}, Err: ui.Stream{Writer: &err}}, true))
		text = out.String()
	})
	for line := range strings.Lines(text) {
		var e struct {
			Level     string    `json:"@level"`
			Message   string    `json:"@message"`
			Module    string    `json:"@module"`
			Timestamp time.Time `json:"@timestamp"`
			Type      string    `json:"type"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if e.Level == "" || e.Message == "" || e.Module != "bastion-fleet" || e.Timestamp.IsZero() || e.Type == "" {
			t.Errorf("the envelope is not complete: %s", line)
		}
	}
	return text
}

// jsonShown is what a JSON view prints on Out.
func jsonShown(show func(ui.View)) string {
	var out, err bytes.Buffer
	show(ui.New(ui.Streams{Out: ui.Stream{Writer: &out}, Err: ui.Stream{Writer: &err}}, true))
	return out.String()
}

func address(s string) order.Address {
	a, err := order.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

func wish(at string, edits ...func(*order.Order)) order.Order {
	o := order.Order{
		Address: address(at), Region: "cn-north-1", AZ: "cn-north-1a", VPCID: "vpc-a1b2c3", SubnetID: "subnet-c3d4e5",
		Spec: "bastion-50", Quantity: 2, IPVersion: order.IPv4, Desc: "the branch of Beijing, behind the east gate of Chaoyang park",
		Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
	}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func quantity(n int) func(*order.Order)   { return func(o *order.Order) { o.Quantity = n } }
func desc(text string) func(*order.Order) { return func(o *order.Order) { o.Desc = text } }
func region(name string) func(*order.Order) {
	return func(o *order.Order) { o.Region, o.AZ = name, name+"a" }
}
func payByHand(o *order.Order) { o.Charge.AutoPay = false }

// bought is the record of orders that were bought one after the other.
func bought(orders ...order.Order) order.Record {
	var r order.Record
	for i, o := range orders {
		r = finish(r, o, order.Outcome{Result: order.ResultBought, Purchase: order.Purchase{
			Attempt: r.Attempt + 1, BuyID: "buy-000" + string(rune('1'+i)), SourceIDs: []string{"src-1", "src-2"}, RequestID: "req-1",
			Quantity: o.Quantity, Run: "20261123T120000Z-abc", Unpaid: !o.Charge.AutoPay, At: noon,
			Marker: order.NewMarker("branches", "lineage", o.Address, r.Attempt+1),
		}})
	}
	return r
}

func failed(o order.Order) order.Record {
	return finish(order.Record{}, o, order.Outcome{Result: order.ResultNotBought, Failure: noStock})
}

// doubtful is r with a call for o whose answer was lost.
func doubtful(r order.Record, o order.Order) order.Record {
	return finish(r, o, order.Outcome{Failure: reset})
}

func finish(r order.Record, o order.Order, out order.Outcome) order.Record {
	attempt := r.Attempt + 1
	r, err := r.Begin(order.Intent{
		Run: "20261123T120000Z-abc", Attempt: attempt, Marker: order.NewMarker("branches", "lineage", o.Address, attempt), Order: o, At: noon,
	})
	if err != nil {
		panic(err)
	}
	out.Attempt, out.At = attempt, noon
	r, err = r.Finish(out)
	if err != nil {
		panic(err)
	}
	return r
}

var (
	noStock = order.Failure{Class: order.ClassRejected, HTTPStatus: 400, Code: "FAILED_PRECONDITION", Message: "no stock of this spec in the zone", RequestID: "req-77"}
	reset   = order.Failure{Message: "read tcp 10.0.0.1:4711->10.0.0.2:443: connection reset by peer"}
)

// mixedPlan has every action, in three regions.
func mixedPlan() plan.Plan {
	north := []order.Order{
		wish(`order.branch["beijing-chaoyang-east-gate"]`), wish(`order.branch["tianjin"]`, desc("天津分公司")),
		wish("order.gw", quantity(5)), wish("order.old-terms", func(o *order.Order) {
			o.Spec, o.Quantity, o.Desc, o.Charge.AutoRenew = "bastion-100", 1, "", true
		}),
		wish("order.retried"),
	}
	east := []order.Order{wish(`order.hub[0]`, region("cn-east-1"), payByHand), wish(`order.hub[1]`, region("cn-east-1"), payByHand, quantity(1))}
	lost := wish("order.lost", region("cn-south-1"))
	gone := wish("order.gone", region("cn-south-1"), desc("closed\x1b[31m \u202ein 2025"))
	return build(append(append(north, east...), lost), []order.Record{
		bought(wish("order.gw")), bought(wish("order.old-terms")), failed(wish("order.retried")), doubtful(order.Record{}, lost), bought(gone),
	})
}

func build(orders []order.Order, records []order.Record) plan.Plan {
	return buildPriced(order.Prices{}, orders, records)
}

func buildPriced(prices order.Prices, orders []order.Order, records []order.Record) plan.Plan {
	slices.SortFunc(orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	slices.SortFunc(records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	p, err := plan.Build(plan.Input{
		Fleet: "branches", Orders: orders, Rollout: order.DefaultRollout(), Prices: prices,
		Known: plan.Known{Lineage: "lineage", Serial: 7, Records: records},
	})
	if err != nil {
		panic(err)
	}
	return p
}

// branches are n orders that share everything but their name.
func branches(n int) []order.Order {
	orders := make([]order.Order, n)
	for i := range orders {
		orders[i] = wish("order.branch", desc("branch"))
		orders[i].Address.Key = order.IndexKey(i)
	}
	return orders
}

func entry(o order.Order, end apply.End, f order.Failure) apply.Entry {
	e := apply.Entry{Address: o.Address, Region: o.Region, Quantity: o.Quantity, End: end, Failure: f}
	if end == apply.EndBought {
		e.Purchase = bought(o).Purchases[0]
	}
	return e
}
