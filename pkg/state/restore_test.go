package state

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// restore puts a database in the state's place: from the run logs alone, or from a backup.
func restore(t *testing.T, path, source string) (r *Restoration, aside string, err error) {
	t.Helper()
	r, err = PrepareRestore(t.Context(), path, source, Owner{Command: "restore"}, 0)
	if err != nil {
		return nil, "", err
	}
	aside, err = r.Commit(testTime)
	return r, aside, errors.Join(err, r.Close())
}

// otherFile leaves out that a restored database is another file than the one that is lost.
var otherFile = cmpopts.IgnoreFields(Snapshot{}, "Copied")

// whatIsLost names what may become of a database. Each leaves a place where nothing may be bought.
var whatIsLost = map[string]func(t *testing.T, path string){
	"gone":      func(t *testing.T, path string) { takeAway(t, path) },
	"emptied":   func(t *testing.T, path string) { replace(t, path, nil) },
	"truncated": func(t *testing.T, path string) { replace(t, path, readFile(t, path)[:3*os.Getpagesize()]) },
	"zeroed":    func(t *testing.T, path string) { replace(t, path, make([]byte, len(readFile(t, path)))) },
	"damaged": func(t *testing.T, path string) {
		text := readFile(t, path)
		at := bytes.LastIndex(text, []byte("buy-"))
		text[at] ^= 1
		replace(t, path, text)
	},
	"something else": func(t *testing.T, path string) { replace(t, path, []byte("notes to myself")) },
}

func TestAStateIsRebuiltFromItsRunLogs(t *testing.T) {
	for name, lose := range whatIsLost {
		t.Run(name, func(t *testing.T) {
			path, logs := history(t)
			want := read(t, path)
			lose(t, path)
			if _, err := Read(path); err == nil {
				t.Fatal("what was lost is read")
			}
			if s, err := Open(t.Context(), path, Owner{}, 0); err == nil {
				t.Fatalf("what was lost is opened: %+v", s.Snapshot())
			}
			r, aside, err := restore(t, path, "")
			if err != nil {
				t.Fatal(err)
			}
			if (name == "gone") != (aside == "") || len(r.Logs) != len(logs) {
				t.Errorf("the old one is at %q; taken from %v", aside, r.Logs)
			}
			got := read(t, path)
			if diff := cmp.Diff(want, got, sameAddress, cmp.AllowUnexported(Snapshot{}), otherFile); diff != "" {
				t.Errorf("(-before +restored):\n%s", diff)
			}
			sound(t, path)
		})
	}
}

// What a restore replaces is kept, however soon another one follows.
func TestRestoresKeepWhatTheyReplace(t *testing.T) {
	path, _ := history(t)
	kept := map[string]string{}
	for _, text := range []string{"the first", "the second", "the third"} {
		replace(t, path, []byte(text))
		_, aside, err := restore(t, path, "")
		if err != nil {
			t.Fatal(err)
		}
		kept[aside] = text
	}
	for aside, text := range kept {
		if got := string(readFile(t, aside)); got != text {
			t.Errorf("%s holds %q, want %q", filepath.Base(aside), got, text)
		}
	}
	if len(kept) != 3 {
		t.Errorf("what three restores replaced is kept as %v", kept)
	}
}

// A run that nobody ended is in the logs up to its last line, and is settled then.
func TestAnUnfinishedRunIsRestored(t *testing.T) {
	path, _ := history(t)
	s := open(t, path)
	r := start(t, s, 3)
	if err := r.Begin(t.Context(), intent(r, testOrder(7), 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := read(t, path)
	replace(t, path, nil)
	if _, _, err := restore(t, path, ""); err != nil {
		t.Fatal(err)
	}
	got := read(t, path)
	if diff := cmp.Diff(want.Records, got.Records, sameAddress); diff != "" || got.Serial < want.Serial {
		t.Errorf("serial %d after %d (-before +restored):\n%s", got.Serial, want.Serial, diff)
	}
	sound(t, path)
}

// Whoever dies while he restores leaves a state that is refused, and restoring it goes on.
func TestRestoringCanBeRepeated(t *testing.T) {
	for name, die := range map[string]func(t *testing.T, path string){
		"before the new one is whole": func(t *testing.T, path string) { replace(t, path+".restored", []byte("a part")) },
		"before it has its place":     func(t *testing.T, path string) { rename(t, path, path+".replaced-20261123T101500Z") },
	} {
		path, _ := history(t)
		want := read(t, path)
		replace(t, path, readFile(t, path)[:os.Getpagesize()*3])
		die(t, path)
		if _, err := Open(t.Context(), path, Owner{}, 0); err == nil {
			t.Fatalf("%s: it is opened", name)
		}
		if _, _, err := restore(t, path, ""); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want.Records, read(t, path).Records, sameAddress); diff != "" {
			t.Errorf("%s (-before +restored):\n%s", name, diff)
		}
	}
}

func TestRunLogsThatLeadNowhereRestoreNothing(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, path string, logs []string)
		says  string
	}{
		"the first is missing": {func(t *testing.T, _ string, logs []string) { takeAway(t, logs[0]) }, "one is missing"},
		"one is missing":       {func(t *testing.T, _ string, logs []string) { takeAway(t, logs[1]) }, "one is missing"},
		"the last is missing":  {func(t *testing.T, _ string, logs []string) { takeAway(t, logs[2]) }, "and was at"},
		"all are missing":      {func(t *testing.T, path string, _ []string) { takeAway(t, PathsOf(path).Runs) }, "there is no run log"},
		"one is damaged": {func(t *testing.T, _ string, logs []string) {
			text := readFile(t, logs[1])
			text[500] ^= 1
			replace(t, logs[1], text)
		}, "can't be followed"},
		"one is of another": {func(t *testing.T, _ string, logs []string) {
			_, other := history(t)
			replace(t, logs[1], readFile(t, other[1]))
		}, "it is the log of run"},
		"the lock names another": {func(t *testing.T, path string, _ []string) { rename(t, PathsOf(used(t, 1)).Lock, PathsOf(path).Lock) }, "of lineage"},
	}
	for name, test := range tests {
		path, logs := history(t)
		takeAway(t, path)
		test.spoil(t, path, logs)
		_, _, err := restore(t, path, "")
		if refused, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.says) || !strings.HasSuffix(refused.Hint(), ".") {
			t.Errorf("%s: %v, want %q and what to do", name, err, test.says)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a database: %v", name, err)
		}
	}
}

