package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// settling is a fleet whose first apply leaves an order in doubt. Its commands run in the test's own process and time.
type settling struct {
	dir    string
	sim    *simulator.Simulator
	answer io.Reader // to questions; nil: none comes
}

const settlingFleet = `
fleet "settling" {}
order "gw" {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-1"
  subnet_id  = "subnet-1"
  spec       = "bastion-50"
  ip_version = "v4"
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = %t
  }
}
rollout {
  on_in_doubt = "rebuy_after_settle"
  settle      = "%s"
}
`

// newSettling applies once, with a first call whose answer gets lost. It must be called in a bubble.
func newSettling(dir string, lost simulator.Fault, lag time.Duration, autoPay bool, settle time.Duration) (*settling, error) {
	sim, err := simulator.New(simulator.Options{
		Latency: 50 * time.Millisecond, ListingLag: lag, Script: simulator.Sequence(lost),
	})
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(settlingFleet, autoPay, settle)
	if err := os.WriteFile(filepath.Join(dir, "settling.fleet.hcl"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	s := &settling{dir: dir, sim: sim}
	if code, said := s.run(context.Background(), "apply", "--auto-approve"); code != exitIncomplete {
		return nil, fmt.Errorf("the first apply ended with %d:\n%s", code, said)
	}
	return s, nil
}

// prepareProcesses lets a test run commands in a bubble. The goroutine that passes signals on is made once, by whoever
// asks first: that must be none of the bubble's, which it would outlive.
func prepareProcesses(t *testing.T) {
	t.Setenv("JDCLOUD_ACCESS_KEY", "sim")
	t.Setenv("JDCLOUD_SECRET_KEY", "sim")
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt)
	signal.Stop(asked)
}

// run runs a command on the fleet and returns its exit code, and all that it wrote.
func (s *settling) run(ctx context.Context, command string, args ...string) (code int, said string) {
	var out bytes.Buffer
	stream := ui.Stream{Writer: &out}
	in := cmp.Or[io.Reader](s.answer, strings.NewReader(""))
	p := Process{
		Args:    append([]string{command, s.dir}, args...),
		Streams: func(bool) ui.Streams { return ui.Streams{In: in, Out: stream, Err: stream} },
		Carry:   http.RoundTripper(s.sim),
	}
	return p.Run(ctx), out.String()
}

// apply applies again, and returns how long that took.
func (s *settling) apply(ctx context.Context) (code int, said string, took time.Duration) {
	start := time.Now()
	code, said = s.run(ctx, "apply", "--auto-approve")
	return code, said, time.Since(start)
}

func (s *settling) record() (order.Record, error) {
	snapshot, err := state.Read(state.DefaultPath(s.dir))
	if err != nil || len(snapshot.Records) != 1 {
		return order.Record{}, fmt.Errorf("%d records: %w", len(snapshot.Records), err)
	}
	return snapshot.Records[0], nil
}

// What no listing shows for as long as settle says is bought again, and not a moment before.
func TestRebuyAfterSettle(t *testing.T) {
	const settle = 10 * time.Minute
	prepareProcesses(t)
	for _, c := range []struct {
		name    string
		lost    simulator.Fault
		lag     time.Duration
		code    int
		sold    int
		attempt int
		took    time.Duration // the waits alone
		says    string
	}{
		{"it was not bought", simulator.DropRequest, 0, exitDone, 1, 2, settle,
			"Settled: 1 order. 3 complete listings over 10m showed nothing of them, so they count as not bought"},
		{"listings show it at once", simulator.DropAnswer, 0, exitDone, 1, 1, 0, "Adopted: 1 order"},
		{"listings show it before half of settle", simulator.DropAnswer, 4 * time.Minute, exitDone, 1, 1, settle / 2, "Adopted: 1 order"},
		{"listings show it before settle", simulator.DropAnswer, 9 * time.Minute, exitDone, 1, 1, settle, "Adopted: 1 order"},
		{"listings hide it for longer: the risk", simulator.DropAnswer, time.Hour, exitDone, 2, 2, settle,
			"One that was bought all the same, and that listings still hide, is now bought a second time."},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s, err := newSettling(dir, c.lost, c.lag, true, settle)
				if err != nil {
					t.Fatal(err)
				}
				code, said, took := s.apply(t.Context())
				if code != c.code || len(s.sim.Ledger()) != c.sold || !strings.Contains(said, c.says) {
					t.Errorf("exit code %d, %d sold, want %d and %d with %q:\n%s", code, len(s.sim.Ledger()), c.code, c.sold, c.says, said)
				}
				if took < c.took || took > c.took+2*time.Second {
					t.Errorf("took %v, want %v and a little", took, c.took)
				}
				r, err := s.record()
				if err != nil || r.Status() != order.StatusBought || r.Attempt != c.attempt {
					t.Errorf("%s after attempt %d, want bought after %d: %v", r.Status(), r.Attempt, c.attempt, err)
				}
				again, said, _ := s.apply(t.Context())
				if again != exitDone || len(s.sim.Ledger()) != c.sold {
					t.Errorf("another apply bought again (exit code %d):\n%s", again, said)
				}
			})
		})
	}
}

