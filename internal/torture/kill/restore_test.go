//go:build unix

package kill_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A database that is gone, emptied or cut after a kill is restored by a command that is killed too. What that leaves is
// refused or whole, and never taken for a state in which nothing was bought.
func TestKillsInRestores(t *testing.T) {
	s := torture.Begin(t, "restores")
	points, sources := failpoint.Points(), []string{"--from-log", "--latest"}
	if !s.Long() {
		points, sources = every(points, 15), sources[:1]
	}
	for _, p := range points {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			for _, source := range sources {
				for name, lose := range losses {
					t.Run(name+source, func(t *testing.T) {
						f := newFleet(t, s, 24, 4, lost.options())
						if !f.killed("call-returned:2") || !f.killed("call-returned:1") { // the second has made a backup
							t.Fatal("there was nothing left to kill")
						}
						if err := lose(state.DefaultPath(f.dir)); err != nil {
							t.Fatal(err)
						}
						f.restored(p.Name+":1", source)
						f.refusedOrSound(source)
						f.finish()
					})
				}
			}
		})
	}
}

// losses are what may become of a database.
var losses = map[string]func(path string) error{
	"gone":    os.Remove,
	"emptied": func(path string) error { return os.Truncate(path, 0) },
	"cut":     func(path string) error { return os.Truncate(path, 8192) },
}

// loseLog takes away the first run's log, which the second one has completed. There is no sound state to audit before
// another run's log has begun anew.
func (f *fleet) loseLog() bool {
	f.t.Helper()
	runs := state.PathsOf(state.DefaultPath(f.dir)).Runs
	logs, err := os.ReadDir(runs)
	if err == nil {
		err = os.Remove(filepath.Join(runs, logs[0].Name()))
	}
	return err == nil
}

// restored runs a restore to a failpoint or to its end. Between the two there may be no state to audit.
func (f *fleet) restored(point, source string) ending {
	f.t.Helper()
	return f.run(f.start(point, "state", "restore", source, "--auto-approve"))
}

// refusedOrSound applies what a killed restore has left. Where that is refused, nothing is bought, and another restore
// puts it right.
func (f *fleet) refusedOrSound(source string) {
	f.t.Helper()
	before := len(f.api.Ledger())
	if f.run(f.startApply("")).code != exitError {
		return
	}
	if sold := len(f.api.Ledger()) - before; sold > 0 {
		f.t.Errorf("an apply that refused the state bought %d orders\n%s", sold, f.rerun())
	}
	if e := f.restored("", source); e.code != exitDone {
		f.t.Errorf("a restore after a killed one ended with %d:\n%s%s\n%s", e.code, e.out, e.err, f.rerun())
	}
}
