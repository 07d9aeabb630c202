//go:build amd64 || arm64

package powercut_test

import (
	"bytes"
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// What a process reads, the disk may lack: another one was killed before its sync, or that sync failed. It makes it durable
// before it builds on it, so that a power cut at any time from then to the beginning of its own run leaves a state that opens.
func TestNothingIsBuiltOnSand(t *testing.T) {
	for name, s := range map[string]struct {
		play  func(*testing.T, uint64) *evidence
		what  string // the files, or the directory, whose syncs are of interest
		block int64  // of those files, that the disk may lack
		drawn int    // images of each sync besides
	}{
		"a name":                    {firstApply, ".bastion-fleet", pageSize, 100},
		"a killed commit":           {applyAfterKilledCommit, stateName, pageSize, 8},
		"a commit that failed":      {applyAfterFailedCommit, stateName, pageSize, 8},
		"lines of a killed process": {applyAfterUnsyncedLines, ".bastion-fleet/runs/*", 512, 8},
		"lines whose sync failed":   {applyAfterFailedLines, ".bastion-fleet/runs/*", 512, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := s.play(t, 0)
			examined, dir := 0, filepath.Join(scratch(t), "image")
			e.atSyncs(t, s.what, s.block, s.drawn, func(c cut) {
				examined++
				err := c.image.Build(dir)
				if err == nil {
					err = c.moment.examine(dir)
				}
				if err != nil {
					t.Fatalf("at tick %d (%s): %v", c.tick, c.image.Told, err)
				}
			})
			t.Logf("%d images", examined)
		})
	}
}

// atSyncs yields images of the ticks at which a sync begins of what the pattern says, from where they are of interest up
// to the next run log: there the most is not durable yet. They are some that are drawn, and those that lack one block of
// what is synced.
func (e *evidence) atSyncs(t *testing.T, pattern string, block int64, drawn int, yield func(cut)) {
	d := e.disk(powercut.Strict)
	for _, o := range e.Trace.Ops {
		if o.Begin <= e.From {
			continue
		}
		if o.Kind == powercut.Create && isLog(o.Name) {
			return
		}
		if of, err := path.Match(pattern, o.Name); err != nil {
			t.Fatal(err)
		} else if !of || o.Kind != powercut.Sync {
			continue
		}
		for d.Tick() < o.Begin && d.Advance() {
		}
		c := cut{system: powercut.Strict, tick: d.Tick(), moment: e.moment(d.Tick())}
		for c.image = range d.Lacking(o.Name, block) {
			yield(c)
		}
		for c.variant = range powercut.VariantDrawn + drawn {
			c.image = d.Image(1, c.variant)
			yield(c)
		}
	}
}

// applyAfterUnsyncedLines goes on where a process was killed after it had written lines of its run log, as many at once as
// it ever did, and before their sync.
func applyAfterUnsyncedLines(t *testing.T, _ uint64) *evidence {
	return applyAfter(t, func(trace *powercut.Trace) *powercut.Op {
		return slices.MaxFunc(trace.Ops, func(a, b *powercut.Op) int { return cmp.Compare(linesOf(a), linesOf(b)) })
	})
}

// linesOf is how many lines of a run log an operation writes.
func linesOf(o *powercut.Op) int {
	if o.Kind != powercut.Write || !isLog(o.Name) {
		return 0
	}
	return bytes.Count(o.Data, []byte("\n"))
}

// applyAfterFailedCommit goes on where the sync of a commit failed. The kernel takes for written what never was.
func applyAfterFailedCommit(t *testing.T, _ uint64) *evidence {
	commits := false
	return applyAfterFailedSync(t, func(c powercut.Call) bool {
		if c.Kind == powercut.Write {
			commits = isCommitAt(c.Name, c.Offset)
		}
		return commits && c.Name == stateName
	})
}

// applyAfterFailedLines goes on where the sync of a run log's lines failed.
func applyAfterFailedLines(t *testing.T, _ uint64) *evidence {
	return applyAfterFailedSync(t, func(c powercut.Call) bool { return isLog(c.Name) })
}

// applyAfterFailedSync goes on where one sync failed, the first of those that are hit after some calls to the API.
func applyAfterFailedSync(t *testing.T, hit func(powercut.Call) bool) *evidence {
	const after = 3
	var called atomic.Int32
	w := newWorld(t, func(simulator.Call) simulator.Fault {
		called.Add(1)
		return simulator.NoFault
	})
	w.fleet(t, someOrders, 3)
	failed := false
	first := w.record(t, func(c powercut.Call) syscall.Errno {
		if !hit(c) || c.Kind != powercut.Sync || failed || called.Load() < after {
			return 0
		}
		failed = true
		return syscall.EIO
	}, "apply", "--auto-approve")
	if !failed {
		t.Fatal("no sync failed")
	}
	second := w.witness(t, someOrders, "apply", "--auto-approve")
	second.Trace, second.From = first.Then(second.Trace), first.Ticks
	return second
}
