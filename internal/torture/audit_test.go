package torture_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func address(n int) order.Address { return order.Address{Name: "gw", Key: order.IndexKey(n)} }

func marker(n, attempt int) order.Marker {
	return order.NewMarker("f", "lineage", address(n), attempt)
}

// sale is what the API sold as its id-th, by an attempt for the n-th order.
func sale(id, n, attempt, quantity int) simulator.Purchase {
	p := simulator.Purchase{BuyID: fmt.Sprint("buy-", id), Quantity: quantity, Desc: marker(n, attempt).AppendTo(address(n).String())}
	for i := range quantity {
		p.SourceIDs = append(p.SourceIDs, fmt.Sprint("source-", id, "-", i))
	}
	return p
}

func bought(n int, purchases ...order.Purchase) order.Record {
	return order.Record{Address: address(n), Purchases: purchases}
}

func byID(s simulator.Purchase) order.Purchase {
	return order.Purchase{BuyID: s.BuyID, SourceIDs: s.SourceIDs, Quantity: s.Quantity}
}

func inDoubt(n, attempt int) order.Record {
	return order.Record{Address: address(n), Doubt: &order.Intent{Attempt: attempt, Marker: marker(n, attempt)}}
}

func logged(records ...order.Record) []state.Fold {
	return []state.Fold{{Run: "20261123T101500Z-k7q2m9", Records: records}}
}

// An audit that finds nothing is worth as much as what it would have found.
func TestAnAuditSeesDoublesAndLosses(t *testing.T) {
	one, two := sale(1, 0, 1, 2), sale(2, 1, 1, 1)
	wished := map[string]int{address(0).String(): 2, address(1).String(): 1}
	adopted := order.Purchase{BIDs: one.BIDs(), Quantity: 2}
	withoutMarker := two
	withoutMarker.Desc = address(1).String()
	for name, c := range map[string]struct {
		audit torture.Audit
		want  torture.Verdict
	}{
		"nothing": {torture.Audit{}, torture.Verdict{}},
		"all held": {
			torture.Audit{Sold: sold(one, two), Held: held(bought(0, byID(one)), bought(1, byID(two))), Told: []string{"buy-1", "buy-2"}},
			torture.Verdict{Purchases: 2, Bought: 2},
		},
		"adopted, and in doubt": {
			torture.Audit{Sold: sold(one, two), Held: held(bought(0, adopted), inDoubt(1, 1))},
			torture.Verdict{Purchases: 2, Adopted: 1, Doubtful: 1, Held: 1},
		},
		"in doubt without a sale": {
			torture.Audit{Held: held(inDoubt(0, 1))}, torture.Verdict{Held: 1},
		},
		"one call sold twice": {
			torture.Audit{Sold: sold(one, sale(3, 0, 1, 2)), Held: held(bought(0, byID(one), byID(sale(3, 0, 1, 2))))},
			torture.Verdict{Purchases: 2, Bought: 2, Duplicates: 1},
		},
		"two calls for one wish": {
			torture.Audit{Sold: sold(two, sale(3, 1, 2, 1)), Held: held(bought(1, byID(two), byID(sale(3, 1, 2, 1))))},
			torture.Verdict{Purchases: 2, Bought: 2, Duplicates: 1},
		},
		"sold to nobody": {
			torture.Audit{Sold: sold(sale(3, 7, 1, 1)), Held: held(bought(7, byID(sale(3, 7, 1, 1))))},
			torture.Verdict{Purchases: 1, Bought: 1, Duplicates: 1},
		},
		"not in the state": {
			torture.Audit{Sold: sold(one, two), Held: held(bought(0, byID(one)))},
			torture.Verdict{Purchases: 2, Bought: 1, Lost: 1},
		},
		"in doubt by another call": {
			torture.Audit{Sold: sold(two), Held: held(inDoubt(1, 2))},
			torture.Verdict{Purchases: 1, Lost: 1, Held: 1},
		},
		"two sales of one doubt without a marker": {
			torture.Audit{Sold: sold(withoutMarker, withoutMarker), Held: held(order.Record{Address: address(1), Doubt: &order.Intent{}})},
			torture.Verdict{Purchases: 2, Doubtful: 1, Held: 1, Duplicates: 1, Lost: 1},
		},
		"told, and not in the state": {
			torture.Audit{Sold: sold(one), Held: held(inDoubt(0, 1)), Told: []string{"buy-1"}},
			torture.Verdict{Purchases: 1, Doubtful: 1, Held: 1, Lost: 1},
		},
		"in a log, and not in the state": {
			torture.Audit{Sold: sold(one), Held: torture.Holding{Records: []order.Record{inDoubt(0, 1)}, Logs: logged(bought(0, byID(one)))}},
			torture.Verdict{Purchases: 1, Doubtful: 1, Held: 1, Lost: 1},
		},
		"never sold": {
			torture.Audit{Held: held(bought(0, byID(one)))}, torture.Verdict{Invented: 1},
		},
		"held twice": {
			torture.Audit{Sold: sold(one), Held: held(bought(0, byID(one)), bought(1, byID(one)))},
			torture.Verdict{Purchases: 1, Bought: 1, Invented: 1},
		},
		"held by another order": {
			torture.Audit{Sold: sold(two), Held: held(bought(0, byID(two)))},
			torture.Verdict{Purchases: 1, Lost: 1, Invented: 1},
		},
		"adopted with half of its instances": {
			torture.Audit{Sold: sold(one), Held: held(bought(0, order.Purchase{BIDs: one.BIDs()[:1], Quantity: 2}))},
			torture.Verdict{Purchases: 1, Lost: 1, Invented: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.audit.Wished = wished
			got := c.audit.Check()
			if d := cmp.Diff(c.want, got, cmpopts.IgnoreFields(torture.Verdict{}, "Problems")); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, got)
			}
			if bad := c.want.Duplicates + c.want.Lost + c.want.Invented; len(got.Problems) != bad || got.Sound() != (bad == 0) {
				t.Errorf("%d problems are named:\n%s", len(got.Problems), got)
			}
		})
	}
}

func sold(s ...simulator.Purchase) []simulator.Purchase { return s }

func held(r ...order.Record) torture.Holding { return torture.Holding{Records: r} }
