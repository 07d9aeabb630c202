package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A process that is killed in the middle of its calls leaves some orders in doubt. Whatever the moment, nothing is
// bought twice, every id that reached the state is one that was sold, and every sale is in the state or in doubt.
func TestKilledRunsBuyNothingTwice(t *testing.T) {
	const orders = 200
	for _, kills := range [][]int{{1}, {50}, {199}, {3, 40, 77, 110}} {
		t.Run(fmt.Sprint("after calls ", kills), func(t *testing.T) {
			t.Parallel()
			w := newKillWorld(t, orders)
			for _, n := range kills {
				w.applyKilledAt(n)
				w.check()
			}
			code := w.apply()
			listed := w.check()
			var doubts int
			for _, o := range listed {
				if o.Status == string(order.StatusInDoubt) {
					doubts++
				} else if o.Status != string(order.StatusBought) {
					t.Errorf("%s ended %s", o.Address, o.Status)
				}
			}
			if len(listed) != orders {
				t.Errorf("%d of %d orders are in the state", len(listed), orders)
			}
			if want := exitIncomplete; doubts > 0 && code != want {
				t.Errorf("exit code %d with %d orders in doubt, want %d", code, doubts, want)
			}
			calls := w.sim.Counters().Calls
			if again := w.apply(); w.sim.Counters().Calls != calls {
				t.Errorf("an apply with nothing left to buy called again (exit code %d)", again)
			}
			t.Logf("%d sold, %d in doubt after %d kills", len(w.sim.Ledger()), doubts, len(kills))
			w.checkReconciled(w.bastionFleet("reconcile"))
		})
	}
}

// killWorld is a fleet, and an API that kills the program in the middle of a call.
type killWorld struct {
	t     *testing.T
	dir   string
	url   string
	sim   *simulator.Simulator
	calls atomic.Int64
	at    atomic.Int64
	kill  atomic.Pointer[func()]
}

func newKillWorld(t *testing.T, orders int) *killWorld {
	t.Helper()
	w := &killWorld{t: t, dir: t.TempDir()}
	watchDir(t, w.dir)
	sim, err := simulator.New(simulator.Options{
		SecretKey: canary.SecretKey,
		Latency:   5 * time.Millisecond, Jitter: 5 * time.Millisecond,
		Script: func(simulator.Call) simulator.Fault {
			if w.calls.Add(1) == w.at.Load() {
				(*w.kill.Load())()
			}
			return simulator.NoFault
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	w.url = server.URL
	text := fmt.Sprintf(`
fleet "killed" {}
order "gw" {
  count      = %d
  region     = count.index %% 2 == 0 ? "cn-north-1" : "cn-east-2"
  az         = count.index %% 2 == 0 ? "cn-north-1a" : "cn-east-2a"
  vpc_id     = "vpc-1"
  subnet_id  = "subnet-1"
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = "gw ${count.index}"
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = true # or no listing would show it to the reconcile
  }
}
rollout { parallelism = 16 }
`, orders)
	if err := os.WriteFile(filepath.Join(w.dir, "killed.fleet.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *killWorld) command(args ...string) *exec.Cmd {
	c := exec.Command("bastion-fleet", args...)
	c.Dir = w.dir
	c.Env = append(os.Environ(), "JDCLOUD_ACCESS_KEY=sim", "JDCLOUD_SECRET_KEY="+canary.SecretKey)
	return c
}

// applyKilledAt runs an apply and kills it with -9 when the API sees the n-th call since the first apply.
func (w *killWorld) applyKilledAt(n int) {
	w.t.Helper()
	apply := w.command("apply", "--auto-approve", "--endpoint", w.url)
	started := make(chan struct{})
	kill := func() { <-started; _ = apply.Process.Kill() }
	w.kill.Store(&kill)
	w.at.Store(int64(n))
	if err := apply.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	err := apply.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		w.t.Fatalf("the apply was not killed at call %d: %v", n, err)
	}
}

// apply runs an apply to its end and returns its exit code.
func (w *killWorld) apply() int {
	w.t.Helper()
	w.at.Store(-1)
	return w.bastionFleet("apply", "--auto-approve")
}

// bastionFleet runs a command to its end and returns its exit code.
func (w *killWorld) bastionFleet(args ...string) int {
	w.t.Helper()
	c := w.command(append(args, "--endpoint", w.url)...)
	out, err := c.CombinedOutput()
	if what := canary.Find(out); what != "" {
		w.t.Errorf("%v printed %s", args, what)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || strings.Contains(string(out), "panic") {
		w.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return c.ProcessState.ExitCode()
}

// checkReconciled holds the ledger against the state after a reconcile: what was sold is bought, by its buyId or its
// bids, and what was never sold stays in doubt.
func (w *killWorld) checkReconciled(code int) {
	w.t.Helper()
	sold := map[string]bool{}
	for _, p := range w.sim.Ledger() {
		sold[unmarked(p.Desc)] = true
	}
	held := 0
	for _, o := range w.check() {
		want := order.StatusBought
		if !sold[o.Desc] {
			want = order.StatusInDoubt
			held++
		}
		if o.Status != string(want) {
			w.t.Errorf("%s is %s, and was sold: %t", o.Address, o.Status, sold[o.Desc])
		}
	}
	want := exitDone
	if held > 0 {
		want = exitIncomplete
	}
	if code != want {
		w.t.Errorf("reconcile ended with exit code %d and %d orders held, want %d", code, held, want)
	}
	w.t.Logf("%d sold, %d held after the reconcile", len(sold), held)
}

// check holds the ledger against the state and returns what the state lists.
func (w *killWorld) check() []listedOrder {
	w.t.Helper()
	out, err := w.command("state", "list", "--json").Output()
	if err != nil {
		w.t.Fatalf("state list: %v", err)
	}
	var listed []listedOrder
	if err := json.Unmarshal(out, &listed); err != nil {
		w.t.Fatal(err)
	}
	byDesc := map[string]listedOrder{}
	recorded := map[string]bool{}
	for _, o := range listed {
		byDesc[o.Desc] = o
		for _, p := range o.Purchases {
			recorded[knownAs(p.BuyID, p.BIDs)] = true
		}
	}
	sold := map[string]bool{}
	known := map[string]bool{}
	for _, p := range w.sim.Ledger() {
		desc, _, _ := strings.Cut(p.Desc, " [")
		if sold[desc] {
			w.t.Errorf("%s was bought twice", desc)
		}
		adopted := knownAs("", p.BIDs())
		sold[desc], known[p.BuyID], known[adopted] = true, true, true
		if !recorded[p.BuyID] && !recorded[adopted] && byDesc[desc].Status != string(order.StatusInDoubt) {
			w.t.Errorf("%s of %q is neither in the state nor in doubt", p.BuyID, desc)
		}
	}
	for id := range recorded {
		if !known[id] {
			w.t.Errorf("%s is in the state and was never sold", id)
		}
	}
	return listed
}
