package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A pastRun is a run that a test's state had.
type pastRun struct {
	command string
	summary RunSummary
	notes   []Note
	killed  bool // its program died in it
	// What it does instead of buying an order:
	doubts  bool // it leaves it in doubt
	finds   bool // it finds that bought which the run before left in doubt
	refutes bool // it records as not bought what the run before left in doubt
}

// livedThrough returns the path of a state that had the runs, and their ids.
func livedThrough(t *testing.T, runs ...pastRun) (path string, ids []string) {
	t.Helper()
	path = place(t)
	for i, past := range runs {
		ids = append(ids, liveThrough(t, path, i, past))
	}
	return path, ids
}

// liveThrough lets the state have one run more, the ith, and returns its id.
func liveThrough(t *testing.T, path string, i int, past pastRun) string {
	t.Helper()
	s := open(t, path)
	at := testTime.Add(time.Duration(i) * time.Minute)
	r, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(at), PlanID: fmt.Sprint("plan-", i), Command: past.command, Started: at})
	if err != nil {
		t.Fatal(err)
	}
	unsynced(s, r)
	for _, n := range past.notes {
		r.Note(n)
	}
	past.call(t, r, i)
	if !past.killed {
		past.summary.Ended = at.Add(time.Second)
		if err := r.Close(past.summary); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return r.ID()
}

