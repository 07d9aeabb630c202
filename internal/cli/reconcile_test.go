package cli

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// reconcile looks and records once, as the command does.
func (w *world) reconcile(ctx context.Context) ([]reconcile.Region, error) {
	store, err := state.Open(ctx, w.path, state.Owner{Command: "reconcile"}, 0)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	s := store.Snapshot()
	if err := store.Bind(s.Binding); err != nil {
		return nil, err
	}
	client, err := w.client(order.Rollout{Parallelism: 1})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	regions := search(s, lister{client}).Run(ctx)
	return regions, adopt(ctx, store, regions)
}

// reconciled reconciles and returns what was found.
func (w *world) reconciled(t *testing.T) reconcile.Totals {
	t.Helper()
	regions, err := w.reconcile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.check(); err != nil {
		t.Error(err)
	}
	return reconcile.Sum(regions)
}

// All answers get lost. What is sold is adopted once listings show it, but for what is unpaid: no listing does.
func TestLostAnswersAreFoundWhenListingsShowThem(t *testing.T) {
	o := simulator.Options{
		Latency: 50 * time.Millisecond, ListingLag: 2 * time.Minute,
		Script: func(simulator.Call) simulator.Fault { return simulator.DropAnswer },
	}
	inVirtualTime(t, 20, o, func(t *testing.T, w *world) {
		r := order.DefaultRollout()
		r.MaxInDoubt, r.FailureTolerance = 100, order.Percent(100)
		if _, err := w.run(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(reconcile.Totals{Held: 20}, w.reconciled(t)); d != "" {
			t.Errorf("while listings lag (-want +got):\n%s", d)
		}
		time.Sleep(2 * time.Minute)
		// Every fifth of the orders is unpaid; the others ask for 1, 2 and 3 instances in turn.
		if d := cmp.Diff(reconcile.Totals{Adopted: 16, Instances: 32, Held: 4}, w.reconciled(t)); d != "" {
			t.Errorf("after the lag (-want +got):\n%s", d)
		}
		if d := cmp.Diff(reconcile.Totals{Held: 4}, w.reconciled(t)); d != "" {
			t.Errorf("once more (-want +got):\n%s", d)
		}
		p, err := w.plan(r)
		if err != nil || p.Unchanged != 16 || len(p.Changes) != 4 {
			t.Errorf("the plan after it leaves %d orders unchanged: %v", p.Unchanged, err)
		}
	})
}

// faulty loses the first answers to listings.
type faulty struct {
	http.RoundTripper
	failures int
	listings int
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	f.listings++
	answer, err := f.RoundTripper.RoundTrip(r)
	if err == nil && f.listings <= f.failures {
		answer.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return answer, err
}

func TestListingsWithoutAnAnswerAreReadAgain(t *testing.T) {
	lose := func(simulator.Call) simulator.Fault { return simulator.DropAnswer }
	for failures, want := range map[int]reconcile.Totals{
		4: {Adopted: 1, Instances: 2}, // of the five calls that a page is given
		5: {Held: 1, Unlisted: 1},
	} {
		inVirtualTime(t, 2, simulator.Options{Latency: 50 * time.Millisecond, Script: lose}, func(t *testing.T, w *world) {
			w.orders = w.orders[1:]
			if _, err := w.run(t.Context(), order.DefaultRollout()); err != nil {
				t.Fatal(err)
			}
			transport := &faulty{RoundTripper: w.sim, failures: failures}
			w.transport = transport
			if d := cmp.Diff(want, w.reconciled(t)); d != "" || transport.listings != 5 {
				t.Errorf("%d lost answers, %d listings (-want +got):\n%s", failures, transport.listings, d)
			}
		})
	}
}

// A program that is killed between a simulated purchase and its record leaves an order in doubt, which the simulated
// account's listing tells of.
func TestReconcileWorksWithSimulate(t *testing.T) {
	dir := t.TempDir()
	path := simulatedPath(state.DefaultPath(dir))
	if err := makeSimulatedPlace(path); err != nil {
		t.Fatal(err)
	}
	buyUnrecorded(t, path)
	c := exec.Command("bastion-fleet", "reconcile", "--simulate", "--chdir", dir)
	c.Env = append(os.Environ(), "HOME="+dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "Reconcile complete: 1 order adopted (2 instances), 0 held.\n") {
		t.Errorf("%v:\n%s", err, out)
	}
	s, err := state.Read(path)
	if err != nil || len(s.Records) != 1 || s.Records[0].Status() != order.StatusBought || len(s.Records[0].Purchases[0].BIDs) != 2 {
		t.Errorf("%v: the state holds %+v", err, s.Records)
	}
}

// buyUnrecorded buys an order of two instances from the simulated account, and records the intent alone.
func buyUnrecorded(t *testing.T, path string) {
	t.Helper()
	g := &globals{simulate: true}
	a, err := g.account()
	if err != nil {
		t.Fatal(err)
	}
	store, err := state.Open(t.Context(), path, state.Owner{Command: "apply"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Bind(a.binding("f", store.Snapshot())); err != nil {
		t.Fatal(err)
	}
	run, err := store.StartRun(t.Context(), state.RunInfo{ID: state.NewRunID(time.Now()), Command: "apply", Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	o := wished(2)[1]
	intent := order.Intent{Run: run.ID(), Attempt: 1, Marker: order.NewMarker("f", run.Lineage(), o.Address, 1), Order: o, At: time.Now()}
	if err := run.Begin(t.Context(), intent); err != nil {
		t.Fatal(err)
	}
	client, err := g.client(a, path, order.DefaultRollout())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := (buyer{client}).Buy(t.Context(), intent); err != nil {
		t.Fatal(err)
	}
}
