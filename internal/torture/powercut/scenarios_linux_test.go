//go:build amd64 || arm64

package powercut_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A scenario is something that a user does, and that the power may be cut in the middle of.
type scenario struct {
	name string
	play func(t *testing.T, seed uint64) *evidence
}

var scenarios = []scenario{
	{"first apply", firstApply},
	{"apply of more, with failures", applyOfMore},
	{"apply with answers lost", applyWithDoubts},
	{"apply after a kill", applyAfterKill},
	{"apply after a killed commit", applyAfterKilledCommit},
	{"apply after a power cut", applyAfterCut},
	{"reconcile", reconcileDoubts},
	{"resolve", resolveDoubt},
	{"backup", backUp},
	{"restore from a backup", restoreBackup},
	{"restore from the run logs", restoreFromLogs},
	{"apply after a run log was lost", applyAfterLostLog},
}

const someOrders = 6

// witness records a command and returns it with what it is held against.
func (w *world) witness(t *testing.T, orders int, args ...string) *evidence {
	t.Helper()
	trace := w.record(t, nil, args...)
	t.Logf("%v ended with exit code %d after %d ticks", args, trace.Exit, trace.Ticks)
	return &evidence{Trace: trace, Ledger: w.sim.Load().Ledger(), Orders: orders, world: w}
}

func firstApply(t *testing.T, _ uint64) *evidence {
	w := newWorld(t, nil)
	w.fleet(t, someOrders, 2)
	return w.witness(t, someOrders, "apply", "--auto-approve")
}

// faultOn gives the nth call of a world, from 0, its fault.
func faultOn(faults ...simulator.Fault) simulator.Script {
	n := 0
	return func(simulator.Call) simulator.Fault {
		n++
		if n > len(faults) {
			return simulator.NoFault
		}
		return faults[n-1]
	}
}

func applyOfMore(t *testing.T, _ uint64) *evidence {
	none := simulator.NoFault
	w := newWorld(t, faultOn(none, none, none, simulator.Reject, simulator.Throttle, none, simulator.Unreachable))
	w.fleet(t, 3, 2)
	w.record(t, nil, "apply", "--auto-approve")
	w.fleet(t, someOrders, 2)
	return w.witness(t, someOrders, "apply", "--auto-approve")
}

// lossy loses the answers of half of the first calls.
func lossy() simulator.Script {
	return faultOn(simulator.DropAnswer, simulator.NoFault, simulator.ErrorAfter, simulator.ErrorBefore, simulator.NoFault, simulator.CutAnswer)
}

func applyWithDoubts(t *testing.T, _ uint64) *evidence {
	w := newWorld(t, lossy())
	w.fleet(t, someOrders, 3)
	return w.witness(t, someOrders, "apply", "--auto-approve")
}

// applyAfterKill goes on where a process was killed in the middle of its run. The power is cut later: it can still take
// what the first one had not synced.
func applyAfterKill(t *testing.T, _ uint64) *evidence {
	return applyAfter(t, firstOf(func(o *powercut.Op) bool { return o.Kind == powercut.Send }))
}

// applyAfterKilledCommit goes on where a process was killed after it had written a database's first or second page, which
// makes a commit, and before that was synced.
func applyAfterKilledCommit(t *testing.T, _ uint64) *evidence {
	return applyAfter(t, firstOf(isCommit))
}

// pageSize is the database's.
const pageSize = 4096

// isCommit tells whether an operation writes one of the two pages of the database that make a commit.
func isCommit(o *powercut.Op) bool {
	return o.Kind == powercut.Write && isCommitAt(o.Name, o.Offset)
}

// isCommitAt tells whether what is written there is one of those pages.
func isCommitAt(name string, offset int64) bool {
	return path.Base(name) == "state.db" && offset <= pageSize
}

// isLog tells whether a file is a run log.
func isLog(name string) bool { return path.Base(path.Dir(name)) == "runs" }

// firstOf picks the first operation of a kind, once two purchases had been told of.
func firstOf(kind func(*powercut.Op) bool) func(*powercut.Trace) *powercut.Op {
	return func(trace *powercut.Trace) *powercut.Op {
		return trace.Ops[slices.IndexFunc(trace.Ops, func(o *powercut.Op) bool {
			return kind(o) && len(trace.Duties(o.Begin).Told) >= 2
		})]
	}
}

