package plan_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

var (
	cmpOrder = cmp.Options{
		cmp.Comparer(func(a, b order.Address) bool { return a == b }),
		cmp.Comparer(func(a, b order.Tolerance) bool { return a == b }),
		cmp.Comparer(func(a, b order.Pattern) bool { return a == b }),
	}
	cmpEmpty = cmpopts.EquateEmpty()
)

var drawAddress = rapid.Custom(func(t *rapid.T) order.Address {
	a := order.Address{Name: rapid.SampledFrom([]string{"a", "b", "übung"}).Draw(t, "name")}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 1:
		a.Key = order.IndexKey(rapid.IntRange(0, 3).Draw(t, "index"))
	case 2:
		a.Key = order.TextKey(rapid.SampledFrom([]string{"bj", "a\"b", "北京"}).Draw(t, "text"))
	}
	return a
})

// drawOrder draws from few values, so that orders and records often agree.
func drawOrder(t *rapid.T, a order.Address) order.Order {
	return order.Order{
		Address: a,
		Region:  rapid.SampledFrom([]string{"cn-north-1", "cn-east-1"}).Draw(t, "region"),
		AZ:      "cn-north-1a", VPCID: "vpc", SubnetID: "subnet",
		Spec:      rapid.SampledFrom([]string{"bastion-50", "bastion-100"}).Draw(t, "spec"),
		Quantity:  rapid.IntRange(1, 4).Draw(t, "quantity"),
		IPVersion: rapid.SampledFrom([]string{order.IPv4, order.IPv4v6}).Draw(t, "ip"),
		Desc:      rapid.SampledFrom([]string{"", "<&> 北京"}).Draw(t, "desc"),
		Charge:    order.Charge{Unit: order.UnitYear, Duration: 1, AutoPay: rapid.Bool().Draw(t, "auto_pay")},
		Sensitive: rapid.SampledFrom([]order.FieldSet{0, order.FieldSetOf(order.FieldDesc), order.Hideable}).Draw(t, "sensitive"),
	}
}

// drawRecord lets calls begin and finish at an address, as a state does.
func drawRecord(t *rapid.T, a order.Address) order.Record {
	var r order.Record
	for range rapid.IntRange(1, 4).Draw(t, "calls") {
		o := drawOrder(t, a)
		if len(r.Purchases) > 0 { // an apply only grows what is bought
			o = r.Order
			o.Quantity = rapid.IntRange(1, 3).Draw(t, "more")
		}
		at := noon.Add(time.Duration(r.Attempt) * time.Minute)
		imported := rapid.Bool().Draw(t, "imported")
		begun, err := r.Begin(order.Intent{Run: "run", Attempt: r.Attempt + 1, Marker: "[bf:]", Order: o, At: at, Imported: imported})
		if err != nil {
			t.Fatal(err)
		}
		r = begun
		out := order.Outcome{Run: "run", Address: a, Attempt: r.Attempt, Result: order.ResultBought, At: at.Add(time.Second)}
		switch rapid.SampledFrom([]string{"bought", "rejected", "lost", "crash"}).Draw(t, "outcome") {
		case "crash":
			return r
		case "bought":
			out.Purchase = order.Purchase{Attempt: r.Attempt, BuyID: "buy", SourceIDs: []string{"a", "b"}, Quantity: o.Quantity, Run: "run", At: at}
			if rapid.Bool().Draw(t, "adopted") {
				out.Purchase.BuyID, out.Purchase.SourceIDs, out.Purchase.BIDs = "", nil, []string{"bid-1", "bid-2"}
			}
		case "rejected":
			out.Result, out.Failure = order.ResultNotBought, order.Failure{Class: order.ClassRejected, HTTPStatus: 400, Code: "NO", Message: "a \u202e b"}
		case "lost":
			out.Result, out.Failure = order.ResultInDoubt, order.Failure{Message: "reset"}
		}
		finished, err := r.Finish(out)
		if err != nil {
			t.Fatal(err)
		}
		r = finished
		if r.Doubt != nil {
			return r
		}
	}
	return r
}

