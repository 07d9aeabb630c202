package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// moment is both files as they are after one entry, and the records then.
type moment struct {
	db, log []byte
	records []order.Record
}

// moments returns what the disk holds after every entry of a run that buys three orders, one of them after a
// failure, and leaves one in doubt; it moves a purchase and the doubt, and removes a purchase. An earlier run bought the first order already; the directory earlierLogs has its log.
func moments(t *testing.T) (earlierLogs, run string, all []moment) {
	t.Helper()
	path := place(t)
	s := open(t, path)
	earlier := start(t, s, 0)
	buy(t, earlier, testOrder(0), 1)
	if err := earlier.Close(RunSummary{Ended: testTime}); err != nil {
		t.Fatal(err)
	}
	earlierLogs = t.TempDir()
	if err := os.CopyFS(earlierLogs, os.DirFS(s.paths.Runs)); err != nil {
		t.Fatal(err)
	}
	r := start(t, s, 1)
	look := func() {
		db, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		log, err := os.ReadFile(s.paths.RunLog(r.ID()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, moment{db, log, s.Snapshot().Records})
	}
	begin := func(i, attempt int) {
		if err := r.Begin(t.Context(), intent(r, testOrder(i), attempt)); err != nil {
			t.Fatal(err)
		}
		look()
	}
	finish := func(o order.Outcome) {
		if err := r.Finish(o); err != nil {
			t.Fatal(err)
		}
		look()
	}
	look()
	begin(0, 2)
	begin(1, 1)
	finish(bought(r, testOrder(0), 2))
	finish(failed(r, testOrder(1), 1, order.ClassThrottled))
	begin(1, 2)
	begin(2, 1)
	finish(bought(r, testOrder(1), 2))
	finish(failed(r, testOrder(2), 1, order.ClassInDoubt))
	for _, m := range [][2]int{{0, 3}, {2, 4}, {3, 0}} {
		if err := r.Move(order.Move{From: testOrder(m[0]).Address, To: testOrder(m[1]).Address}, testTime); err != nil {
			t.Fatal(err)
		}
		look()
	}
	if err := r.Remove(testOrder(1).Address, nil, testTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	look()
	return earlierLogs, r.ID(), all
}

// TestAnyCrashIsSettled opens every pair of database and log that a crash can leave: each file as it was at any
// moment, a log that is behind also with a part of its next line. Nothing that either of them held may be missing then.
func TestAnyCrashIsSettled(t *testing.T) {
	earlierLogs, run, all := moments(t)
	for i := range all {
		for j := range all {
			t.Run(fmt.Sprintf("database %d log %d", i, j), func(t *testing.T) {
				log := bytes.Clone(all[j].log)
				if j <= i && j+1 < len(all) {
					log = append(log, all[j+1].log[len(log):len(all[j+1].log)-20]...)
				}
				checkSettled(t, earlierLogs, run, all[i].db, log, all[max(i, j)].records, max(0, j-i))
			})
		}
	}
}

func checkSettled(t *testing.T, earlierLogs, run string, db, log []byte, want []order.Record, recovered int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crashed.db")
	paths := PathsOf(path)
	if err := os.CopyFS(paths.Runs, os.DirFS(earlierLogs)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{path: db, paths.RunLog(run): log} {
		if err := os.WriteFile(name, content, fileMode); err != nil {
			t.Fatal(err)
		}
	}
	before := read(t, path)
	s := open(t, path)
	opened := s.Snapshot()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	after := read(t, path)
	sound(t, path)

	if before.Recovered != recovered || opened.Recovered != recovered || after.Recovered != 0 {
		t.Errorf("recovered %d, then %d, then %d, want %d twice and 0",
			before.Recovered, opened.Recovered, after.Recovered, recovered)
	}
	if before.Serial != opened.Serial || opened.Serial != after.Serial {
		t.Errorf("serials: read %d, opened %d, read again %d", before.Serial, opened.Serial, after.Serial)
	}
	for name, got := range map[string]Snapshot{"opened": opened, "again": after} {
		if diff := cmp.Diff(before.Runs(), got.Runs()); diff != "" {
			t.Errorf("%s, the runs are others than those that were read (-read +%s):\n%s", name, name, diff)
		}
	}
	for name, got := range map[string][]order.Record{"read": before.Records, "opened": opened.Records, "again": after.Records} {
		if diff := cmp.Diff(want, got, sameAddress); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	fold := foldOf(t, paths.RunLog(run))
	var touchedByRun []order.Record
	for _, record := range want {
		if touched(record, run) {
			touchedByRun = append(touchedByRun, record)
		}
	}
	onlyTouched := cmpopts.IgnoreSliceElements(func(r order.Record) bool { return !touched(r, run) })
	if diff := cmp.Diff(touchedByRun, fold.Records, sameAddress, onlyTouched, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the log does not restore the database (-want +got):\n%s", diff)
	}
	if !fold.Ended || fold.Torn {
		t.Errorf("the settled log: ended %t, torn %t", fold.Ended, fold.Torn)
	}
}

func TestALogThatCanNotBeFollowedIsRefused(t *testing.T) {
	tests := map[string]struct {
		spoil func(log []byte) []byte
		want  error
	}{
		"a flipped bit": {func(log []byte) []byte { log[len(log)/2] ^= 1; return log }, ErrDamaged},
		"a later version": {func([]byte) []byte {
			sealed, _ := seal([]byte(`{"seq":1,"type":"run_started","at":"2026-11-23T10:15:00Z","header":{"v":5}}`))
			return append(sealed, '\n')
		}, ErrNewer},
	}
	for name, test := range tests {
		path := place(t)
		s := open(t, path)
		r := start(t, s, 0)
		buy(t, r, testOrder(1), 1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		file := PathsOf(path).RunLog(r.ID())
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		replace(t, file, test.spoil(log))
		_, readErr := Read(path)
		_, openErr := Open(t.Context(), path, Owner{}, 0)
		for _, err := range []error{readErr, openErr} {
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("%s: %v, want %v of %s", name, err, test.want, file)
			}
		}
	}
}

// TestAnOldDatabaseIsBroughtUpToDate puts back a copy of the database that was made in or after the first of three
// runs. The logs restore what it lacks; where one of them is missing too, nothing may be bought.
func TestAnOldDatabaseIsBroughtUpToDate(t *testing.T) {
	for _, inside := range []bool{true, false} {
		t.Run(fmt.Sprint("copied inside the run ", inside), func(t *testing.T) {
			path := place(t)
			var copied []byte
			var logs []string
			for i := range 3 {
				s := open(t, path)
				at := testTime.Add(time.Duration(i) * time.Minute)
				r, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(at), PlanID: fmt.Sprint("plan-", i), Started: at})
				if err != nil {
					t.Fatal(err)
				}
				logs = append(logs, s.paths.RunLog(r.ID()))
				buy(t, r, testOrder(0), i+1)
				if i == 0 && inside {
					copied = readFile(t, path)
				}
				buy(t, r, testOrder(i+1), 1)
				closeAll(t, r, s)
				if i == 0 && !inside {
					copied = readFile(t, path)
				}
			}
			last := read(t, path)
			if err := os.WriteFile(path, copied, fileMode); err != nil {
				t.Fatal(err)
			}
			got := read(t, path)
			if diff := cmp.Diff(last.Records, got.Records, sameAddress); diff != "" {
				t.Errorf("records (-before +restored):\n%s", diff)
			}
			if got.Serial != last.Serial {
				t.Errorf("serial %d, want %d: it is the state that it was", got.Serial, last.Serial)
			}
			for i := range 3 {
				if _, used := got.UsedPlan(fmt.Sprint("plan-", i)); !used {
					t.Errorf("plan-%d may be applied again", i)
				}
			}
			takeAway(t, logs[1])
			if _, err := Read(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "one is missing") {
				t.Errorf("a run whose log is missing is passed over: %v", err)
			}
		})
	}
}

func TestALogUnderAnotherNameIsRefused(t *testing.T) {
	path := used(t, 1)
	logs, err := PathsOf(path).runLogs()
	if err != nil {
		t.Fatal(err)
	}
	copied := PathsOf(path).RunLog(NewRunID(testTime.Add(time.Hour)))
	if err := os.WriteFile(copied, readFile(t, PathsOf(path).RunLog(logs[0])), fileMode); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "it is the log of run "+logs[0]) {
		t.Errorf("Read = %v", err)
	}
}

// Where two copies of a state were used, the log of the one is never taken into the other, whether it shows by the serial
// that the run began at or by the records alone.
func TestTheLogsOfAnotherCopyAreRefused(t *testing.T) {
	path := used(t, 1)
	elsewhere := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(elsewhere, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	run := func(path string, minute, n int) (log string) {
		s := open(t, path)
		r := start(t, s, minute)
		buy(t, r, testOrder(n), 1)
		closeAll(t, r, s)
		return s.paths.RunLog(r.ID())
	}
	run(path, 1, 7)
	other := filepath.Join(elsewhere, filepath.Base(path))
	for want, log := range map[string]string{
		"two copies of the state were used": run(other, 2, 8),
		"does not fit the state":            run(other, 3, 7), // bought there a second time, at the serial that both have
	} {
		here := filepath.Join(PathsOf(path).Runs, filepath.Base(log))
		if err := os.WriteFile(here, readFile(t, log), fileMode); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want: %s", err, want)
		}
		takeAway(t, here)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestARunWithoutItsLogIsSettled(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	buy(t, r, testOrder(1), 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(PathsOf(path).RunLog(r.ID())); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	r = start(t, s, 1)
	buy(t, r, testOrder(2), 1)
	closeAll(t, r, s)
	if got := read(t, path); len(got.Records) != 2 || got.Recovered != 0 {
		t.Errorf("%d records, %d recovered", len(got.Records), got.Recovered)
	}
}
