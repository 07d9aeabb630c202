package cli

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// inVirtualTime plays f with n orders against a simulated API, state on a real disk, time under the test's control.
func inVirtualTime(t *testing.T, n int, o simulator.Options, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{path: filepath.Join(t.TempDir(), "state.db"), sim: sim, orders: wished(n)}
		f(t, w)
		if err := w.check(); err != nil {
			t.Error(err)
		}
	})
}

func TestThrottlesAreWaitedOut(t *testing.T) {
	start := time.Time{}
	throttled := func(simulator.Call) simulator.Fault {
		if time.Since(start) < 100*time.Millisecond {
			return simulator.Throttle
		}
		return simulator.NoFault
	}
	o := simulator.Options{Latency: 50 * time.Millisecond, RetryAfter: 45 * time.Second, Script: throttled}
	inVirtualTime(t, 20, o, func(t *testing.T, w *world) {
		start = time.Now()
		r := order.DefaultRollout()
		r.ParallelismPerRegion = 2
		result, err := w.run(t.Context(), r)
		if err != nil || !result.Complete() {
			t.Fatalf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		if d := time.Since(start); d < 45*time.Second || d > 47*time.Second {
			t.Errorf("took %v: the API asked for a pause of 45 s", d)
		}
		// In each of the two regions the calls in flight were throttled, and nothing was called into the pause.
		if n := w.sim.Counters().Calls; n > 20+2*4 {
			t.Errorf("%d calls for 20 orders", n)
		}
	})
}

func TestRatesAreKeptOverTheWire(t *testing.T) {
	inVirtualTime(t, 60, simulator.Options{Latency: 50 * time.Millisecond}, func(t *testing.T, w *world) {
		r := order.DefaultRollout()
		r.RatePerRegion = 10
		if _, err := w.run(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		var calls = map[string][]time.Time{}
		for _, p := range w.sim.Ledger() {
			calls[p.Region] = append(calls[p.Region], p.Time)
		}
		for region, at := range calls {
			for i := 10; i < len(at); i++ {
				if d := at[i].Sub(at[i-10]); d < time.Second-time.Millisecond {
					t.Errorf("%s: 11 calls within %v", region, d)
				}
			}
		}
	})
}

func TestADrainLeavesNothingInDoubt(t *testing.T) {
	inVirtualTime(t, 200, simulator.Options{Latency: 2 * time.Second}, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		result, err := w.run(ctx, order.DefaultRollout())
		if err != nil || !result.Interrupted {
			t.Fatalf("interrupted %t, %v", result.Interrupted, err)
		}
		if d := time.Since(start); d < 6*time.Second || d > 6500*time.Millisecond {
			t.Errorf("ended after %v: calls that began after 4 s take until 6 s", d)
		}
		if bought, sold := result.Count(apply.EndBought), len(w.sim.Ledger()); bought != sold || bought != 96 {
			t.Errorf("%d bought, %d sold, want three times 32", bought, sold)
		}
		if n := result.Count(apply.EndInDoubt); n != 0 {
			t.Errorf("%d in doubt", n)
		}
	})
}
