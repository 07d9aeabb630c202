package ui_test

import (
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// BenchmarkLiveView plays an apply of 10,000 orders at full speed, 64 calls of 50 ms at a time, in real time, and reports
// which share of one processor showing it takes: 2 % at most is the promise.
func BenchmarkLiveView(b *testing.B) {
	const orders, parallelism, latency = 10_000, 64, 50 * time.Millisecond
	size := func() (int, int) { return 200, 50 }
	views := map[string]ui.View{
		"terminal": ui.NewText(ui.Streams{Err: ui.Stream{Writer: io.Discard, Terminal: true, Color: true, Size: size}}),
		"lines":    ui.NewText(ui.Streams{Err: ui.Stream{Writer: io.Discard}}),
		"json":     ui.NewJSON(ui.Streams{Out: ui.Stream{Writer: io.Discard}, Err: ui.Stream{Writer: io.Discard}}),
	}
	p := build(branches(orders), nil)
	events := fullSpeed(p, parallelism)
	alone := shareOf(func() { playAt(latency, events, func(apply.Event) {}) })
	for _, name := range []string{"terminal", "lines", "json"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				share := shareOf(func() {
					o := views[name].Apply(p)
					playAt(latency, events, o.Handle)
					o.Close()
				})
				b.ReportMetric(100*max(0, share-alone), "cpu-%")
			}
		})
	}
}

// fullSpeed are the events of each round of calls, the first of which begins the run.
func fullSpeed(p plan.Plan, parallelism int) [][]apply.Event {
	regions := []string{"cn-east-1", "cn-east-2", "cn-north-1", "cn-south-1"}
	total := apply.WaveTotal{Wave: "all"}
	for _, r := range regions {
		total.Regions = append(total.Regions, apply.RegionTotal{Region: r, Orders: len(p.Changes) / len(regions)})
		total.Orders += len(p.Changes) / len(regions)
	}
	rounds := [][]apply.Event{{apply.Started{Run: campaignRun, At: time.Now(), Waves: []apply.WaveTotal{total}}, apply.WaveStarted{Wave: "all", At: time.Now()}}}
	var ends []apply.Event
	for i, c := range p.Changes {
		if i%parallelism == 0 {
			rounds = append(rounds, ends)
			ends = nil
		}
		last, region := len(rounds)-1, regions[i%len(regions)]
		rounds[last] = append(rounds[last], apply.Calling{Address: c.Address, Region: region, Attempt: 1})
		if i%10 == 9 {
			f := noStock
			f.Message = fmt.Sprintf("no stock for request %d", i)
			ends = append(ends, apply.Failed{Address: c.Address, Region: region, Attempt: 1, Failure: f})
			continue
		}
		ends = append(ends, apply.Bought{Address: c.Address, Region: region, Purchase: order.Purchase{
			Attempt: 1, BuyID: fmt.Sprintf("buy-%d", i), SourceIDs: []string{"source-1"}, RequestID: "req", Quantity: 2, Run: campaignRun,
		}})
	}
	return append(rounds, ends)
}

// playAt plays a round each so often, stamped with its time.
func playAt(every time.Duration, rounds [][]apply.Event, handle func(apply.Event)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for _, round := range rounds {
		now := time.Now()
		for _, e := range round {
			switch e := e.(type) {
			case apply.Calling:
				e.At = now
				handle(e)
			case apply.Bought:
				e.At = now
				handle(e)
			case apply.Failed:
				e.At = now
				handle(e)
			default:
				handle(e)
			}
		}
		<-tick.C
	}
}

// shareOf is which share of one processor's time the process took while f ran.
func shareOf(f func()) float64 {
	begun, before := time.Now(), cpuTime()
	f()
	return (cpuTime() - before).Seconds() / time.Since(begun).Seconds()
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
