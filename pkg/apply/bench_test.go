//go:build unix

package apply_test

import (
	"context"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A free buyer and journal cost nothing.
type free struct{ took time.Duration }

func (free) Begin(context.Context, order.Intent) error { return nil }
func (free) Finish(order.Outcome) error                { return nil }
func (free) Err() error                                { return nil }
func (f free) Buy(context.Context, order.Intent) (order.Purchase, error) {
	if f.took > 0 {
		time.Sleep(f.took)
	}
	return order.Purchase{BuyID: "buy-1", RequestID: "req-1"}, nil
}

// BenchmarkEngine applies 10,000 orders of four regions with a buyer and a journal that cost nothing. What an order takes of
// the CPU is the engine's own.
func BenchmarkEngine(b *testing.B) {
	const n = 10_000
	orders := buys(n/4, "cn-east-1", "cn-east-2", "cn-north-1", "cn-south-1")
	for _, test := range []struct {
		name      string
		took      time.Duration
		perSecond float64
	}{{"at once", 0, 0}, {"calls of 5 ms", 5 * time.Millisecond, 0}, {"with rates", 5 * time.Millisecond, 1e5}} {
		b.Run(test.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			spent := processorTime(b)
			for b.Loop() {
				rollout := order.DefaultRollout()
				rollout.Parallelism, rollout.RatePerRegion = 64, test.perSecond
				result, err := apply.Run(b.Context(), apply.Config{
					Run: "run-1", Fleet: "f", Lineage: "l", Buys: orders, Rollout: rollout,
					Buyer: free{test.took}, Journal: free{}, Observe: func(apply.Event) {},
				})
				if err != nil || !result.Complete() {
					b.Fatal(result.Count(apply.EndBought), err)
				}
			}
			spent = processorTime(b) - spent
			runtime.ReadMemStats(&after)
			perOrder := float64(b.N * n)
			b.ReportMetric(float64(spent)/perOrder, "cpu-ns/order")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/perOrder, "allocs/order")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/perOrder, "B/order")
		})
	}
}

// processorTime is what the process has used of the CPU.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
