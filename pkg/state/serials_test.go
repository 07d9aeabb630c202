package state

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inGroups returns the path of a state that two runs left, and their logs. The second bought many orders at once: its log
// has many more lines than the database had commits.
func inGroups(t *testing.T, orders int) (path string, logs []string) {
	t.Helper()
	path = place(t)
	for i := range 2 {
		s := open(t, path)
		r := start(t, s, i)
		var intents, outcomes []ticket
		for n := range orders * i {
			intents = append(intents, ticket{intent: new(intent(r, testOrder(n), 1))})
			outcomes = append(outcomes, ticket{outcome: new(bought(r, testOrder(n), 1))})
		}
		atOnce(t, r, intents)
		atOnce(t, r, outcomes)
		if i > 0 && s.Snapshot().Serial > r.writer.seq/4 {
			t.Fatalf("serial %d after %d lines: there were no groups", s.Snapshot().Serial, r.writer.seq)
		}
		logs = append(logs, s.paths.RunLog(r.ID()))
		closeAll(t, r, s)
	}
	return path, logs
}

// atOnce records tickets in two groups or so: while the first is held, the others gather.
func atOnce(t *testing.T, r *Run, tickets []ticket) {
	t.Helper()
	commit, gate := r.writer.commit, make(chan struct{})
	watchCommit(r, func() error { <-gate; return nil })
	for i := range tickets {
		tickets[i].durable = make(chan error, 1)
		if err := r.submit(t.Context(), tickets[i]); err != nil {
			t.Fatal(err)
		}
	}
	close(gate)
	for _, each := range tickets {
		if err := <-each.durable; err != nil {
			t.Fatal(err)
		}
	}
	r.writer.commit = commit
}

// cutLines takes the last n lines from a log, whole ones: nothing of it is torn.
func cutLines(t *testing.T, path string, n int) {
	t.Helper()
	lines := strings.SplitAfter(string(readFile(t, path)), "\n")
	replace(t, path, []byte(strings.Join(lines[:len(lines)-1-n], "")))
}

// A log whose last commits were cut off is never taken for a whole one, however many lines each of them had: what they tell
// of was bought.
func TestALogWithoutItsLastLinesIsNoticed(t *testing.T) {
	for _, cut := range []int{1, 2, 5, 20, 45, 79, 80} {
		path, logs := inGroups(t, 40)
		cutLines(t, logs[1], cut)
		if v, err := Verify(path); err != nil || len(v.Problems) == 0 {
			t.Errorf("%d lines cut: verified with %v, %v", cut, v.Problems, err)
		}
		takeAway(t, path)
		if _, _, err := restore(t, path, ""); !errors.Is(err, ErrOlder) {
			t.Errorf("%d lines cut: restored from the logs: %v", cut, err)
		}
	}
}

// The log of a run that ended in the middle tells what the state has come to, however its lines were grouped.
func TestARunOfGroupsThatWasKilledIsRestored(t *testing.T) {
	path, _ := inGroups(t, 40)
	s := open(t, path)
	r := start(t, s, 2)
	buy(t, r, testOrder(99), 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := read(t, path)
	takeAway(t, path)
	if _, _, err := restore(t, path, ""); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Records, read(t, path).Records, sameAddress); diff != "" || read(t, path).Serial != want.Serial {
		t.Errorf("serial %d, want %d (-before +restored):\n%s", read(t, path).Serial, want.Serial, diff)
	}
	sound(t, path)
}

// ofVersion1 makes a log as the first version wrote them: its lines say nothing of what was synced, nor of serials.
func ofVersion1(t *testing.T, path string) {
	t.Helper()
	var s scanner
	s.names = make(map[string]string)
	var text []byte
	for line := range strings.Lines(string(readFile(t, path))) {
		l, err := s.decodeLine([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		l.Synced, l.Serial = 0, 0
		if l.Header != nil {
			l.Header.Version = 1
		}
		encoded, err := encodeLine(l)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, encoded...)
	}
	replace(t, path, text)
}

// A state of the first version is sound, goes on, and is restored from its logs, alone or with those of later runs.
func TestLogsOfTheFirstVersion(t *testing.T) {
	path, logs := inGroups(t, 40)
	early := copyOf(t, path)
	for _, log := range logs {
		ofVersion1(t, log)
	}
	sound(t, path)
	s := open(t, path)
	r := start(t, s, 2)
	buy(t, r, testOrder(99), 1)
	closeAll(t, r, s)
	sound(t, path)
	want := read(t, path)
	for what, from := range map[string]string{"the logs": "", "an early copy": early} {
		takeAway(t, path)
		if _, _, err := restore(t, path, from); err != nil {
			t.Fatalf("from %s: %v", what, err)
		}
		if diff := cmp.Diff(want.Records, read(t, path).Records, sameAddress); diff != "" {
			t.Errorf("from %s (-before +restored):\n%s", what, diff)
		}
		sound(t, path)
	}
}

// A log of the first version does not say exactly what it led to. What is more than it can have led to is noticed.
func TestAMissingLogBetweenThoseOfTheFirstVersion(t *testing.T) {
	path, logs := history(t)
	for _, log := range logs {
		ofVersion1(t, log)
	}
	takeAway(t, logs[1])
	takeAway(t, path)
	if _, _, err := restore(t, path, ""); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "one is missing") {
		t.Errorf("restored: %v", err)
	}
}

// The database may be ahead of its run's log, and its serial is the state's then: a plan that was made before would count
// as one of now if it fell back to what the log tells.
func TestTheSerialDoesNotFallBackToTheLogs(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	buy(t, r, testOrder(1), 1)
	buy(t, r, testOrder(2), 1)
	had := s.Snapshot().Serial
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cutLines(t, PathsOf(path).RunLog(r.ID()), 3)
	if got := read(t, path); got.Serial != had+1 || len(got.Records) != 2 { // one for what settles the run
		t.Errorf("serial %d with %d records, was %d", got.Serial, len(got.Records), had)
	}
	sound(t, path)
}

// What is recorded late, as what a rescue file held, was known before its run began. A log that lost it gets it all the same:
// without it the logs would restore a state that holds the order in doubt.
func TestAnOutcomeFromBeforeItsRunIsPutIntoItsLog(t *testing.T) {
	path := place(t)
	s := open(t, path)
	called := start(t, s, 0)
	if err := called.Begin(t.Context(), intent(called, testOrder(1), 1)); err != nil {
		t.Fatal(err)
	}
	outcome := bought(called, testOrder(1), 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	late := start(t, s, 1)
	outcome.Run = late.ID()
	if err := late.Finish(outcome); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cutLines(t, PathsOf(path).RunLog(late.ID()), 1)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	sound(t, path)
	want := read(t, path).Records
	takeAway(t, path)
	if _, _, err := restore(t, path, ""); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read(t, path).Records, sameAddress); diff != "" || want[0].Purchases[0].At != outcome.Purchase.At {
		t.Errorf("(-before +restored):\n%s", diff)
	}
}
