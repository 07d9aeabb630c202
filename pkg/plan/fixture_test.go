package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func address(t testing.TB, s string) order.Address {
	t.Helper()
	a, err := order.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wish is a whole order; edits change it.
func wish(t testing.TB, at string, edits ...func(*order.Order)) order.Order {
	t.Helper()
	o := order.Order{
		Address: address(t, at), Region: "cn-north-1", AZ: "cn-north-1a", VPCID: "vpc-a1b2", SubnetID: "subnet-c3d4",
		Spec: "bastion-50", Quantity: 2, IPVersion: order.IPv4, Desc: "a branch",
		Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
	}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

// bought is the record of o after it was bought in one call.
func bought(o order.Order) order.Record {
	return order.Record{
		Address: o.Address, Order: o, Attempt: 1, UpdatedAt: noon,
		Purchases: []order.Purchase{{
			Attempt: 1, BuyID: "buy-1", SourceIDs: []string{"src-1"}, RequestID: "req-1",
			Quantity: o.Quantity, Run: "run-1", At: noon,
		}},
	}
}

// failed is the record of o after a call that bought nothing.
func failed(o order.Order) order.Record {
	return order.Record{
		Address: o.Address, Order: o, Attempt: 3, UpdatedAt: noon,
		Failure: &order.Failure{Class: order.ClassRejected, HTTPStatus: 400, Code: "FAILED_PRECONDITION", Message: "no stock"},
	}
}

// doubtful is r with an open intent for o.
func doubtful(r order.Record, o order.Order) order.Record {
	r.Address = o.Address
	r.Attempt++
	r.Doubt = &order.Intent{Run: "run-2", Attempt: r.Attempt, Marker: "[bf:0000000000000000]", Order: o, At: noon}
	r.DoubtWhy = &order.Failure{Message: "the connection was reset"}
	if len(r.Purchases) == 0 {
		r.Order = o
	}
	return r
}

// build sorts, and plans what the files wish against what the state knows.
func build(t testing.TB, wishes []order.Order, known []order.Record, s plan.Selection) plan.Plan {
	t.Helper()
	slices.SortFunc(wishes, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	slices.SortFunc(known, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	p, err := plan.Build(plan.Input{
		Fleet: "branches", Orders: wishes, Rollout: order.DefaultRollout(), Selection: s,
		Known: plan.Known{Lineage: "lineage-1", Serial: 7, Records: known},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ptr[T any](v T) *T { return &v }