// The operator may end the wait at any time: what is in doubt stays so.
func TestAWaitThatIsInterruptedChangesNothing(t *testing.T) {
	prepareProcesses(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := newSettling(dir, simulator.DropRequest, 0, true, 10*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		before, err := state.Read(state.DefaultPath(dir))
		if err != nil {
			t.Fatal(err)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		defer time.AfterFunc(7*time.Minute, interrupt).Stop()
		code, said, took := s.apply(ctx)
		if code != exitInterrupted || took != 7*time.Minute || !strings.Contains(said, "for look 3 of 3 (Ctrl-C changes nothing): 1 order in doubt") {
			t.Errorf("exit code %d after %v:\n%s", code, took, said)
		}
		after, err := state.Read(state.DefaultPath(dir))
		if err != nil || after.Serial != before.Serial || after.Records[0].Status() != order.StatusInDoubt {
			t.Errorf("serial %d, was %d, %s: %v", after.Serial, before.Serial, after.Records[0].Status(), err)
		}
		if code, said, took := s.apply(t.Context()); code != exitDone || took < 10*time.Minute {
			t.Errorf("the wait of another process counted: exit code %d after %v:\n%s", code, took, said)
		}
	})
}

// An unpaid purchase is in no listing, so nobody waits for one to show it.
func TestUnpaidOrdersAreNotWaitedFor(t *testing.T) {
	prepareProcesses(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := newSettling(dir, simulator.DropAnswer, 0, false, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if code, said, took := s.apply(t.Context()); code != exitIncomplete || took > 2*time.Second || len(s.sim.Ledger()) != 1 {
			t.Errorf("exit code %d after %v, %d sold:\n%s", code, took, len(s.sim.Ledger()), said)
		}
	})
}

// Nor does anybody wait for an order that the plan would not buy.
func TestNobodyWaitsForWhatIsNotPlanned(t *testing.T) {
	prepareProcesses(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := newSettling(dir, simulator.DropRequest, 0, true, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		code, said := s.run(t.Context(), "apply", "--auto-approve", "--exclude", "order.gw")
		if r, err := s.record(); err != nil || code != exitDone || time.Since(start) > 2*time.Second || r.Doubt == nil {
			t.Errorf("left out: exit code %d after %v, %s: %v\n%s", code, time.Since(start), r.Status(), err, said)
		}
		renamed := strings.Replace(fmt.Sprintf(settlingFleet, true, time.Minute), `order "gw"`, `order "hub"`, 1)
		if err := os.WriteFile(filepath.Join(dir, "settling.fleet.hcl"), []byte(renamed), 0o600); err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		if code, said := s.run(t.Context(), "apply", "--auto-approve"); code != exitIncomplete || time.Since(start) > 2*time.Second {
			t.Errorf("no longer wished: exit code %d after %v\n%s", code, time.Since(start), said)
		}
	})
}

// Between the last look and the purchase time may pass, for an approval say. The region is listed once more then, though
// other orders were bought there before.
func TestWhatShowsUpAfterTheLastLookIsNotBoughtAgain(t *testing.T) {
	prepareProcesses(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := newSettling(dir, simulator.DropAnswer, time.Hour, true, 10*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		second := strings.Replace(fmt.Sprintf(settlingFleet, true, time.Minute), `fleet "settling" {}`, "", 1)
		second, _, _ = strings.Cut(strings.Replace(second, `"gw"`, `"hub"`, 1), "rollout")
		if err := os.WriteFile(filepath.Join(dir, "hub.fleet.hcl"), []byte(second), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, said := s.run(t.Context(), "apply", "--auto-approve", "--target", "order.hub"); code != exitDone {
			t.Fatalf("exit code %d:\n%s", code, said)
		}
		if code, said := s.run(t.Context(), "apply"); code != exitError || !strings.Contains(said, "Not approved") {
			t.Fatalf("exit code %d:\n%s", code, said)
		}
		time.Sleep(time.Hour)
		code, said := s.run(t.Context(), "apply", "--auto-approve")
		if code != exitError || len(s.sim.Ledger()) != 2 || !strings.Contains(said, "this state, order.gw") {
			t.Errorf("exit code %d, %d sold:\n%s", code, len(s.sim.Ledger()), said)
		}
	})
}

// So it is where the approval itself took its time.
func TestWhatShowsUpWhileSomebodyIsAskedIsNotBoughtAgain(t *testing.T) {
	prepareProcesses(t)
	for _, c := range []struct {
		asked time.Duration
		sold  int
		code  int
	}{{time.Second, 2, exitDone}, {time.Hour, 1, exitError}} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s, err := newSettling(dir, simulator.DropAnswer, time.Hour, true, 10*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			s.answer = &slowYes{c.asked}
			if code, said := s.run(t.Context(), "apply"); code != c.code || len(s.sim.Ledger()) != c.sold {
				t.Errorf("asked for %v: exit code %d, %d sold, want %d and %d:\n%s", c.asked, code, len(s.sim.Ledger()), c.code, c.sold, said)
			}
		})
	}
}

