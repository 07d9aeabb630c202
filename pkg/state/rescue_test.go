package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// otherRescue lets states differ in the run that took in what was rescued, and in its time: reading a state makes none.
var otherRescue = cmp.Options{
	cmpopts.IgnoreMapEntries(func(_ string, run diskRun) bool { return run.Command == "rescue" }),
	cmpopts.IgnoreFields(order.Record{}, "UpdatedAt"),
}

// bothFail begins three calls, lets database and run log fail, and finishes them: two are bought, one is not.
func bothFail(t *testing.T, path string) (r *Run, s *Store) {
	t.Helper()
	s = open(t, path)
	r = start(t, s, 0)
	for i := range 3 {
		if err := r.Begin(t.Context(), intent(r, testOrder(i), 1)); err != nil {
			t.Fatal(err)
		}
	}
	watchCommit(r, func() error { return syscall.EIO })
	r.writer.log = watched{logFile: r.writer.log, sync: func() error { return syscall.EIO }}
	return r, s
}

func finishThree(t *testing.T, r *Run) {
	t.Helper()
	for _, o := range []order.Outcome{
		bought(r, testOrder(0), 1), bought(r, testOrder(1), 1), failed(r, testOrder(2), 1, order.ClassRejected),
	} {
		if err := r.Finish(o); !errors.Is(err, ErrJournal) {
			t.Errorf("Finish = %v", err)
		}
	}
	if err := r.Close(RunSummary{Ended: testTime}); !errors.Is(err, ErrJournal) {
		t.Errorf("Close = %v", err)
	}
}