// An older database is brought up to date by its later logs, and refused without them.
func TestAnOlderDatabaseIsNotTakenForTheNewest(t *testing.T) {
	path, _ := history(t)
	copied := readFile(t, path)
	s := open(t, path)
	r := start(t, s, 3)
	buy(t, r, testOrder(8), 1)
	closeAll(t, r, s)
	want := read(t, path)

	replace(t, path, copied)
	if diff := cmp.Diff(want.Records, read(t, path).Records, sameAddress); diff != "" {
		t.Errorf("with its later log (-want +got):\n%s", diff)
	}
	takeAway(t, PathsOf(path).RunLog(r.ID()))
	_, readErr := Read(path)
	_, openErr := Open(t.Context(), path, Owner{}, 0)
	v, verifyErr := Verify(path)
	for _, err := range []error{readErr, openErr, errors.Join(append(v.Problems, verifyErr)...)} {
		if !errors.Is(err, ErrOlder) || !strings.Contains(err.Error(), "and was at") {
			t.Errorf("without its later log: %v", err)
		}
	}
}

func TestBackupsAreKeptAndRestored(t *testing.T) {
	path := place(t)
	var kept []string
	for i := range keptBackups + 3 {
		s := open(t, path)
		at := testTime.Add(time.Duration(i) * time.Minute)
		for range 2 { // the second is of the same version
			if err := s.BackUp(at); err != nil {
				t.Fatal(err)
			}
			at = at.Add(time.Second)
		}
		r := start(t, s, i)
		unsynced(s, r)
		buy(t, r, testOrder(i), 1)
		closeAll(t, r, s)
	}
	names, err := PathsOf(path).backupNames()
	if err != nil || len(names) != keptBackups {
		t.Fatalf("%d backups, want %d: %v", len(names), keptBackups, err)
	}
	if v := sound(t, path); v.Backups != keptBackups {
		t.Errorf("%d were verified", v.Backups)
	}
	want := read(t, path)
	for _, name := range names {
		kept = append(kept, filepath.Join(PathsOf(path).Backups, name))
	}
	latest, err := LatestBackup(path)
	if err != nil || latest != kept[len(kept)-1] {
		t.Errorf("the latest of %v is %s: %v", kept, latest, err)
	}
	for _, source := range []string{kept[0], latest} {
		replace(t, path, []byte("lost"))
		r, aside, err := restore(t, path, source)
		if err != nil {
			t.Fatal(err)
		}
		if string(readFile(t, aside)) != "lost" || len(r.Logs) == 0 || r.NoLogs {
			t.Errorf("aside %s, taken from %v", aside, r.Logs)
		}
		takeAway(t, aside)
		if diff := cmp.Diff(want.Records, read(t, path).Records, sameAddress); diff != "" {
			t.Errorf("from %s (-before +restored):\n%s", source, diff)
		}
		sound(t, path)
	}
	takeAway(t, PathsOf(path).RunLog(slices.Sorted(slices.Values(mustLogs(t, path)))[7]))
	if _, _, err := restore(t, path, kept[0]); err == nil || !strings.Contains(err.Error(), "one is missing") {
		t.Errorf("a log that is missing on the way: %v", err)
	}
}

func mustLogs(t *testing.T, path string) []string {
	t.Helper()
	ids, err := PathsOf(path).runLogs()
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestBackupsThatCanNotServe(t *testing.T) {
	path, _ := history(t)
	_, _, foreign := restore(t, path, copyOf(t, used(t, 1)))
	damagedCopy := copyOf(t, path)
	replace(t, damagedCopy, readFile(t, damagedCopy)[:2*os.Getpagesize()])
	_, _, broken := restore(t, path, damagedCopy)
	_, _, missing := restore(t, path, filepath.Join(t.TempDir(), "none.db"))
	for name, err := range map[string]error{"another state's": foreign, "a damaged one": broken, "one that is not there": missing} {
		if err == nil {
			t.Errorf("%s was restored", name)
		}
	}
	if !errors.Is(foreign, ErrForeign) || !errors.Is(broken, ErrDamaged) || !errors.Is(missing, fs.ErrNotExist) {
		t.Errorf("got %v; %v; %v", foreign, broken, missing)
	}
	sound(t, path)
	if _, err := os.Lstat(path + ".restored"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a part was left")
	}
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	if got, err := Backup(path, to, testTime); err != nil || got != to {
		t.Fatalf("Backup = %q, %v", got, err)
	}
	return to
}

func TestBackupRefuses(t *testing.T) {
	path, _ := history(t)
	to := copyOf(t, path)
	if _, err := Backup(path, to, testTime); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file was written over: %v", err)
	}
	if _, err := Backup(place(t), "", testTime); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no state: %v", err)
	}
	open(t, path)
	if _, err := Backup(path, "", testTime); !errors.Is(err, ErrHeld) {
		t.Errorf("of a state that is being written: %v", err)
	}
}