// applyAfter goes on where a process was killed after an operation.
func applyAfter(t *testing.T, pick func(*powercut.Trace) *powercut.Op) *evidence {
	w := newWorld(t, nil)
	w.fleet(t, someOrders, 3)
	first := w.witness(t, someOrders, "apply", "--auto-approve")
	tick := pick(first.Trace).End
	killed := first.Trace.Until(tick)
	d := powercut.NewDisk(killed, powercut.Strict)
	for d.Advance() {
	}
	if err := d.Image(0, powercut.VariantAll).Build(w.dir); err != nil {
		t.Fatal(err)
	}
	w.account(t, first.moment(tick).sold, nil)
	second := w.witness(t, someOrders, "apply", "--auto-approve")
	second.Trace, second.From = killed.Then(second.Trace), killed.Ticks
	return second
}

// applyAfterCut goes on where a power cut left nothing of what was not synced.
func applyAfterCut(t *testing.T, seed uint64) *evidence {
	w := newWorld(t, nil)
	w.fleet(t, someOrders, 3)
	first := w.witness(t, someOrders, "apply", "--auto-approve")
	d := powercut.NewDisk(first.Trace, powercut.Strict)
	for len(first.Trace.Duties(d.Tick()).Told) < 2 && d.Advance() {
	}
	if err := d.Image(seed, powercut.VariantNothing).Build(w.dir); err != nil {
		t.Fatal(err)
	}
	w.account(t, first.moment(d.Tick()).sold, nil)
	return w.witness(t, someOrders, "apply", "--auto-approve")
}

func reconcileDoubts(t *testing.T, _ uint64) *evidence {
	w := newWorld(t, lossy())
	w.fleet(t, someOrders, 3)
	w.record(t, nil, "apply", "--auto-approve")
	return w.witness(t, someOrders, "reconcile")
}

func resolveDoubt(t *testing.T, _ uint64) *evidence {
	w := newWorld(t, faultOn(simulator.ErrorBefore))
	w.fleet(t, 1, 1)
	w.record(t, nil, "apply", "--auto-approve")
	return w.witness(t, 1, "resolve", "order.gw[0]", "--not-bought", "--auto-approve")
}

// bought returns a world where all was bought, by two applies.
func bought(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, nil)
	for _, orders := range []int{someOrders / 2, someOrders} {
		w.fleet(t, orders, 2)
		if err := w.run("apply", "--auto-approve"); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// applyAfterLostLog buys more where a log is gone, so that the next one begins anew. That has to be durable before the
// first call leaves.
func applyAfterLostLog(t *testing.T, _ uint64) *evidence {
	w := bought(t)
	runs := state.PathsOf(statePath(w.dir)).Runs
	logs, err := os.ReadDir(runs)
	if err == nil {
		err = os.Remove(filepath.Join(runs, logs[0].Name()))
	}
	if err != nil {
		t.Fatal(err)
	}
	w.fleet(t, 2*someOrders, 2)
	e := w.witness(t, 2*someOrders, "apply", "--auto-approve")
	e.From = e.Trace.Ops[slices.IndexFunc(e.Trace.Ops, func(o *powercut.Op) bool { return o.Kind == powercut.Send })].Begin
	return e
}

func backUp(t *testing.T, _ uint64) *evidence {
	return bought(t).witness(t, someOrders, "state", "backup")
}

func restoreBackup(t *testing.T, _ uint64) *evidence {
	e := bought(t).witness(t, someOrders, "state", "restore", "--latest", "--auto-approve")
	e.Refuses = true
	return e
}

// restoreFromLogs restores a database that was lost.
func restoreFromLogs(t *testing.T, _ uint64) *evidence {
	w := bought(t)
	if err := os.Remove(statePath(w.dir)); err != nil {
		t.Fatal(err)
	}
	e := w.witness(t, someOrders, "state", "restore", "--from-log", "--auto-approve")
	e.Refuses = true
	return e
}