// call does what the run does to an order.
func (p pastRun) call(t *testing.T, r *Run, i int) {
	t.Helper()
	var err error
	switch before := testOrder(i - 1); {
	case p.doubts:
		err = errors.Join(r.Begin(t.Context(), intent(r, testOrder(i), 1)), r.Finish(failed(r, testOrder(i), 1, order.ClassInDoubt)))
	case p.finds:
		err = r.Finish(bought(r, before, 1))
	case p.refutes:
		err = r.Finish(failed(r, before, 1, order.ClassResolved))
	default:
		buy(t, r, testOrder(i), 1)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ended are waves with their ends; those that are bad have been baked.
func ended(waves ...string) RunSummary {
	s := RunSummary{Bought: 1}
	for i := 0; i < len(waves); i += 2 {
		s.Waves = append(s.Waves, WaveSummary{waves[i], waves[i+1], waves[i+1] == endBad})
	}
	return s
}

var finished = RunSummary{Bought: 1, Finished: true, Waves: []WaveSummary{{Name: "canary", End: endGood}, {Name: "rest", End: endGood}}}

// allButDoubts would be finished if all had been bought.
var allButDoubts = RunSummary{InDoubt: 1, AllButDoubts: true, Waves: []WaveSummary{{Name: "canary", End: endGood}}}

func waveNote(kind, wave, end string) Note {
	return Note{Kind: kind, At: testTime, Wave: wave, End: end}
}

// campaigns are histories and which of their runs, by number, and which waves make up the campaign that is under way.
var campaigns = map[string]struct {
	runs  []pastRun
	count []int
	ended []string
}{
	"one that went on": {
		runs:  []pastRun{{command: "apply", summary: finished}, {command: "apply", summary: ended("canary", endGood, "rest", "unapproved")}},
		count: []int{1}, ended: []string{"canary"},
	},
	"none after a finished one": {
		runs: []pastRun{{command: "apply", summary: ended("canary", endBad)}, {command: "apply", summary: finished}},
	},
	"waves that did not begin end no more": {
		runs: []pastRun{
			{command: "apply", summary: ended("canary", endGood)},
			{command: "apply", summary: ended("canary", "not_begun", "rest", endBad)},
		},
		count: []int{0, 1}, ended: []string{"canary", "rest"},
	},
	"a wave that was taken up again and cut short has not ended": {
		runs: []pastRun{
			{command: "apply", summary: ended("canary", endBad)},
			{command: "apply", summary: ended("canary", endCutShort)},
		},
		count: []int{0, 1},
	},
	"what was found out later is part of it": {
		runs: []pastRun{
			{command: "apply", summary: ended("canary", endGood)}, {command: "reconcile"}, {command: "import"}, {command: "resolve"}, {command: "rebind"},
		},
		count: []int{0, 1, 3}, ended: []string{"canary"},
	},
	"none begins by finding something out": {
		runs:  []pastRun{{command: "apply", summary: finished}, {command: "reconcile"}, {command: "import"}, {command: "apply"}, {command: "reconcile"}},
		count: []int{3, 4},
	},
	"one that left nothing but a doubt goes on": {
		runs:  []pastRun{{command: "apply", doubts: true, summary: allButDoubts}},
		count: []int{0}, ended: []string{"canary"},
	},
	"one that left nothing but a doubt ends as that was bought": {
		runs: []pastRun{{command: "apply", doubts: true, summary: allButDoubts}, {command: "reconcile", finds: true}},
	},
	"one that left nothing but a doubt goes on as that was not bought": {
		runs:  []pastRun{{command: "apply", doubts: true, summary: allButDoubts}, {command: "resolve", refutes: true}},
		count: []int{0, 1}, ended: []string{"canary"},
	},
	"the one after one that ended as its doubts were bought": {
		runs: []pastRun{
			{command: "apply", doubts: true, summary: allButDoubts}, {command: "reconcile", finds: true}, {command: "apply", summary: ended("rest", endGood)},
		},
		count: []int{2}, ended: []string{"rest"},
	},
	"one whose last apply left more than doubts": {
		runs: []pastRun{
			{command: "apply", doubts: true, summary: allButDoubts}, {command: "apply", summary: ended("rest", endGood)}, {command: "apply"},
		},
		count: []int{0, 1, 2}, ended: []string{"canary", "rest"},
	},
	"a wave that was bad before it could be baked is owed its bake": {
		runs: []pastRun{{command: "apply", summary: RunSummary{Bought: 1, Waves: []WaveSummary{
			{Name: "canary", End: endGood}, {Name: "rest", End: endBad},
		}}}},
		count: []int{0}, ended: []string{"canary"},
	},
	"a run that was killed after waves that were bad": {
		runs: []pastRun{{command: "apply", killed: true, notes: []Note{
			waveNote(NoteWaveStarted, "canary", ""), waveNote(NoteBaking, "canary", ""), waveNote(NoteWaveEnded, "canary", endBad),
			waveNote(NoteWaveStarted, "rest", ""), waveNote(NoteWaveEnded, "rest", endBad),
		}}},
		count: []int{0}, ended: []string{"canary"},
	},
	"a run that was killed in a wave that ended before": {
		runs: []pastRun{
			{command: "apply", summary: ended("canary", endBad)},
			{command: "apply", killed: true, notes: []Note{waveNote(NoteWaveStarted, "canary", "")}},
		},
		count: []int{0, 1},
	},
	"a run that was killed": {
		runs: []pastRun{{command: "apply", killed: true, notes: []Note{
			waveNote(NoteWaveStarted, "canary", ""), waveNote(NoteWaveEnded, "canary", endGood), waveNote(NoteWaveStarted, "rest", ""),
		}}},
		count: []int{0}, ended: []string{"canary"},
	},
}

// The campaign that is under way is the same however the state is come by: read, opened, with its last run closed for it,
// rebuilt from its logs, put back from a copy, and from logs that began anew after all were lost.
func TestACampaignIsKept(t *testing.T) {
	ways := map[string]func(t *testing.T, path string){
		"read":    func(*testing.T, string) {},
		"settled": func(t *testing.T, path string) { closeStore(t, open(t, path)) },
		"rebuilt": func(t *testing.T, path string) {
			closeStore(t, open(t, path))
			takeAway(t, path)
			mustRestore(t, path, "")
		},
		"put back": func(t *testing.T, path string) {
			kept, err := Backup(path, filepath.Join(t.TempDir(), "kept.db"), testTime)
			if err != nil {
				t.Fatal(err)
			}
			takeAway(t, path)
			mustRestore(t, path, kept)
		},
		"without its logs": func(t *testing.T, path string) {
			closeStore(t, open(t, path))
			takeAway(t, PathsOf(path).Runs)
			liveThrough(t, path, 9, pastRun{command: "rebind"})
			takeAway(t, path)
			mustRestore(t, path, "")
			if _, used := read(t, path).UsedPlan("plan-0"); !used {
				t.Error("that a plan was used is forgotten")
			}
		},
	}
	for name, c := range campaigns {
		for way, lead := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				path, ids := livedThrough(t, c.runs...)
				lead(t, path)
				var want []string
				for _, i := range c.count {
					want = append(want, ids[i])
				}
				runs, ended := read(t, path).Campaign()
				if diff := cmp.Diff(want, runs); diff != "" {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.ended, ended); diff != "" {
					t.Errorf("ended waves (-want +got):\n%s", diff)
				}
				sound(t, path)
			})
		}
	}
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustRestore(t *testing.T, path, source string) {
	t.Helper()
	if _, _, err := restore(t, path, source); err != nil {
		t.Fatal(err)
	}
}