func TestOutcomesThatNeitherFileTakesAreKeptBesideTheState(t *testing.T) {
	path := place(t)
	r, s := bothFail(t, path)
	finishThree(t, r)
	kept, beside := r.Rescued()
	if kept == "" || kept != beside || filepath.Dir(kept) != filepath.Dir(path) {
		t.Fatalf("kept in %q, to be in %q", kept, beside)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if v := sound(t, path); v.Recovered != 3 { // one from the log, where it was written and not synced
		t.Errorf("%d lines to take in", v.Recovered)
	}
	foreseen := read(t, path)
	again := open(t, path)
	if diff := cmp.Diff(foreseen, again.Snapshot(), sameAddress, cmp.AllowUnexported(Snapshot{}), otherRescue); diff != "" {
		t.Errorf("what is read is not what is opened (-read +opened):\n%s", diff)
	}
	records := again.Snapshot().Records
	if len(records) != 3 {
		t.Fatalf("%d records", len(records))
	}
	for i, want := range []order.Status{order.StatusBought, order.StatusBought, order.StatusFailed} {
		if got := records[i]; got.Status() != want {
			t.Errorf("%s is %s, want %s", got.Address, got.Status(), want)
		}
	}
	if p := records[1].Purchases; len(p) != 1 || p[0].BuyID != "buy-00001-1" || p[0].Run != r.ID() {
		t.Errorf("purchases: %+v", p)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	sound(t, path)
}

// Where nothing can be written beside the state, the system's directory for temporary files is the place.
func TestOutcomesThatHaveNoPlaceBesideTheState(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := place(t)
	r, s := bothFail(t, path)
	if err := os.Mkdir(s.paths.rescueFile(r.ID()), dirMode); err != nil { // no file can have that name
		t.Fatal(err)
	}
	finishThree(t, r)
	kept, beside := r.Rescued()
	if filepath.Dir(kept) != os.TempDir() || beside == kept {
		t.Fatalf("kept in %q, to be in %q", kept, beside)
	}
	takeAway(t, beside)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	between := open(t, path) // it is found, whenever it is moved
	if err := between.Close(); err != nil {
		t.Fatal(err)
	}
	rename(t, kept, beside)
	for _, record := range open(t, path).Snapshot().Records {
		if record.Status() == order.StatusInDoubt {
			t.Errorf("%s is in doubt", record.Address)
		}
	}
}

// A run whose files were deleted or moved has its outcomes in a place that is not.
func TestOutcomesOfAStateThatWasTakenAway(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, taken := range map[string]func(p Paths, r *Run){
		"the directory deleted": func(p Paths, _ *Run) { takeAway(t, filepath.Dir(p.DB)) },
		"the run log deleted":   func(p Paths, r *Run) { takeAway(t, p.RunLog(r.ID())) },
	} {
		s := open(t, place(t))
		r := start(t, s, 0)
		if err := r.Begin(t.Context(), intent(r, testOrder(0), 1)); err != nil {
			t.Fatal(err)
		}
		taken(s.paths, r)
		if err := r.Finish(bought(r, testOrder(0), 1)); !errors.Is(err, ErrMoved) {
			t.Errorf("%s: Finish = %v", name, err)
		}
		_ = r.Close(RunSummary{Ended: testTime})
		kept, _ := r.Rescued()
		if text := string(readFile(t, kept)); !strings.Contains(text, `"buy_id":"buy-00000-1"`) {
			t.Errorf("%s: %s holds %s", name, kept, text)
		}
	}
}

func TestARescueFileIsNeverPassedOver(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, path, kept string)
		want  error
	}{
		"a flipped bit": {func(t *testing.T, _, kept string) {
			text := readFile(t, kept)
			text[len(text)/2] ^= 1
			replace(t, kept, text)
		}, ErrDamaged},
		"of another state": {func(t *testing.T, path, kept string) {
			takeAway(t, filepath.Dir(path))
			if err := os.Mkdir(filepath.Dir(path), dirMode); err != nil {
				t.Fatal(err)
			}
			s := open(t, path)
			r := start(t, s, 1)
			closeAll(t, r, s)
		}, ErrDamaged},
		"the state gone": {func(t *testing.T, path, kept string) {
			takeAway(t, path)
			takeAway(t, PathsOf(path).Lock)
			takeAway(t, PathsOf(path).Runs)
		}, ErrLost},
		"the order resolved otherwise": {func(t *testing.T, path, kept string) {
			rename(t, kept, kept+".away")
			s := open(t, path)
			r := start(t, s, 1)
			for _, record := range s.Snapshot().Records {
				if record.Doubt != nil {
					if err := r.Finish(failed(r, record.Order, 1, order.ClassResolved)); err != nil {
						t.Fatal(err)
					}
				}
			}
			closeAll(t, r, s)
			rename(t, kept+".away", kept)
		}, ErrInconsistent},
	}
	for name, test := range tests {
		path := place(t)
		r, s := bothFail(t, path)
		finishThree(t, r)
		kept, _ := r.Rescued()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		text := readFile(t, kept)
		test.spoil(t, path, kept)
		if name == "of another state" {
			replace(t, kept, text)
		}
		if _, err := Open(t.Context(), path, Owner{}, 0); !errors.Is(err, test.want) {
			t.Errorf("%s: Open = %v, want %v", name, err, test.want)
		}
		if _, err := os.Stat(kept); err != nil {
			t.Errorf("%s: the file is gone: %v", name, err)
		}
	}
}

// What a run records of an order for which it made no call, as a reconcile does, begins with the order's record before.
// The room that the log keeps must not make it forget that.
func TestAnAdoptionOnAFullDiskLeavesAReadableLog(t *testing.T) {
	path := place(t)
	s := open(t, path)
	calls := start(t, s, 0)
	if err := calls.Begin(t.Context(), intent(calls, testOrder(0), 1)); err != nil {
		t.Fatal(err)
	}
	closeAll(t, calls, s)
	s = open(t, path)
	r := start(t, s, 1)
	var tries atomic.Int32
	r.writer.log = watched{logFile: r.writer.log, reserve: func() error { tries.Add(1); return syscall.ENOSPC }}
	if err := r.Finish(bought(r, testOrder(0), 1)); !errors.Is(err, syscall.ENOSPC) || tries.Load() != 1 {
		t.Errorf("Finish = %v after %d tries", err, tries.Load())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := open(t, path).Snapshot().Records; len(got) != 1 || got[0].Status() != order.StatusBought {
		t.Errorf("records: %+v", got)
	}
}