func drawInput(t *rapid.T) plan.Input {
	in := plan.Input{
		Fleet: "branches", Rollout: order.DefaultRollout(),
		Known: plan.Known{Lineage: rapid.SampledFrom([]string{"", "l1"}).Draw(t, "lineage"), Serial: rapid.Uint64().Draw(t, "serial")},
	}
	in.Rollout.FailureTolerance = order.Count(rapid.IntRange(0, 9).Draw(t, "tolerance"))
	if rapid.Bool().Draw(t, "rebuy") {
		in.Rollout.OnInDoubt, in.Rollout.Settle = order.RebuyAfterSettle, order.DefaultSettle
	}
	drawMoney(t, &in)
	in.Lifecycles = rapid.MapOf(rapid.SampledFrom([]string{"a", "b"}), drawLifecycle).Draw(t, "lifecycles")
	in.Rollout.NoMarker = rapid.Bool().Draw(t, "no marker")
	addresses := rapid.SliceOfNDistinct(drawAddress, 0, 8, rapid.ID[order.Address]).Draw(t, "addresses")
	slices.SortFunc(addresses, order.Address.Compare)
	for _, a := range addresses {
		if rapid.Bool().Draw(t, "known") {
			in.Known.Records = append(in.Known.Records, drawRecord(t, a))
		}
		if rapid.Bool().Draw(t, "wished") {
			in.Orders = append(in.Orders, drawOrder(t, a))
		}
	}
	return in
}

// fieldTexts are the fields of an order that drawOrder draws, as texts.
func fieldTexts(o order.Order) map[order.Field]string {
	return map[order.Field]string{
		order.FieldRegion: o.Region, order.FieldSpec: o.Spec, order.FieldQuantity: fmt.Sprint(o.Quantity),
		order.FieldIPVersion: o.IPVersion, order.FieldDesc: o.Desc, order.FieldAutoPay: fmt.Sprint(o.Charge.AutoPay),
	}
}

var drawLifecycle = rapid.Custom(func(t *rapid.T) order.Lifecycle {
	ignored := rapid.SliceOf(rapid.SampledFrom(order.Fields())).Draw(t, "ignored")
	return order.Lifecycle{Ignore: order.FieldSetOf(ignored...), PreventChange: rapid.Bool().Draw(t, "prevent_change")}
})

// drawMoney draws prices for a part of what drawOrder draws, and ceilings.
func drawMoney(t *rapid.T, in *plan.Input) {
	amount := rapid.Map(rapid.Int64Range(0, int64(order.MaxPrice)), func(n int64) order.Amount { return order.Amount(n) })
	if rapid.Bool().Draw(t, "priced") {
		in.Prices = order.Prices{Currency: "CNY", List: rapid.MapOf(rapid.SampledFrom([]order.PriceOf{
			{Spec: "bastion-50", Unit: order.UnitYear}, {Spec: "bastion-100", Unit: order.UnitYear},
			{Spec: "bastion-50", Unit: order.UnitMonth}, {Region: "cn-east-1", Spec: "bastion-50", Unit: order.UnitYear},
		}), amount).Draw(t, "prices")}
	}
	in.Limits.MaxOrders = rapid.Ptr(rapid.IntRange(0, 9), true).Draw(t, "max_orders")
	in.Limits.MaxInstances = rapid.Ptr(rapid.IntRange(0, 20), true).Draw(t, "max_instances")
	in.Limits.MaxSpend = rapid.Ptr(amount, true).Draw(t, "max_spend")
}

// boughtNow is the run of what buyAll buys.
const boughtNow = "run-now"

// buyAll returns the records after every buy was bought.
func buyAll(t *rapid.T, records []order.Record, buys []plan.Buy) []order.Record {
	known := map[order.Address]order.Record{}
	for _, r := range records {
		known[r.Address] = r
	}
	for _, b := range buys {
		r, err := known[b.Order.Address].Begin(order.Intent{Attempt: b.Attempt, Order: b.Order})
		if err != nil {
			t.Fatal(err)
		}
		r, err = r.Finish(order.Outcome{
			Address: b.Order.Address, Attempt: b.Attempt, Result: order.ResultBought,
			Purchase: order.Purchase{Attempt: b.Attempt, BuyID: "buy", Quantity: b.Order.Quantity, Run: boughtNow},
		})
		if err != nil {
			t.Fatal(err)
		}
		known[b.Order.Address] = r
	}
	var after []order.Record
	for _, r := range known {
		after = append(after, r)
	}
	slices.SortFunc(after, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	return after
}
