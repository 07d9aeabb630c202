package state

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A state is the same under every name that leads to it: with its lock, its run logs and its backups.
func TestAStateKeepsItsFilesUnderAnotherName(t *testing.T) {
	link := func(t *testing.T, to, name string) {
		t.Helper()
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	for name, other := range map[string]func(t *testing.T, path string) string{
		"its directory moved": func(t *testing.T, path string) string {
			moved := filepath.Join(t.TempDir(), "moved")
			rename(t, filepath.Dir(path), moved)
			return filepath.Join(moved, "state.db")
		},
		"a link to its directory": func(t *testing.T, path string) string {
			dir := filepath.Join(t.TempDir(), "link")
			link(t, filepath.Dir(path), dir)
			return filepath.Join(dir, "state.db")
		},
		"a link to its database": func(t *testing.T, path string) string {
			db := filepath.Join(t.TempDir(), "prod.db")
			link(t, path, db)
			return db
		},
	} {
		path, _ := history(t)
		s := open(t, path)
		if err := s.BackUp(testTime); err != nil {
			t.Fatal(err)
		}
		r := start(t, s, 3)
		watchCommit(r, func() error { return errors.ErrUnsupported })
		if err := r.Begin(t.Context(), intent(r, testOrder(9), 1)); !errors.Is(err, ErrJournal) { // the log alone has it
			t.Fatalf("%s: Begin = %v", name, err)
		}
		_ = s.Close()
		want := read(t, path)
		path = other(t, path)
		if got := read(t, path); got.Recovered != 1 || cmp.Diff(want.Records, got.Records, sameAddress) != "" {
			t.Errorf("%s: %d lines taken in:\n%s", name, got.Recovered, cmp.Diff(want.Records, got.Records, sameAddress))
		}
		if v := sound(t, path); v.Runs != 4 || v.Backups != 1 {
			t.Errorf("%s: %d runs, %d backups", name, v.Runs, v.Backups)
		}
		s = open(t, path)
		closeAll(t, start(t, s, 4), s)
		if _, _, err := restore(t, path, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sound(t, path)
	}
}

// One that was begun under another name keeps its files when it becomes the default one.
func TestAStateThatBecomesTheDefaultOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kept", "state.db")
	s := open(t, path)
	closeAll(t, start(t, s, 0), s)
	if want := filepath.Join(dir, "kept", "state.runs"); s.paths.Runs != want {
		t.Fatalf("run logs in %s, want %s", s.paths.Runs, want)
	}
	rename(t, filepath.Dir(path), filepath.Join(dir, ".bastion-fleet"))
	if v := sound(t, DefaultPath(dir)); v.Runs != 1 {
		t.Errorf("%d runs", v.Runs)
	}
}

// Whatever is left of a state tells that there was one.
func TestWhatIsLeftOfAStateTellsOfIt(t *testing.T) {
	for _, left := range []string{"the lock", "the run logs", "the backups", "nothing"} {
		path := used(t, 1)
		s := open(t, path)
		if err := s.BackUp(testTime); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for what, file := range map[string]string{
			"the database": s.paths.DB, "the lock": s.paths.Lock, "the run logs": s.paths.Runs, "the backups": s.paths.Backups,
		} {
			if what != left {
				takeAway(t, file)
			}
		}
		got, err := Read(path)
		if left == "nothing" {
			if err != nil || !got.Fresh() {
				t.Errorf("with nothing left: %+v, %v", got, err)
			}
			continue
		}
		if !errors.Is(err, ErrLost) {
			t.Errorf("with %s left: %v", left, err)
		}
	}
}

// A file of another state, or one in the wrong place, is refused with the way out.
func TestMisplacedFilesAreRefusedWithTheWayOut(t *testing.T) {
	for name, test := range map[string]struct {
		misplace   func(t *testing.T, path string)
		want       error
		says, hint string
	}{
		"another state's database": {func(t *testing.T, path string) { replace(t, path, readFile(t, used(t, 2))) },
			ErrLost, "and the state that was used here of", "state restore --from-log"},
		"another state's run log": {func(t *testing.T, path string) {
			other := used(t, 2)
			id := mustLogs(t, other)[0]
			rename(t, PathsOf(other).RunLog(id), PathsOf(path).RunLog(id))
		}, ErrDamaged, "beside a state of lineage", "If it is the log, move it away."},
		"a run log under two names": {func(t *testing.T, path string) {
			replace(t, PathsOf(path).RunLog("20261123T235959Z-aaaaaa"), readFile(t, PathsOf(path).RunLog(mustLogs(t, path)[0])))
		}, ErrDamaged, "under the name of another", "move this one away"},
	} {
		path := used(t, 1)
		test.misplace(t, path)
		_, err := Read(path)
		refused, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || !strings.Contains(refused.Remedy, test.hint) {
			t.Errorf("%s: %v", name, err)
		}
		if _, opened := Open(t.Context(), path, Owner{}, 0); opened == nil || opened.Error() != err.Error() {
			t.Errorf("%s: read with %v, opened with %v", name, err, opened)
		}
	}
}

// What a restore left that died is not destroyed by restoring it.
func TestALeftoverOfARestoreIsNoBackup(t *testing.T) {
	path := used(t, 1)
	left := path + ".restored"
	rename(t, path, left)
	if _, _, err := restore(t, path, left); !errors.Is(err, ErrForeign) {
		t.Errorf("restore = %v", err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
}
