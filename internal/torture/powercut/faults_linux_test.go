//go:build amd64 || arm64

package powercut_test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A diskFault is a way in which a disk fails.
type diskFault struct {
	name  string
	errno syscall.Errno
	once  bool // one call fails, and those after it do not
	hits  func(powercut.Call) bool
}

var diskFaults = []diskFault{
	{"full once", syscall.ENOSPC, true, func(c powercut.Call) bool { return c.Grows }},
	{"full", syscall.ENOSPC, false, func(c powercut.Call) bool { return c.Grows }},
	{"a sync fails", syscall.EIO, true, func(c powercut.Call) bool { return c.Kind == powercut.Sync }},
	{"syncs fail", syscall.EIO, false, func(c powercut.Call) bool { return c.Kind == powercut.Sync }},
	{"a call fails", syscall.EIO, true, func(powercut.Call) bool { return true }},
	{"read-only", syscall.EROFS, false, func(powercut.Call) bool { return true }},
}

// from is the fault that begins with the nth call.
func (f diskFault) from(n int) func(powercut.Call) syscall.Errno {
	return func(c powercut.Call) syscall.Errno {
		if c.N < n || f.once && c.N > n || !f.hits(c) {
			return 0
		}
		return f.errno
	}
}

// calls returns those that the fault can begin with.
func (f diskFault) calls(of []powercut.Call) (hit []int) {
	for _, c := range of {
		if f.hits(c) {
			hit = append(hit, c.N)
		}
	}
	return hit
}

// faultyOrders is how many orders are bought on a disk that fails.
const faultyOrders = 4

// A disk that fails at any call that writes, in any way, loses nothing that was bought, makes nothing be bought twice and
// no more be bought than what was on its way; and a power cut that follows changes nothing of that.
func TestDiskFaults(t *testing.T) {
	stage := torture.Begin(t, "disk")
	for _, parallelism := range []int{1, 3} {
		calls := countCalls(t, parallelism)
		for _, f := range diskFaults {
			t.Run(fmt.Sprintf("%s, %d at a time", f.name, parallelism), func(t *testing.T) {
				hit := f.calls(calls)
				step := stage.Size(1+len(hit)/2, 1)
				for i := int(stage.Seed() % uint64(step)); i < len(hit); i += step {
					x := faulty{world: newWorld(t, nil), stage: stage, parallelism: parallelism}
					if err := x.play(t, f, hit[i]); err != nil {
						t.Errorf("from call %d on: %v\n%s", hit[i], err, stage.Rerun(t, "internal/torture/powercut"))
					}
				}
			})
		}
	}
}

// A run's end that was written and whose sync failed stands in the log as the next command reads it, and on no disk. It is
// made durable before the database is told that the run has ended. A run groups its last
// commits in one of two ways, 8 calls apart, so each place is tried until it was the right one in all likelihood.
func TestAnEndThatWasNotSyncedIsWrittenAgain(t *testing.T) {
	stage := torture.Begin(t, "disk")
	last := 0 // the last sync of the run log
	for _, c := range countCalls(t, 1) {
		if c.Kind == powercut.Sync && path.Ext(c.Name) == ".ndjson" {
			last = c.N
		}
	}
	readOnly := diskFaults[slices.IndexFunc(diskFaults, func(f diskFault) bool { return f.name == "read-only" })]
	for try := range 15 {
		n := last + 8*(try%3-1)
		x := faulty{world: newWorld(t, nil), stage: stage, parallelism: 1}
		if err := x.play(t, readOnly, n); err != nil {
			t.Errorf("from call %d on: %v", n, err)
		}
	}
}

// countCalls returns the calls that an apply makes on a disk that is sound.
func countCalls(t *testing.T, parallelism int) (calls []powercut.Call) {
	w := newWorld(t, nil)
	w.fleet(t, faultyOrders, parallelism)
	w.record(t, func(c powercut.Call) syscall.Errno {
		calls = append(calls, c)
		return 0
	}, "apply", "--auto-approve")
	return calls
}

// faulty is a world whose disk fails.
type faulty struct {
	*world
	stage       *torture.Stage
	parallelism int
}

