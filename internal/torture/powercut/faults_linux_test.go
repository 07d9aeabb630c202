//go:build amd64 || arm64

package powercut_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
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
				for i := 0; i < len(hit); i += stage.Size(1+len(hit)/4, 1) {
					x := faulty{world: newWorld(t, nil), stage: stage, parallelism: parallelism}
					if err := x.play(t, f, hit[i]); err != nil {
						t.Errorf("from call %d on: %v\n%s", hit[i], err, stage.Rerun(t, "internal/torture/powercut"))
					}
				}
			})
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
	m := e.moment(trace.Ticks)
	err := errors.Join(x.begunAfter(trace), x.cutThen(t, e, m))
	if path := statePath(x.dir); err == nil {
		err = m.examine(x.dir)
		if err == nil {
			err = namedOrHeld(path, m.sold, trace.Output(2))
		}
	}
	if err == nil {
		err = x.goOn(m)
	}
	if err != nil {
		return fmt.Errorf("%w\nwith exit code %d it had said:\n%s", err, trace.Exit, trace.Output(2))
	}
	return nil
}

// begunAfter complains of calls to the API that began after the fault. Those whose intents were durable and whose turn
// had come are on their way.
func (x *faulty) begunAfter(trace *powercut.Trace) error {
	begun, failedAt := 0, trace.Ticks
	for _, o := range trace.Ops {
		switch {
		case o.Failed != "":
			failedAt = min(failedAt, o.End)
		case o.Kind == powercut.Send && o.Begin > failedAt:
			begun++
		}
	}
	if begun > x.parallelism {
		return fmt.Errorf("%d calls began after the fault, with %d at a time", begun, x.parallelism)
	}
	return nil
}

// cutThen cuts the power after the faulty run and returns what is wrong with what that may leave.
func (x *faulty) cutThen(t *testing.T, e *evidence, m moment) error {
	d := powercut.NewDisk(e.Trace, powercut.Strict)
	for d.Advance() {
	}
	dir := filepath.Join(scratch(t), "image")
	for variant := range x.stage.Size(powercut.VariantDrawn+1, powercut.VariantDrawn+6) {
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

// namedOrHeld complains of purchases that were answered, and that neither the state holds nor anybody was told of.
func namedOrHeld(path string, sold []simulator.Purchase, said string) error {
	held, err := torture.Hold(path)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, r := range held.Records {
		for _, p := range r.Purchases {
			known[p.BuyID] = true
		}
	}
	for _, p := range sold {
		if !known[p.BuyID] && !strings.Contains(said, p.BuyID) {
			return fmt.Errorf("%s was answered, and is neither in the state nor on the standard error", p.BuyID)
		}
	}
	return nil
}

// goOn runs apply and reconcile until nothing is left to do, and returns what is wrong then.
func (x *faulty) goOn(m moment) error {
	for _, args := range [][]string{{"apply", "--auto-approve"}, {"reconcile"}, {"apply", "--auto-approve"}} {
		if err := x.run(args...); err != nil {
			return err
		}
	}
	m.sold = x.sim.Load().Ledger()
	records, err := m.audit(statePath(x.dir))
	if err != nil {
		return fmt.Errorf("after going on: %w", err)
	}
	figures := torture.Figures{Cases: 1, Purchases: len(m.sold)}
	for _, r := range records {
		if r.Status() == order.StatusInDoubt {
			figures.Held++
		}
	}
	x.stage.Add(figures)
	if len(records) != len(m.wished) {
		return fmt.Errorf("%d of %d orders are in the state in the end", len(records), len(m.wished))
	}
	return nil
}
