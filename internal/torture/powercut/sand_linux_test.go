//go:build amd64 || arm64

package powercut_test

import (
	"crypto/sha256"
	"maps"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// What a process reads, the disk may lack: another one was killed before its sync, or that sync failed. It makes it durable
// before it builds on it, so that a power cut at any time from then to its first purchase leaves a state that opens.
func TestNothingIsBuiltOnSand(t *testing.T) {
	for name, s := range map[string]struct {
		play func(*testing.T, uint64) *evidence
		what string // the files, or the directory, whose syncs are of interest
	}{
		"a name":                    {firstApply, ".bastion-fleet"},
		"a killed commit":           {applyAfterKilledCommit, stateName},
		"a commit that failed":      {applyAfterFailedCommit, stateName},
		"lines of a killed process": {applyAfterUnsyncedLines, ".bastion-fleet/runs/*"},
		"lines whose sync failed":   {applyAfterFailedLines, ".bastion-fleet/runs/*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := s.play(t, 0)
			examined, dir := 0, filepath.Join(scratch(t), "image")
			e.atSyncs(t, s.what, func(c cut) {
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
// to the first call to the API: there the most is not durable yet. They differ in what is synced.
func (e *evidence) atSyncs(t *testing.T, pattern string, yield func(cut)) {
	const drawn = 400
	d := e.disk(powercut.Strict)
	for _, o := range e.Trace.Ops {
		if o.Begin <= e.From {
			continue
		}
		if o.Kind == powercut.Send {
			return
		}
		if of, err := path.Match(pattern, o.Name); err != nil {
			t.Fatal(err)
		} else if !of || o.Kind != powercut.Sync {
			continue
		}
		for d.Tick() < o.Begin && d.Advance() {
		}
		m, seen := e.moment(d.Tick()), make(map[[sha256.Size]byte]bool)
		for variant := range powercut.VariantDrawn + drawn {
			image := d.Image(1, variant)
			if sum := part(image, o.Name).Sum(); !seen[sum] {
				seen[sum] = true
				yield(cut{powercut.Strict, d.Tick(), variant, image, m})
			}
		}
	}
}

// part is what an image has of a file, or of all that is below a directory.
func part(image powercut.Image, name string) powercut.Image {
	of := powercut.Image{Files: maps.Clone(image.Files)}
	maps.DeleteFunc(of.Files, func(file string, _ []byte) bool { return !strings.HasPrefix(file, name) })
	return of
}

// applyAfterUnsyncedLines goes on where a process was killed after it had written lines of its run log, and before their
// sync.
func applyAfterUnsyncedLines(t *testing.T, _ uint64) *evidence {
	return applyAfter(t, func(o *powercut.Op) bool { return o.Kind == powercut.Write && isLog(o.Name) })
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