// play runs an apply on a disk that fails from the nth call on, and returns what is wrong then, after a power cut, and
// after going on with a disk that is sound.
func (x *faulty) play(t *testing.T, f diskFault, n int) error {
	x.fleet(t, faultyOrders, x.parallelism)
	trace := x.record(t, f.from(n), "apply", "--auto-approve")
	e := &evidence{Trace: trace, Ledger: x.sim.Load().Ledger(), Orders: faultyOrders}
	err := errors.Join(x.begunAfter(trace), x.cutThen(t, e))
	if err == nil {
		err = x.namedOrHeld(e.Ledger, trace.Output(2))
	}
	if err == nil {
		err = x.goOn(t, e)
	}
	if lost := new(errLost); errors.As(err, lost) {
		x.stage.Add(lost.Figures())
	}
	if err != nil {
		return fmt.Errorf("%w\nwith exit code %d it had said:\n%s", err, trace.Exit, trace.Output(2))
	}
	return nil
}

// begunAfter complains of calls to the API that began after the journal had failed. Those whose intents were durable and
// whose turn had come are on their way. The lock file's content only informs: its faults end nothing.
func (x *faulty) begunAfter(trace *powercut.Trace) error {
	begun, failedAt := 0, trace.Ticks
	for _, o := range trace.Ops {
		switch {
		case o.Failed != "" && o.Kind != powercut.Remove && path.Ext(o.Name) != ".lock":
			failedAt = min(failedAt, o.End)
		case o.Kind == powercut.Send && o.Begin > failedAt:
			begun++
		}
	}
	if begun > x.parallelism {
		return fmt.Errorf("%d calls began after the fault, with %d at a time:\n%s", begun, x.parallelism, tail(trace, failedAt))
	}
	return nil
}

// cutThen cuts the power after a run and returns what is wrong with what that may leave.
func (x *faulty) cutThen(t *testing.T, e *evidence) error {
	m := e.moment(e.Trace.Ticks)
	d := powercut.NewDisk(e.Trace, powercut.Strict)
	for d.Advance() {
	}
	dir := filepath.Join(scratch(t), "image")
	for variant := range powercut.VariantDrawn + x.stage.Size(1, 6) {
		image := d.Image(x.stage.Seed(), variant)
		err := image.Build(dir)
		if err == nil {
			err = m.examine(dir)
		}
		if err != nil {
			return fmt.Errorf("after a power cut (%s): %w", image.Told, err)
		}
		x.stage.Add(torture.Figures{Cases: 1, Kills: 1})
	}
	return nil
}

// namedOrHeld complains of purchases that were answered and that the state does not hold, unless somebody was told of them
// and a file that was made for such purchases has them.
func (x *faulty) namedOrHeld(sold []simulator.Purchase, said string) error {
	holding, err := torture.Hold(statePath(x.dir))
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, r := range holding.Records {
		for _, p := range r.Purchases {
			known[p.BuyID] = true
		}
	}
	rescued, err := x.rescued()
	for _, p := range sold {
		if !known[p.BuyID] && !(strings.Contains(said, p.BuyID) && strings.Contains(rescued, p.BuyID)) {
			return fmt.Errorf("%s was answered, and is not in the state, nor on the standard error and in a rescue file", p.BuyID)
		}
	}
	return err
}

// rescued returns what all rescue files hold, beside the state or among the temporary files.
func (x *faulty) rescued() (all string, err error) {
	for _, dir := range []string{filepath.Dir(statePath(x.dir)), x.tmp} {
		files, err := filepath.Glob(filepath.Join(dir, "*.rescued-*"))
		if err != nil {
			return "", err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			all += string(text)
		}
	}
	return all, nil
}

// goOn runs apply and reconcile with a disk that is sound again, and returns what is wrong then. A power cut can still
// take what the failed syncs did not write.
func (x *faulty) goOn(t *testing.T, e *evidence) error {
	for _, args := range [][]string{{"apply", "--auto-approve"}, {"reconcile"}, {"apply", "--auto-approve"}} {
		e.Trace = e.Trace.Then(x.record(t, nil, args...))
		e.Ledger = x.sim.Load().Ledger()
		if err := x.cutThen(t, e); err != nil {
			return fmt.Errorf("%v: %w", args, err)
		}
	}
	m := e.moment(e.Trace.Ticks)
	records, err := m.audit(statePath(x.dir))
	if err != nil {
		return fmt.Errorf("after going on: %w", err)
	}
	x.stage.Add(torture.Figures{Cases: 1, Purchases: len(m.sold), Held: held(records)})
	if len(records) != e.Orders {
		return fmt.Errorf("%d of %d orders are in the state in the end", len(records), e.Orders)
	}
	return nil
}

// tail is what a trace did from before a tick on, for those who look into a failure.
func tail(trace *powercut.Trace, tick int) string {
	var b strings.Builder
	for _, o := range trace.Ops {
		if o.End >= tick-10 {
			fmt.Fprintf(&b, "%.160s\n", o)
		}
	}
	return b.String()
}
