package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// goOn lets a run buy the nth order, and returns its log.
func goOn(t *testing.T, path string, n int) string {
	t.Helper()
	s := open(t, path)
	r := start(t, s, n)
	unsynced(s, r)
	buy(t, r, testOrder(n+1), 1)
	log := s.paths.RunLog(r.ID())
	closeAll(t, r, s)
	return log
}

// rebuilds fails the test unless the run logs alone tell all that the database does.
func rebuilds(t *testing.T, path string) {
	t.Helper()
	want := read(t, path)
	takeAway(t, path)
	if _, _, err := restore(t, path, ""); err != nil {
		t.Fatalf("the run logs don't rebuild the database: %v", err)
	}
	if diff := cmp.Diff(want, read(t, path), sameAddress, cmp.AllowUnexported(Snapshot{}), otherFile); diff != "" {
		t.Errorf("the run logs tell something else (-database +logs):\n%s", diff)
	}
	sound(t, path)
}

// losses of run logs, after which those that are left can't rebuild the database.
var lostLogs = map[string]func(t *testing.T, path string, logs []string){
	"the first":         func(t *testing.T, _ string, logs []string) { takeAway(t, logs[0]) },
	"one in the middle": func(t *testing.T, _ string, logs []string) { takeAway(t, logs[1]) },
	"the last":          func(t *testing.T, _ string, logs []string) { takeAway(t, logs[2]) },
	"two":               func(t *testing.T, _ string, logs []string) { takeAway(t, logs[0]); takeAway(t, logs[2]) },
	"an emptied one":    func(t *testing.T, _ string, logs []string) { replace(t, logs[1], nil) },
	"all":               func(t *testing.T, path string, _ []string) { takeAway(t, PathsOf(path).Runs) },
}

// Where a log is gone the next run's log begins anew. The state is sound from then on, its logs can rebuild it, and later
// logs are like any other.
func TestALogBeginsAnewWhereOneIsGone(t *testing.T) {
	for name, lose := range lostLogs {
		t.Run(name, func(t *testing.T) {
			path, logs := history(t)
			lose(t, path, logs)
			if v, err := Verify(path); err != nil || len(v.Problems) == 0 {
				t.Fatalf("the loss is not noticed: %v", err)
			}
			anew := goOn(t, path, 3)
			sound(t, path)
			rebuilds(t, path)
			later := goOn(t, path, 4)
			sound(t, path)
			rebuilds(t, path)
			if n := bytes.Count(readFile(t, anew), []byte(`"type":"record"`)); n != 4 {
				t.Errorf("the log begins with %d records, want 4", n)
			}
			if bytes.Contains(readFile(t, later), []byte(`"type":"record"`)) {
				t.Error("the next one begins anew too")
			}
		})
	}
}

// What is found again of the lost logs does no harm.
func TestALostLogThatComesBackIsHistory(t *testing.T) {
	path, logs := history(t)
	rename(t, logs[1], logs[1]+".kept")
	goOn(t, path, 3)
	rename(t, logs[1]+".kept", logs[1])
	sound(t, path)
	rebuilds(t, path)
	goOn(t, path, 4)
	rebuilds(t, path)
}

// The records that a log begins with are no commit of its run: to count them would hide that its end was cut off.
func TestALogThatBeginsAnewCountsItsCommits(t *testing.T) {
	path, logs := history(t)
	takeAway(t, logs[1])
	s := open(t, path)
	r := start(t, s, 3)
	if err := r.Begin(t.Context(), intent(r, testOrder(7), 1)); err != nil {
		t.Fatal(err)
	}
	log, err := readLog(s.paths.RunLog(r.ID()))
	if want := exactly(s.Snapshot().Serial); err != nil || log.serials != want {
		t.Errorf("%v: the log leads to serial %v, the state is at %v", err, log.serials, want)
	}
}

