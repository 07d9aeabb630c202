package state

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// whatIsTakenAway names what somebody may do to a state in use. Each leaves the open files as they are.
var whatIsTakenAway = map[string]func(t *testing.T, s *Store, r *Run){
	"database deleted":   func(t *testing.T, s *Store, _ *Run) { takeAway(t, s.paths.DB) },
	"lock deleted":       func(t *testing.T, s *Store, _ *Run) { takeAway(t, s.paths.Lock) },
	"run log deleted":    func(t *testing.T, s *Store, r *Run) { takeAway(t, s.paths.RunLog(r.ID())) },
	"directory deleted":  func(t *testing.T, s *Store, _ *Run) { takeAway(t, filepath.Dir(s.paths.DB)) },
	"directory moved":    func(t *testing.T, s *Store, _ *Run) { rename(t, filepath.Dir(s.paths.DB), t.TempDir()+"/away") },
	"database replaced":  func(t *testing.T, s *Store, _ *Run) { swap(t, s.paths.DB) },
	"lock replaced":      func(t *testing.T, s *Store, _ *Run) { swap(t, s.paths.Lock) },
	"run logs moved":     func(t *testing.T, s *Store, _ *Run) { rename(t, s.paths.Runs, s.paths.Runs+".old") },
	"database made anew": func(t *testing.T, s *Store, _ *Run) { rename(t, used(t, 3), s.paths.DB) },
}

func takeAway(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// swap puts a copy in the file's place.
func swap(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".copy", text, fileMode); err != nil {
		t.Fatal(err)
	}
	rename(t, path+".copy", path)
}

func TestNothingIsAcknowledgedOnceTheStateIsTakenAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // open files can't be taken away there
	}
	for name, take := range whatIsTakenAway {
		t.Run(name, func(t *testing.T) {
			s := open(t, place(t))
			r := start(t, s, 0)
			buy(t, r, testOrder(1), 1)
			if err := r.Begin(t.Context(), intent(r, testOrder(2), 1)); err != nil {
				t.Fatal(err)
			}
			take(t, s, r)
			if err := r.Finish(bought(r, testOrder(2), 1)); !errors.Is(err, ErrMoved) || !errors.Is(err, ErrJournal) {
				t.Errorf("an outcome that nobody finds was acknowledged: %v", err)
			}
			if err := r.Begin(t.Context(), intent(r, testOrder(3), 1)); !errors.Is(err, ErrMoved) {
				t.Errorf("a call may be made: %v", err)
			}
		})
	}
}

// Two processes that both found a fresh place, because somebody deleted the lock between them, must not both begin.
func TestAStateThatBeganMeanwhileIsNotOverwritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	path := place(t)
	waits := open(t, path) // as at its question
	takeAway(t, waits.paths.Lock)
	other := open(t, path)
	r := start(t, other, 0)
	buy(t, r, testOrder(1), 1)

	info := RunInfo{ID: NewRunID(testTime), Started: testTime}
	if _, err := waits.StartRun(t.Context(), info); !errors.Is(err, ErrMoved) {
		t.Fatalf("a second state began in the same place: %v", err)
	}
	if err := createDB(path, head{Lineage: "second"}); !errors.Is(err, ErrMoved) {
		t.Errorf("a database was overwritten: %v", err)
	}
	if err := waits.Close(); !errors.Is(err, ErrMoved) {
		t.Errorf("the lock was let go without a word: %v", err)
	}
	if h := readHolder(other.paths.Lock); h.Run != r.ID() {
		t.Errorf("the lock file names %+v as its holder", h)
	}
	buy(t, r, testOrder(2), 1)
	closeAll(t, r, other)
	if got := read(t, path); len(got.Records) != 2 {
		t.Errorf("%d of 2 records are left", len(got.Records))
	}
}

// What was put in a state's place while its operator thought about the plan must not be passed over.
func TestNoRunStartsOnceTheStateIsTakenAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	for name, take := range map[string]func(Paths){
		"database replaced": func(p Paths) { swap(t, p.DB) },
		"lock deleted":      func(p Paths) { takeAway(t, p.Lock) },
	} {
		path := used(t, 1)
		s := open(t, path)
		serial := s.Snapshot().Serial
		take(s.paths)
		if _, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(testTime), Started: testTime}); !errors.Is(err, ErrMoved) {
			t.Errorf("%s: a run started: %v", name, err)
		}
		if got := s.Snapshot().Serial; got != serial {
			t.Errorf("%s: serial %d after %d", name, got, serial)
		}
	}
}

// A name that is not durable can vanish in a power cut, and the purchases below it.
func TestEveryNewNameIsMadeDurable(t *testing.T) {
	path := place(t)
	paths := PathsOf(path)
	var synced []string
	syncDir = func(dir string) error {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			synced = append(synced, filepath.Join(dir, e.Name()))
		}
		return nil
	}
	t.Cleanup(func() { syncDir = fsyncDir })

	s := open(t, path)
	r := start(t, s, 0)
	for _, name := range []string{filepath.Dir(path), path, paths.Runs, paths.RunLog(r.ID())} {
		if !slices.Contains(synced, name) {
			t.Errorf("the name %s was not made durable before the first intent", name)
		}
	}
	closeAll(t, r, s)

	// Whoever made the directory may have died before it was durable.
	takeAway(t, filepath.Dir(path))
	if err := os.Mkdir(filepath.Dir(path), dirMode); err != nil {
		t.Fatal(err)
	}
	synced = nil
	open(t, path)
	if !slices.Contains(synced, filepath.Dir(path)) {
		t.Error("a directory that was there before is not made durable")
	}

	failing := errors.New("no fsync")
	for _, at := range []string{filepath.Dir(filepath.Dir(path)), filepath.Dir(path), paths.Runs} {
		takeAway(t, filepath.Dir(path))
		syncDir = func(dir string) error {
			if dir == at {
				return failing
			}
			return nil
		}
		s, err := Open(t.Context(), path, Owner{}, 0)
		if err == nil {
			_ = s.Bind(testBinding)
			_, err = s.StartRun(t.Context(), RunInfo{ID: NewRunID(testTime), Started: testTime})
			_ = s.Close()
		}
		if !errors.Is(err, failing) {
			t.Errorf("a run began though %s could not be synced: %v", at, err)
		}
	}
}
