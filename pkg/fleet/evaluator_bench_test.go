package fleet_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// BenchmarkEvaluate shows what an output costs that names one of many orders, and what one that names all of them costs
// an order.
func BenchmarkEvaluate(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		one, all := manyOrders(b, n, `order.branch["s000007"].buy_id`), manyOrders(b, n, `{ for k, o in order.branch : k => o.buy_id }`)
		records := boughtOrders(one.Orders)
		b.Run(fmt.Sprintf("one of %d", n), func(b *testing.B) { evaluateOften(b, one, records) })
		whole := manyOrders(b, n, `{ for k, o in order.branch : k => o }`)
		b.Run(fmt.Sprintf("whole of %d", n), func(b *testing.B) { evaluateOften(b, whole, records) })
		b.Run(fmt.Sprintf("all of %d", n), func(b *testing.B) {
			evaluateOften(b, all, records)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/order")
		})
	}
}

func evaluateOften(b *testing.B, f fleet.Fleet, records []order.Record) {
	b.ReportAllocs()
	for b.Loop() {
		if all, diags := f.Evaluate(records); len(diags) > 0 || len(all.Outputs) != 1 {
			b.Fatal(rendered(diags))
		}
	}
}

// manyOrders is a fleet of n orders with one output.
func manyOrders(tb testing.TB, n int, output string) fleet.Fleet {
	tb.Helper()
	dir := writeBranches(tb, n)
	writeFile(tb, filepath.Join(dir, "outputs.fleet.hcl"), `output "o" { value = `+output+` }`)
	return mustLoadQuickly(tb, dir)
}

func mustLoadQuickly(tb testing.TB, dir string) fleet.Fleet {
	tb.Helper()
	f, diags := fleet.Load(dir, fleet.Options{})
	if diags.HasErrors() {
		tb.Fatal(rendered(diags))
	}
	return f
}

func boughtOrders(orders []order.Order) []order.Record {
	records := make([]order.Record, len(orders))
	for i, o := range orders {
		records[i] = order.Record{Address: o.Address, Order: o, Purchases: []order.Purchase{{
			Attempt: 1, BuyID: "buy-" + strconv.Itoa(i), SourceIDs: []string{"source-" + strconv.Itoa(i)}, Quantity: 1, At: time.Unix(0, 0),
		}}}
	}
	return records
}
