package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// BenchmarkPlan loads a fleet of one templated order over a CSV file, reads its state and makes the plan: all that
// the plan command does but print. Time, bytes and allocations are for one order.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		dir := b.TempDir()
		writeCSVFleet(b, dir, n)
		b.Run(fmt.Sprintf("orders=%d/fresh", n), func(b *testing.B) { benchmarkPlan(b, dir, n, n) })
		buyAll(b, dir)
		b.Run(fmt.Sprintf("orders=%d/unchanged", n), func(b *testing.B) { benchmarkPlan(b, dir, n, 0) })
	}
}

func benchmarkPlan(b *testing.B, dir string, orders, changes int) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if p := planFleet(b, dir); len(p.Changes) != changes {
			b.Fatalf("%d changes, want %d", len(p.Changes), changes)
		}
	}
	runtime.ReadMemStats(&after)
	perOrder := float64(b.N * orders)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/perOrder, "ns/order")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/perOrder, "B/order")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/perOrder, "allocs/order")
}

func planFleet(b *testing.B, dir string) plan.Plan {
	f, diags := fleet.Load(dir, fleet.Options{})
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	s, err := state.Read(state.DefaultPath(dir))
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.Build(plan.Input{
		Fleet: f.Name, Orders: f.Orders, Rollout: f.Rollout,
		Known: plan.Known{Lineage: s.Lineage, Serial: s.Serial, Records: s.Records},
	})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func writeCSVFleet(b *testing.B, dir string, n int) {
	b.Helper()
	var csv bytes.Buffer
	csv.WriteString("site,region,az,spec,desc\n")
	regions := []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"}
	for i := range n {
		region := regions[i%len(regions)]
		fmt.Fprintf(&csv, "site-%06d,%s,%sa,bastion-50,branch %d\n", i, region, region, i)
	}
	const text = `
fleet "bench" {}
locals {
  sites = { for row in csvdecode(file("sites.csv")) : row.site => row }
}
order "branch" {
  for_each   = local.sites
  region     = each.value.region
  az         = each.value.az
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = each.value.spec
  ip_version = "v4"
  desc       = each.value.desc
  charge {
    mode     = "MONTHLY"
    unit     = "YEAR"
    duration = 1
    auto_pay = true
  }
}
`
	for name, content := range map[string][]byte{"sites.csv": csv.Bytes(), "bench.fleet.hcl": []byte(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

// buyAll applies the plan of the fleet in dir, with a state of its own, from an API that sells at once.
func buyAll(b *testing.B, dir string) {
	b.Helper()
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := planFleet(b, dir)
	p.Rollout.Parallelism = 256
	result := runPlan(b, p, state.DefaultPath(dir), bastion.Options{Transport: sim}, new(atomic.Int64), nobodyLooks())
	if !result.Complete() {
		b.Fatalf("%d of %d orders bought", result.Count(apply.EndBought), len(result.Entries))
	}
}

// timed adds up how long calls take.
type timed struct {
	apply.Buyer
	spent *atomic.Int64 // ns
}

func (t *timed) Buy(ctx context.Context, i order.Intent) (order.Purchase, error) {
	start := time.Now()
	defer func() { t.spent.Add(int64(time.Since(start))) }()
	return t.Buyer.Buy(ctx, i)
}

func runPlan(b *testing.B, p plan.Plan, path string, o bastion.Options, spent *atomic.Int64, view ui.View) apply.Result {
	b.Helper()
	var err error
	if o.Credentials, err = bastion.NewCredentials("sim", "sim", ""); err != nil {
		b.Fatal(err)
	}
	o.Parallelism = p.Rollout.Parallelism
	client, err := bastion.New(o)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	store, err := state.Open(b.Context(), path, state.Owner{Command: "bench"}, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	if err := store.Bind(state.Binding{Fleet: p.Fleet, Account: "sim", Endpoint: client.Endpoint().String()}); err != nil {
		b.Fatal(err)
	}
	run, err := store.StartRun(b.Context(), state.RunInfo{ID: state.NewRunID(time.Now()), Started: time.Now()})
	if err != nil {
		b.Fatal(err)
	}
	defer makeRoomForSyncs()()
	observer := view.Apply(p)
	result, err := apply.Run(b.Context(), apply.Config{
		Run: run.ID(), Fleet: p.Fleet, Lineage: run.Lineage(), Buys: p.Buys(), Waves: p.Waves, Rollout: p.Rollout,
		Buyer: &timed{Buyer: buyer{client}, spent: spent}, Journal: run,
		Observe: func(e apply.Event) {
			if n, ok := note(e); ok {
				run.Note(n)
			}
			observer.Handle(e)
		},
	})
	observer.Close()
	if err != nil {
		b.Fatal(err)
	}
	if err := run.Close(summary(plan.Plan{}, result, new(latencies))); err != nil {
		b.Fatal(err)
	}
	return result
}

// BenchmarkApply buys 10,000 orders at 50 ms a call and 64 calls in flight, over loopback HTTP, everything journaled: as a
// fleet without waves whose run nobody looks at, and as a rollout in waves with rates, shown on a terminal. Its figure is the
// share of the limit orders x latency / parallelism, in per cent. The simulator shares the machine, and its answers take what
// they take on top of the 50 ms.
func BenchmarkApply(b *testing.B) {
	const n = 10_000
	dir := b.TempDir()
	writeCSVFleet(b, dir, n)
	b.Run("plain", func(b *testing.B) { benchmarkApply(b, dir, n, nobodyLooks()) })
	const rollout = `
rollout {
  rate_per_region = 500
  wave "canary" { max_orders = 64 }
  wave "quarter" { percent = 25 }
  wave "rest" {}
}
`
	if err := os.WriteFile(filepath.Join(dir, "rollout.fleet.hcl"), []byte(rollout), 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("rollout", func(b *testing.B) { benchmarkApply(b, dir, n, somebodyLooks()) })
}

// nobodyLooks is a view of a run whose output goes nowhere.
func nobodyLooks() ui.View {
	return ui.New(ui.Streams{Out: ui.Stream{Writer: io.Discard}, Err: ui.Stream{Writer: io.Discard}}, false)
}

// somebodyLooks is a view that draws on a large terminal.
func somebodyLooks() ui.View {
	terminal := ui.Stream{Writer: io.Discard, Color: true, Terminal: true, Size: func() (int, int) { return 200, 50 }}
	return ui.New(ui.Streams{Out: terminal, Err: terminal}, false)
}

func benchmarkApply(b *testing.B, dir string, n int, view ui.View) {
	const latency, parallelism = 50 * time.Millisecond, 64
	p := planFleet(b, dir)
	p.Rollout.Parallelism = parallelism
	var spent atomic.Int64
	for b.Loop() {
		b.StopTimer()
		sim, err := simulator.New(simulator.Options{Latency: latency})
		if err != nil {
			b.Fatal(err)
		}
		server := httptest.NewServer(sim)
		endpoint, err := bastion.ParseEndpoint(server.URL)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		result := runPlan(b, p, filepath.Join(b.TempDir(), "state.db"), bastion.Options{Endpoint: endpoint}, &spent, view)
		b.StopTimer()
		if !result.Complete() {
			b.Fatalf("%d of %d orders bought", result.Count(apply.EndBought), n)
		}
		server.Close()
		b.StartTimer()
	}
	limit := time.Duration(n) * latency / parallelism
	b.ReportMetric(float64(spent.Load())/float64(b.N*n)/1e6, "ms/call")
	b.ReportMetric(100*limit.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "%limit")
}

// BenchmarkRecovery applies a fleet of 10,000 orders of which an earlier apply left some 100 in doubt: half of them with the
// sourceIds that a broken answer named, half without. Its figures are the calls that this takes, at most the pages of the
// listings and one for each sourceId, and how much longer it takes than an apply with nothing in doubt. The API answers at
// once, within the process.
func BenchmarkRecovery(b *testing.B) {
	const orders, lost, pages, sources = 10_000, 100, 100, 50
	sim, dir := leaveInDoubt(b, orders, lost)
	var beside time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		again := filepath.Join(b.TempDir(), "again")
		if err := os.CopyFS(again, os.DirFS(dir)); err != nil {
			b.Fatal(err)
		}
		reads := sim.Counters().Reads
		b.StartTimer()
		start := time.Now()
		benchApply(b, sim, again, exitDone)
		beside += time.Since(start)
		b.StopTimer()
		if reads = sim.Counters().Reads - reads; reads > pages+sources {
			b.Fatalf("%d calls for %d pages and %d sourceIds", reads, pages, sources)
		}
		b.ReportMetric(float64(reads), "calls")
		start = time.Now()
		benchApply(b, sim, again, exitDone)
		beside -= time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(beside.Seconds()/float64(b.N), "s/recovery")
}

// leaveInDoubt buys a fleet, but for orders whose answers get lost or come with an error.
func leaveInDoubt(b *testing.B, orders, lost int) (*simulator.Simulator, string) {
	dir := b.TempDir()
	writeCSVFleet(b, dir, orders)
	rollout := fmt.Sprintf("rollout {\n  max_in_doubt      = %d\n}\n", orders)
	if err := os.WriteFile(filepath.Join(dir, "rollout.fleet.hcl"), []byte(rollout), 0o600); err != nil {
		b.Fatal(err)
	}
	every := orders / lost
	sim, err := simulator.New(simulator.Options{Script: func(c simulator.Call) simulator.Fault {
		if c.N%(2*every) == every {
			return simulator.DropAnswer
		}
		return simulator.NoFault
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.Setenv("JDCLOUD_ACCESS_KEY", "sim")
	b.Setenv("JDCLOUD_SECRET_KEY", "sim")
	benchApply(b, &misstated{RoundTripper: sim, every: 2 * every}, dir, exitIncomplete)
	s, err := state.Read(state.DefaultPath(dir))
	if err != nil || len(doubts(s)) < lost {
		b.Fatalf("%d in doubt, want at least %d: %v", len(doubts(s)), lost, err)
	}
	return sim, dir
}

// misstated says of every so manyth purchase that it failed, and names its ids.
type misstated struct {
	http.RoundTripper
	every int
	sold  atomic.Int64
}

func (m *misstated) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := m.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodPost && m.sold.Add(1)%int64(m.every) == int64(m.every)/2 {
		answer.StatusCode = http.StatusInternalServerError
	}
	return answer, err
}

func benchApply(b *testing.B, carry http.RoundTripper, dir string, want int) {
	var out bytes.Buffer
	stream := ui.Stream{Writer: &out}
	p := Process{
		Args: []string{"apply", dir, "--auto-approve"}, Carry: carry,
		Streams: func(bool) ui.Streams { return ui.Streams{In: strings.NewReader(""), Out: stream, Err: stream} },
	}
	if code := p.Run(b.Context()); code != want {
		b.Fatalf("exit code %d, want %d: %s", code, want, out.String())
	}
}