// slowYes is a person who answers yes after a while.
type slowYes struct{ after time.Duration }

func (s *slowYes) Read(p []byte) (int, error) {
	time.Sleep(s.after)
	return copy(p, "yes\n"), nil
}

// However listings lag, as long as they do it for less than settle nothing is bought twice.
func TestSettleOutlastsTheLag(t *testing.T) {
	prepareProcesses(t)
	rapid.Check(t, func(rt *rapid.T) {
		settle := time.Duration(rapid.IntRange(1, 60).Draw(rt, "settle in minutes")) * time.Minute
		lag := time.Duration(rapid.IntRange(0, int(settle/time.Second)).Draw(rt, "lag in seconds")) * time.Second
		lost := rapid.SampledFrom([]simulator.Fault{
			simulator.DropRequest, simulator.DropAnswer, simulator.ErrorBefore, simulator.ErrorAfter, simulator.Stall,
		}).Draw(rt, "lost")
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		var problem error
		synctest.Test(t, func(t *testing.T) {
			s, err := newSettling(dir, lost, lag, true, settle)
			if err != nil {
				problem = err
				return
			}
			if code, said, _ := s.apply(t.Context()); code != exitDone || len(s.sim.Ledger()) != 1 {
				problem = fmt.Errorf("exit code %d, %d sold:\n%s", code, len(s.sim.Ledger()), said)
			}
		})
		if problem != nil {
			rt.Fatal(problem)
		}
	})
}

// Many orders that count as not bought are recorded in few commits, each of which costs a sync of the disk.
func TestWhatIsSettledIsRecordedTogether(t *testing.T) {
	const orders = 300
	lose := simulator.Options{Latency: 50 * time.Millisecond, Script: func(simulator.Call) simulator.Fault { return simulator.DropRequest }}
	inVirtualTime(t, orders, lose, func(t *testing.T, w *world) {
		r := order.DefaultRollout()
		r.MaxInDoubt, r.FailureTolerance = orders+1, order.Percent(100)
		if _, err := w.run(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		store, err := state.Open(t.Context(), w.path, state.Owner{Command: "apply"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		before := store.Snapshot()
		if err := store.Bind(before.Binding); err != nil {
			t.Fatal(err)
		}
		var settled []reconcile.Settled
		for _, d := range doubts(before) {
			settled = append(settled, reconcile.Settled{Doubt: d, Looks: []time.Time{time.Now()}})
		}
		if err := countAsNotBought(t.Context(), store, settled, time.Minute); err != nil {
			t.Fatal(err)
		}
		after := store.Snapshot()
		if len(settled) != orders || len(doubts(after)) != 0 {
			t.Errorf("%d of %d settled orders are still in doubt", len(doubts(after)), len(settled))
		}
		if commits := after.Serial - before.Serial; commits > orders/4 {
			t.Errorf("%d commits for %d orders", commits, orders)
		}
	})
}
