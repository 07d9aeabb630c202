package state

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// watched is a run log that tests can hold up or let fail.
type watched struct {
	logFile
	write, sync func() error // called before the real thing; an error takes its place
	reserve     func() error
}

func (w watched) Reserve(n int) error {
	if w.reserve != nil {
		if err := w.reserve(); err != nil {
			return err
		}
	}
	return w.logFile.Reserve(n)
}

func (w watched) Write(p []byte) (int, error) {
	if w.write != nil {
		if err := w.write(); err != nil {
			return 0, err
		}
	}
	return w.logFile.Write(p)
}

func (w watched) Sync() error {
	if w.sync != nil {
		if err := w.sync(); err != nil {
			return err
		}
	}
	return w.logFile.Sync()
}

// watchCommit calls f before each commit of the run; an error takes its place.
func watchCommit(r *Run, f func() error) {
	commit := r.writer.commit
	r.writer.commit = func(h head, records []stored, also func(*bolt.Tx) error) error {
		if err := f(); err != nil {
			return err
		}
		return commit(h, records, also)
	}
}

func TestNothingIsAcknowledgedBeforeBothFilesAreDurable(t *testing.T) {
	for _, held := range []string{"run log", "database"} {
		t.Run(held, func(t *testing.T) {
			path := place(t)
			synctest.Test(t, func(t *testing.T) {
				s := open(t, path)
				r := start(t, s, 0)
				gate := make(chan struct{})
				wait := func() error { <-gate; return nil }
				if held == "run log" {
					r.writer.log = watched{logFile: r.writer.log, sync: wait}
				} else {
					watchCommit(r, wait)
				}
				for _, step := range []func() error{
					func() error { return r.Begin(t.Context(), intent(r, testOrder(1), 1)) },
					func() error { return r.Finish(bought(r, testOrder(1), 1)) },
				} {
					answered := make(chan error, 1)
					go func() { answered <- step() }()
					synctest.Wait()
					select {
					case err := <-answered:
						t.Fatalf("answered %v before the %s was durable", err, held)
					default:
					}
					gate <- struct{}{}
					if err := <-answered; err != nil {
						t.Fatal(err)
					}
				}
				close(gate)
				closeAll(t, r, s)
			})
		})
	}
}

func TestWaitingEntriesAreCommittedTogether(t *testing.T) {
	const callers = 64
	path := place(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		r := start(t, s, 0)
		gate := make(chan struct{})
		var commits atomic.Int32
		watchCommit(r, func() error { commits.Add(1); <-gate; return nil })
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				if err := r.Begin(context.Background(), intent(r, testOrder(i), 1)); err != nil {
					t.Error(err)
				}
			})
		}
		// The first group is whatever came first; all others gather while it is held.
		synctest.Wait()
		if held := s.Snapshot(); len(held.Records) != 0 || held.Serial != 1 {
			t.Errorf("the snapshot holds %d records that are not durable, serial %d", len(held.Records), held.Serial)
		}
		close(gate)
		wg.Wait()
		serial := s.Snapshot().Serial
		if n := int(commits.Load()); n > 3 || serial != uint64(1+n) {
			t.Errorf("%d intents took %d commits, serial %d", callers, n, serial)
		}
		closeAll(t, r, s)
	})
}

// Two intents of one order must not pass because they are made durable at once.
func TestAGroupHoldsOneIntentOfAnOrder(t *testing.T) {
	s := open(t, place(t))
	r := start(t, s, 0)
	w := r.writer
	tickets := make([]ticket, 3)
	for i := range tickets {
		tickets[i] = ticket{intent: new(intent(r, testOrder(1), i/2+1)), durable: make(chan error, 1)}
	}
	w.write(tickets)
	for i, refused := range []bool{false, true, true} {
		if err := <-tickets[i].durable; (err != nil) != refused {
			t.Errorf("intent %d of a group: %v", i, err)
		}
	}
	if got := s.Snapshot().Records; len(got) != 1 || got[0].Attempt != 1 {
		t.Errorf("records: %+v", got)
	}
	closeAll(t, r, s)
}

