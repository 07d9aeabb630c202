//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// The first signal drains, and another that follows at once is the same one: calls in flight are finished and recorded,
// nothing is in doubt, and the next apply goes on.
func TestSignalDrains(t *testing.T) {
	const orders = 40
	for _, sig := range stopSignals {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			w := newSignalWorld(t, orders, simulator.Options{Latency: 200 * time.Millisecond})
			apply := w.start("apply", "--auto-approve", "--parallelism", "8")
			w.await("the first calls", func() bool { return w.sim.Counters().Calls > 8 })
			apply.signal(sig)
			apply.signal(syscall.SIGTERM) // as from timeout, which signals the process and then its group
			if code := apply.wait(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			apply.said("draining  interrupted; no further call begins, ")
			apply.said("Apply interrupted: ")
			sold := len(w.sim.Ledger())
			if sold == 0 || sold == orders {
				t.Errorf("%d of %d orders were bought: that was no interruption", sold, orders)
			}
			for _, o := range w.check() {
				if o.Status == string(order.StatusInDoubt) {
					t.Errorf("%s is in doubt after a drain", o.Address)
				}
			}
			if n := w.recorded(); n != sold {
				t.Errorf("%d purchases are recorded, %d were sold", n, sold)
			}

			rest := w.start("apply", "--auto-approve")
			if code := rest.wait(); code != exitDone {
				t.Errorf("the next apply ended with exit code %d", code)
			}
			rest.said(fmt.Sprintf("Apply complete: %d orders bought", orders-sold))
			w.check()
		})
	}
}

// The second signal leaves at once. What was in flight is in doubt: named by the next plan, and never called again.
func TestSecondSignalLeaves(t *testing.T) {
	const orders, inFlight = 20, 4
	for _, sig := range stopSignals {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			w := newSignalWorld(t, orders, simulator.Options{Latency: 20 * time.Second})
			apply := w.start("apply", "--auto-approve", "--ignore-existing", "--parallelism", fmt.Sprint(inFlight), fmt.Sprintf("--json=%t", sig == syscall.SIGTERM))
			w.await("calls in flight", func() bool { return w.sim.Counters().Calls == inFlight })
			apply.signal(sig)
			w.await("the drain", func() bool { return strings.Contains(apply.output(), "raining") })
			asked := time.Now()
			w.await("a second signal's time", func() bool { return time.Since(asked) > oneInterrupt+200*time.Millisecond })
			apply.signal(sig)
			if code := apply.wait(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			if took := time.Since(asked); took > 10*time.Second {
				t.Errorf("it left after %s, and not at once", took)
			}
			if sig != syscall.SIGTERM { // which is told as JSON
				apply.said("\n\nWarning: ")
			}
			apply.said("Left at once: what was answered is recorded; orders whose call was in flight are in doubt: ")
			w.check()

			plan := w.start("plan", "--detailed-exitcode")
			if code := plan.wait(); code != exitChanges {
				t.Errorf("the plan ended with exit code %d", code)
			}
			doubts := strings.Count(plan.output(), "in doubt since ")
			if doubts < inFlight {
				t.Errorf("the plan names %d orders in doubt, %d were in flight:\n%s", doubts, inFlight, plan.output())
			}
		})
	}
}

// Signals are the same one for a second, counted from the first: whoever presses again and again leaves then.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals, stopped := make(chan os.Signal), make(chan struct{})
		var begun, left time.Duration
		start := time.Now()
		ended := make(chan struct{})
		go func() {
			watch(signals, stopped, func() { begun = time.Since(start) }, func() { left = time.Since(start) })
			close(ended)
		}()
		time.Sleep(time.Hour)
		for range 6 {
			signals <- os.Interrupt
			time.Sleep(oneInterrupt / 5)
		}
		<-ended
		if begun != time.Hour || left != time.Hour+oneInterrupt {
			t.Errorf("the first was heard after %s, the second after %s", begun, left)
		}
	})
}

