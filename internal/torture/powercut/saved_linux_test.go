//go:build amd64 || arm64

package powercut_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// applyThatSaves buys while neither database nor run log can be synced any more, so that the outcomes are kept beside them.
func applyThatSaves(t *testing.T, _ uint64) *evidence {
	var called atomic.Bool
	w := newWorld(t, func(simulator.Call) simulator.Fault {
		called.Store(true)
		return simulator.NoFault
	})
	w.fleet(t, 1, 1)
	trace := w.record(t, func(c powercut.Call) syscall.Errno {
		journal := path.Base(c.Name) == "state.db" || isLog(c.Name)
		if called.Load() && c.Kind == powercut.Sync && journal {
			return syscall.EIO
		}
		return 0
	}, "apply", "--auto-approve")
	return &evidence{Trace: trace, world: w}
}

func planToSave(t *testing.T, _ uint64) *evidence {
	w := newWorld(t, nil)
	w.fleet(t, 1, 1)
	return w.witness(t, 1, "plan", "--out", "saved.plan")
}

// What a command has put somewhere when it ends is there, under its name, whenever the power fails afterwards.
func TestWhatIsSavedOutlastsThePower(t *testing.T) {
	for name, s := range map[string]struct {
		play  func(t *testing.T, seed uint64) *evidence
		files string
	}{
		"a backup":          {backUp, ".bastion-fleet/backups/*"},
		"outcomes":          {applyThatSaves, ".bastion-fleet/*.rescued-*"},
		"a restored state":  {restoreBackup, ".bastion-fleet/state.db"},
		"one from run logs": {restoreFromLogs, ".bastion-fleet/state.db"},
		"a plan's key":      {planToSave, ".bastion-fleet/plan.key"},
	} {
		t.Run(name, func(t *testing.T) {
			e := s.play(t, 0)
			d := powercut.NewDisk(e.Trace, powercut.Strict)
			for d.Advance() {
			}
			image := filepath.Join(scratch(t), "image")
			if err := d.Image(0, powercut.VariantNothing).Build(image); err != nil {
				t.Fatal(err)
			}
			saved, err := filepath.Glob(filepath.Join(e.world.dir, s.files))
			if err != nil || len(saved) == 0 {
				t.Fatalf("nothing was saved: %v", err)
			}
			for _, file := range saved {
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				within := strings.TrimPrefix(file, e.world.dir)
				if got, err := os.ReadFile(filepath.Join(image, within)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: %d bytes of %d, %v", within, len(got), len(want), err)
				}
			}
		})
	}
}