// A run whose program died is summed up from its log, and ended when it last wrote.
func TestARunThatDiedIsSummedUp(t *testing.T) {
	path := place(t)
	s := open(t, path)
	by := s.Holder().Who()
	r := start(t, s, 0)
	buy(t, r, testOrder(0), 1)
	for i, class := range []order.Class{order.ClassRejected, order.ClassThrottled, order.ClassInDoubt} {
		o := testOrder(i + 1)
		if err := r.Begin(t.Context(), intent(r, o, 1)); err != nil {
			t.Fatal(err)
		}
		out := failed(r, o, 1, class)
		out.Took = time.Duration(i+1) * time.Second
		if err := r.Finish(out); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Begin(t.Context(), intent(r, testOrder(4), 1)); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	got := read(t, path).Runs()
	want := []RunRecord{{
		RunInfo: RunInfo{ID: r.ID(), Command: "apply", By: by, Parallelism: 64, Started: testTime},
		Summary: &RunSummary{
			Ended: testTime.Add(time.Minute), Interrupted: true, Died: true, Bought: 1, Instances: 2, Failed: 1, InDoubt: 2, Skipped: 1,
			Latency: 2 * time.Second,
		},
	}}
	want[0].Summary.Ended = got[0].Summary.Ended // of the last line, whatever its order
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e := got[0].Summary.Ended; e.Before(testTime) || e.After(testTime.Add(time.Minute)) {
		t.Errorf("it ended at %v, which is no moment of its log", e)
	}
}

// While a run is under way the logs tell of all runs.
func TestRunsAreListedWhileOneIsUnderWay(t *testing.T) {
	path, _ := livedThrough(t, pastRun{command: "apply", summary: finished}, pastRun{command: "import", summary: ended()})
	want := read(t, path).Runs()
	s := open(t, path)
	r := start(t, s, 2)
	buy(t, r, testOrder(5), 1)
	got, err := ReadRuns(path)
	if err != nil || len(got) != 3 || got[2].ID != r.ID() || got[2].Summary != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if diff := cmp.Diff(want, got[:2]); diff != "" {
		t.Errorf("(-read before +while one is under way):\n%s", diff)
	}
	closeAll(t, r, s)
	if got, err = ReadRuns(path); err != nil || len(got) != 3 || got[2].Summary == nil {
		t.Errorf("%v: %+v", err, got)
	}
}

// Runs of before version 4 knew no waves: what they bought is no campaign's.
func TestRunsOfEarlierVersionsAreInNoCampaign(t *testing.T) {
	path, ids := livedThrough(t, pastRun{command: "apply", summary: ended("canary", endGood)}, pastRun{command: "apply", summary: ended("canary", endGood)})
	old, _ := json.Marshal(map[string]any{
		"run": ids[0], "plan_id": "p", "command": "apply", "parallelism": 8, "started": testTime,
		"summary": map[string]any{"ended": testTime.Add(time.Second), "bought": 1, "instances": 2, "failed": 1, "in_doubt": 0, "skipped": 0},
	})
	sealed, _ := seal(old)
	rewrite(t, path, func(tx *bolt.Tx) error { return tx.Bucket(bucketRuns).Put([]byte(ids[0]), sealed) })
	s := read(t, path)
	if runs, _ := s.Campaign(); !cmp.Equal(runs, ids[1:]) {
		t.Errorf("the campaign is of %v, want %v", runs, ids[1:])
	}
	want := RunRecord{
		RunInfo: RunInfo{ID: ids[0], PlanID: "p", Command: "apply", Parallelism: 8, Started: testTime},
		Summary: &RunSummary{Ended: testTime.Add(time.Second), Bought: 1, Instances: 2, Failed: 1},
	}
	if diff := cmp.Diff(want, s.Runs()[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