// A signal before anything was called ends the program quietly, with nothing bought.
func TestSignalBeforeTheFirstCall(t *testing.T) {
	t.Run("at the question", func(t *testing.T) {
		t.Parallel()
		w := newSignalWorld(t, 3, simulator.Options{})
		apply := w.start("apply")
		w.await("the question", func() bool { return strings.Contains(apply.output(), "goes on: ") })
		apply.signal(syscall.SIGINT)
		if code := apply.wait(); code != exitInterrupted {
			t.Errorf("exit code %d, want %d", code, exitInterrupted)
		}
		if calls := w.sim.Counters().Calls; calls != 0 {
			t.Errorf("%d calls", calls)
		}
	})
	t.Run("behind a plan that does not come", func(t *testing.T) {
		t.Parallel()
		w := newSignalWorld(t, 1, simulator.Options{})
		if err := syscall.Mkfifo(filepath.Join(w.dir, "fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
		apply := w.start("apply", "fifo", "--json")
		w.await("the apply", func() bool { return strings.Contains(apply.output(), `"type":"version"`) })
		apply.signal(syscall.SIGINT)
		if code := apply.wait(); code != exitInterrupted {
			t.Errorf("exit code %d, want %d", code, exitInterrupted)
		}
	})
	t.Run("behind another apply", func(t *testing.T) {
		t.Parallel()
		held := make(chan struct{})
		w := newSignalWorld(t, 1, simulator.Options{Script: func(simulator.Call) simulator.Fault { <-held; return simulator.NoFault }})
		release := sync.OnceFunc(func() { close(held) })
		t.Cleanup(release) // however this ends, the server waits for its calls
		first := w.start("apply", "--auto-approve")
		w.await("the first call", func() bool { return w.sim.Counters().Calls == 1 })
		second := w.start("apply", "--auto-approve", "--lock-timeout", "1h", "--json")
		w.await("the second apply", func() bool { return strings.Contains(second.output(), `"type":"version"`) })
		second.signal(syscall.SIGTERM)
		if code := second.wait(); code != exitInterrupted {
			t.Errorf("exit code %d, want %d:\n%s", code, exitInterrupted, second.output())
		}
		release()
		if code := first.wait(); code != exitDone {
			t.Errorf("the first apply ended with exit code %d", code)
		}
		w.check()
	})
	t.Run("between two attempts", func(t *testing.T) {
		t.Parallel()
		w := newSignalWorld(t, 3, simulator.Options{Faults: simulator.Faults{simulator.Throttle: 1}, RetryAfter: time.Hour})
		apply := w.start("apply", "--auto-approve")
		w.await("the first call", func() bool { return w.sim.Counters().Calls > 0 })
		apply.signal(syscall.SIGINT)
		if code := apply.wait(); code != exitInterrupted {
			t.Errorf("exit code %d, want %d", code, exitInterrupted)
		}
		apply.said("0 failed, 0 in doubt, 3 skipped.")
		w.check()
	})
}

// A reader that goes away, such as head, must not end the run in the middle of its calls.
func TestBrokenPipeEndsNoRun(t *testing.T) {
	w := newSignalWorld(t, 40, simulator.Options{Latency: 20 * time.Millisecond})
	apply := w.command("apply", "--auto-approve", "--json", "--parallelism", "4")
	stdout, err := apply.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := stdout.Close(); err != nil {
		t.Fatal(err)
	}
	_ = apply.Wait()
	if code := apply.ProcessState.ExitCode(); code != exitError {
		t.Errorf("exit code %d, want %d: what was bought could not be told", code, exitError)
	}
	w.check()
	if n := w.recorded(); n != 40 {
		t.Errorf("%d of 40 purchases are recorded", n)
	}
}

// signalWorld is a fleet, and an API that takes its time.
type signalWorld struct {
	t   *testing.T
	dir string
	url string
	sim *simulator.Simulator
}

func newSignalWorld(t *testing.T, orders int, o simulator.Options) *signalWorld {
	t.Helper()
	o.SecretKey = canary.SecretKey
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	w := &signalWorld{t: t, dir: t.TempDir(), url: server.URL, sim: sim}
	watchDir(t, w.dir)
	defaults, err := os.ReadFile("testdata/session/defaults.fleet.hcl")
	if err != nil {
		t.Fatal(err)
	}
	fleet := fmt.Sprintf("%s\nfleet \"signals\" {}\norder \"gw\" {\n  count = %d\n  desc  = \"gw ${count.index}\"\n}\n", defaults, orders)
	if err := os.WriteFile(filepath.Join(w.dir, "signals.fleet.hcl"), []byte(fleet), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// await waits for what another process does.
func (w *signalWorld) await(what string, done func() bool) {
	w.t.Helper()
	for until := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			w.t.Fatalf("%s did not come within %s", what, patience)
		}
	}
}

// check holds the ledger against the state and returns what the state lists.
func (w *signalWorld) check() []listedOrder {
	w.t.Helper()
	listed := w.list()
	if err := honest(w.sim.Ledger(), listed); err != nil {
		w.t.Error(err)
	}
	return listed
}

// recorded counts the purchases in the state.
func (w *signalWorld) recorded() int {
	w.t.Helper()
	n := 0
	for _, o := range w.list() {
		n += len(o.Purchases)
	}
	return n
}

func (w *signalWorld) list() []listedOrder {
	w.t.Helper()
	list := exec.Command("bastion-fleet", "state", "list", "--json")
	list.Dir = w.dir
	out, err := list.Output()
	if err != nil {
		w.t.Fatalf("state list: %v: %s", err, out)
	}
	var listed []listedOrder
	if err := json.Unmarshal(out, &listed); err != nil {
		w.t.Fatal(err)
	}
	return listed
}

// A process is the program at work.
type process struct {
	t   *testing.T
	cmd *exec.Cmd

	mu  sync.Mutex
	out bytes.Buffer
}

func (w *signalWorld) command(args ...string) *exec.Cmd {
	c := exec.Command("bastion-fleet", append(args, "--endpoint", w.url)...)
	c.Dir = w.dir
	c.Env = append(os.Environ(), "JDCLOUD_ACCESS_KEY=sim", "JDCLOUD_SECRET_KEY="+canary.SecretKey)
	return c
}

// start runs a command of the program on the world's fleet. Its standard input stays open and says nothing.
func (w *signalWorld) start(args ...string) *process {
	w.t.Helper()
	p := &process{t: w.t, cmd: w.command(args...)}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = stdin.Close() })
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

var _ io.Writer = (*process)(nil)

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%v: %s", err, p.output())
	}
}

// wait returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	err := p.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		p.t.Fatal(err)
	}
	if what := canary.Find([]byte(p.output())); what != "" {
		p.t.Errorf("it printed %s", what)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) said(text string) {
	p.t.Helper()
	if !strings.Contains(p.output(), text) {
		p.t.Errorf("it did not say %q, but:\n%s", text, p.output())
	}
}