// An order in doubt stays so in a log that begins anew, and its run is closed.
func TestADoubtIsCarriedIntoALogThatBeginsAnew(t *testing.T) {
	path, logs := history(t)
	s := open(t, path)
	r := start(t, s, 3)
	if err := r.Begin(t.Context(), intent(r, testOrder(7), 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	takeAway(t, logs[0])
	takeAway(t, PathsOf(path).RunLog(r.ID()))
	goOn(t, path, 4)
	sound(t, path)
	rebuilds(t, path)
	inDoubt := func(r order.Record) bool {
		return r.Address == testOrder(7).Address && r.Status() == order.StatusInDoubt
	}
	if !slices.ContainsFunc(read(t, path).Records, inDoubt) {
		t.Error("it is not in doubt any more")
	}
}

// So is one that breaks off, of a run that the database has closed without it.
func TestAnUnfinishedLogThatComesBackIsHistory(t *testing.T) {
	path, _ := history(t)
	s := open(t, path)
	r := start(t, s, 3)
	if err := r.Begin(t.Context(), intent(r, testOrder(7), 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	log := s.paths.RunLog(r.ID())
	rename(t, log, log+".kept")
	goOn(t, path, 4)
	rename(t, log+".kept", log)
	rebuilds(t, path)
}

// dyingAnew returns the files of a state whose run died before the database knew of it, the log that it began anew, and the
// one that was lost, under another name.
func dyingAnew(t *testing.T) (path string, before map[string][]byte, log, lost string) {
	t.Helper()
	path, logs := history(t)
	lost = logs[1]
	rename(t, lost, lost+".kept")
	p := PathsOf(path)
	before = map[string][]byte{p.DB: readFile(t, p.DB), p.Lock: readFile(t, p.Lock)}
	s := open(t, path)
	r := start(t, s, 3)
	log = p.RunLog(r.ID())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, before, log, lost
}

// unbegun is what a power cut may leave of a log that begins anew, but for the whole.
func unbegun(text []byte) map[string][]byte {
	header := bytes.IndexByte(text, '\n') + 1
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	hole := bytes.Clone(text) // a part of the first record did not reach the disk, and what follows did
	clear(hole[header+20 : header+60])
	return map[string][]byte{
		"the header": text[:header], "half a record": text[:header+40], "all but the last": text[:last],
		"all but its end": text[:len(text)-1], "a hole": hole,
	}
}

// Whoever dies while a log begins anew, or loses power, leaves a state that is as it was: such a log counts as soon as it
// is whole, and never before.
func TestALogThatHasNotBegunIsNone(t *testing.T) {
	path, before, log, _ := dyingAnew(t)
	text := readFile(t, log)
	parts := unbegun(text)
	parts["all"] = text
	for name, part := range parts {
		replaceAll(t, before)
		replace(t, log, part)
		want := read(t, path).Records
		s := open(t, path)
		if n := s.Snapshot().Recovered; n != 0 {
			t.Errorf("%s: %d lines are taken in", name, n)
		}
		if diff := cmp.Diff(want, s.Snapshot().Records, sameAddress); diff != "" {
			t.Errorf("%s (-before +opened):\n%s", name, diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(log); (err == nil) != (name == "all") {
			t.Errorf("%s: the log is there or not: %v", name, err)
		}
		next := goOn(t, path, 4)
		rebuilds(t, path)
		takeAway(t, next)
		takeAway(t, log)
	}
}

// Nor does it stand for the logs before it: they rebuild the database with the lost one, and without it nothing does.
func TestALogThatHasNotBegunMakesNoOtherNeedless(t *testing.T) {
	path, before, log, lost := dyingAnew(t)
	for name, part := range unbegun(readFile(t, log)) {
		replaceAll(t, before)
		replace(t, log, part)
		if _, _, err := restore(t, path, ""); err == nil {
			t.Errorf("%s: the logs rebuild a state without the lost one", name)
		}
		rename(t, lost+".kept", lost)
		rebuilds(t, path)
		rename(t, lost, lost+".kept")
	}
}

func replaceAll(t *testing.T, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		replace(t, name, content)
	}
}

// Records that a log begins with and that the database knows otherwise are not taken for what is known.
func TestALogThatBeginsWithOtherRecordsIsRefused(t *testing.T) {
	path, before, log, _ := dyingAnew(t)
	text := readFile(t, log)
	replaceAll(t, before)
	alter(t, path, func(r *order.Record) { r.Purchases[0].RequestID = "req-other" })
	replace(t, log, text)
	if _, err := Open(t.Context(), path, Owner{}, 0); !errors.Is(err, ErrDamaged) {
		t.Errorf("%s: %v", filepath.Base(log), err)
	}
}

// A log of another state among those of before is refused as everywhere.
func TestHistoryIsOfTheState(t *testing.T) {
	path, logs := history(t)
	takeAway(t, logs[1])
	goOn(t, path, 3)
	_, foreign := history(t)
	replace(t, filepath.Join(PathsOf(path).Runs, filepath.Base(foreign[0])), readFile(t, foreign[0]))
	v, err := Verify(path)
	if err != nil || len(v.Problems) == 0 || !errors.Is(v.Problems[0], ErrDamaged) {
		t.Errorf("%v: %v", err, v.Problems)
	}
	takeAway(t, path)
	if _, _, err := restore(t, path, ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("it is taken into the state: %v", err)
	}
}