func TestNoRunStartsAfterItsContextEnded(t *testing.T) {
	path := place(t)
	s := open(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	info := RunInfo{ID: NewRunID(testTime), PlanID: "plan-1", Started: testTime}
	if _, err := s.StartRun(ctx, info); !errors.Is(err, context.Canceled) {
		t.Errorf("StartRun = %v", err)
	}
	if _, used := s.Snapshot().UsedPlan("plan-1"); used {
		t.Error("the plan counts as applied")
	}
}

func TestAnOutcomeOfAnotherRunIsRefused(t *testing.T) {
	s := open(t, place(t))
	r := start(t, s, 0)
	if err := r.Begin(t.Context(), intent(r, testOrder(1), 1)); err != nil {
		t.Fatal(err)
	}
	o := bought(r, testOrder(1), 1)
	o.Run = NewRunID(testTime.Add(time.Hour))
	if err := r.Finish(o); err == nil {
		t.Error("it was taken")
	}
	if got := s.Snapshot().Records; len(got) != 1 || got[0].Status() != order.StatusInDoubt {
		t.Errorf("records: %+v", got)
	}
	closeAll(t, r, s)
}

// A process that died while it made the database leaves a part of it under another name.
func TestALeftoverOfADatabaseIsNoHindrance(t *testing.T) {
	path := place(t)
	s := open(t, path)
	if err := createDB(path, head{Lineage: "died"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".new"); err != nil {
		t.Fatal(err)
	}
	r := start(t, s, 0)
	buy(t, r, testOrder(1), 1)
	closeAll(t, r, s)
	if got := read(t, path); got.Lineage != r.Lineage() || len(got.Records) != 1 {
		t.Errorf("lineage %q, %d records", got.Lineage, len(got.Records))
	}
}

func TestTheDatabaseSyncs(t *testing.T) {
	s := open(t, place(t))
	start(t, s, 0)
	if s.db.NoSync || s.db.NoGrowSync || s.db.NoFreelistSync {
		t.Error("a commit is not durable when it returns")
	}
}

func TestBeginRefuses(t *testing.T) {
	s := open(t, place(t))
	r := start(t, s, 0)
	buy(t, r, testOrder(1), 1)
	if err := r.Begin(t.Context(), intent(r, testOrder(2), 1)); err != nil {
		t.Fatal(err)
	}
	serial := s.Snapshot().Serial
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	stranger := intent(r, testOrder(3), 1)
	stranger.Run = NewRunID(testTime)
	tests := map[string]struct {
		ctx    context.Context
		intent order.Intent
	}{
		"a cancelled context":      {cancelled, intent(r, testOrder(3), 1)},
		"an attempt that was":      {t.Context(), intent(r, testOrder(1), 1)},
		"an order in doubt":        {t.Context(), intent(r, testOrder(2), 2)},
		"an intent of another run": {t.Context(), stranger},
	}
	for name, test := range tests {
		if err := r.Begin(test.ctx, test.intent); err == nil || errors.Is(err, ErrJournal) {
			t.Errorf("%s: Begin = %v", name, err)
		}
	}
	if err := r.Finish(bought(r, testOrder(1), 1)); err == nil {
		t.Error("an outcome without an intent was taken")
	}
	if got := s.Snapshot().Serial; got != serial {
		t.Errorf("refusals wrote: serial %d, was %d", got, serial)
	}
	if err := r.Begin(t.Context(), intent(r, testOrder(3), 1)); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	closeAll(t, r, s)
	if err := r.Begin(t.Context(), intent(r, testOrder(4), 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("Begin on a closed run = %v", err)
	}
	if err := r.Close(RunSummary{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a second Close = %v", err)
	}
}

func TestLongMessagesAreClipped(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	if err := r.Begin(t.Context(), intent(r, testOrder(1), 1)); err != nil {
		t.Fatal(err)
	}
	outcome := failed(r, testOrder(1), 1, order.ClassRejected)
	outcome.Failure.Message = strings.Repeat("北", maxMessage) + "\xff"
	if err := r.Finish(outcome); err != nil {
		t.Fatal(err)
	}
	held := s.Snapshot().Records
	closeAll(t, r, s)
	stored := read(t, path).Records
	if diff := cmp.Diff(held, stored, sameAddress); diff != "" {
		t.Errorf("(-held +stored):\n%s", diff)
	}
	if n := len(stored[0].Failure.Message); n > maxMessage+len("…") {
		t.Errorf("a message of %d bytes was kept", n)
	}
}

func TestNotesChangeNoRecord(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	for range 3 {
		r.Note(Note{Kind: "region_stopped", At: testTime, Region: "cn-north-1", Text: "4 of 30 orders failed"})
	}
	buy(t, r, testOrder(1), 1)
	closeAll(t, r, s)
	fold := foldOf(t, PathsOf(path).RunLog(r.ID()))
	if len(fold.Records) != 1 || !fold.Ended || fold.Torn {
		t.Errorf("fold: %+v", fold)
	}
	text, err := os.ReadFile(PathsOf(path).RunLog(r.ID()))
	if err != nil {
		t.Fatal(err)
	}
	if n := countLines(text, `"type":"note"`); n != 3 {
		t.Errorf("%d notes in the log", n)
	}
	if got := read(t, path); got.Recovered != 0 {
		t.Errorf("%d lines were missing in the database", got.Recovered)
	}
}

// A database that holds a run's end looks at its log no more: one without it would never be completed.
func TestARunsEndIsInItsLogBeforeTheDatabaseHoldsIt(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	commits := 0
	watchCommit(r, func() error {
		commits++
		log, err := readLog(PathsOf(path).RunLog(r.ID()))
		if err == nil && !log.ended() {
			err = errors.New("the log does not hold the run's end")
		}
		return err
	})
	if err := r.Close(RunSummary{}); err != nil || commits != 1 {
		t.Errorf("%v, with %d commits", err, commits)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
