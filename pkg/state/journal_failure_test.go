package state

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A file may take its time while the other has failed already. That is told at once, so that no call begins meanwhile.
func TestAFailureIsKnownBeforeItIsAnswered(t *testing.T) {
	for _, fails := range []string{"run log", "database"} {
		path := place(t)
		synctest.Test(t, func(t *testing.T) {
			s := open(t, path)
			r := start(t, s, 0)
			gate := make(chan struct{})
			wait := func() error { <-gate; return nil }
			fail := func() error { return syscall.EIO }
			onLog, onCommit := wait, fail
			if fails == "run log" {
				onLog, onCommit = fail, wait
			}
			r.writer.log = watched{logFile: r.writer.log, sync: onLog}
			watchCommit(r, onCommit)
			answered := make(chan error, 1)
			go func() { answered <- r.Begin(t.Context(), intent(r, testOrder(1), 1)) }()
			synctest.Wait()
			if err := r.Err(); !errors.Is(err, ErrJournal) || !errors.Is(err, syscall.EIO) || len(answered) > 0 {
				t.Errorf("%s: Err = %v", fails, err)
			}
			close(gate)
			if err := <-answered; !errors.Is(err, syscall.EIO) {
				t.Errorf("%s: Begin = %v", fails, err)
			}
			_ = r.Close(RunSummary{Ended: testTime})
			_ = s.Close()
		})
	}
}

// Where the database or the disk fails and the log has room, what is still in flight is kept there. Nobody is told that it is, and
// no further call is let through.
func TestOutcomesAfterAFailedCommitAreInTheLog(t *testing.T) {
	full := syscall.ENOSPC
	tests := []struct {
		name   string
		broken func(r *Run, writes *atomic.Int32)
		kept   []order.Status
	}{
		{"the log works", func(r *Run, _ *atomic.Int32) {
			watchCommit(r, func() error { return full })
		}, []order.Status{order.StatusBought, order.StatusBought, order.StatusFailed}},
		{"the log has but the room that it kept", func(r *Run, _ *atomic.Int32) {
			r.writer.log = watched{logFile: r.writer.log, reserve: func() error { return full }}
		}, []order.Status{order.StatusBought, order.StatusBought, order.StatusFailed}},
		{"the log fails too", func(r *Run, writes *atomic.Int32) {
			watchCommit(r, func() error { return full })
			r.writer.log = watched{logFile: r.writer.log, sync: func() error { writes.Add(1); return full }}
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := place(t)
			s := open(t, path)
			r := start(t, s, 0)
			for i := range 3 {
				if err := r.Begin(t.Context(), intent(r, testOrder(i), 1)); err != nil {
					t.Fatal(err)
				}
			}
			var writes atomic.Int32
			test.broken(r, &writes)
			outcomes := []order.Outcome{
				bought(r, testOrder(0), 1), bought(r, testOrder(1), 1), failed(r, testOrder(2), 1, order.ClassRejected),
				bought(r, testOrder(7), 1), // fits nothing
			}
			for _, o := range outcomes {
				if err := r.Finish(o); !errors.Is(err, full) {
					t.Errorf("Finish = %v", err)
				}
			}
			if err := r.Begin(t.Context(), intent(r, testOrder(4), 1)); !errors.Is(err, full) {
				t.Errorf("Begin = %v", err)
			}
			if err := r.Close(RunSummary{Ended: testTime}); !errors.Is(err, full) {
				t.Errorf("Close = %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if n := writes.Load(); n > 1 {
				t.Errorf("a log that failed was written %d times more", n-1)
			}
			records := open(t, path).Snapshot().Records
			if len(records) != 3 {
				t.Fatalf("%d records", len(records))
			}
			for i, want := range test.kept {
				if got := records[i].Status(); got != want {
					t.Errorf("%s is %s, want %s", records[i].Address, got, want)
				}
			}
		})
	}
}

// An intent that the database refused is in the log all the same, so that its order would be in doubt. An outcome that
// says that no call was made closes it there; one for an intent that came later, and was never written, fits nothing.
func TestAnIntentThatFailedCanBeClosedInTheLog(t *testing.T) {
	for _, closed := range []bool{false, true} {
		path := place(t)
		s := open(t, path)
		r := start(t, s, 0)
		watchCommit(r, func() error { return syscall.ENOSPC })
		for i := range 2 {
			if err := r.Begin(t.Context(), intent(r, testOrder(i), 1)); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Begin = %v", err)
			}
			if !closed {
				continue
			}
			if err := r.Finish(failed(r, testOrder(i), 1, order.ClassCancelled)); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Finish = %v", err)
			}
		}
		_ = r.Close(RunSummary{Ended: testTime})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		records := open(t, path).Snapshot().Records
		if len(records) != 1 || (records[0].Doubt == nil) != closed {
			t.Errorf("closed: %t, and the next start finds %+v", closed, records)
		}
	}
}

func TestAfterAFailedWriteNothingIsWritten(t *testing.T) {
	full := syscall.ENOSPC
	tests := map[string]func(*Run, *atomic.Int32){
		"log write": func(r *Run, _ *atomic.Int32) {
			r.writer.log = watched{logFile: r.writer.log, write: func() error { return full }}
		},
		"log sync": func(r *Run, _ *atomic.Int32) {
			r.writer.log = watched{logFile: r.writer.log, sync: func() error { return full }}
		},
		"commit": func(r *Run, _ *atomic.Int32) { watchCommit(r, func() error { return full }) },
	}
	for name, breakIt := range tests {
		t.Run(name, func(t *testing.T) {
			path := place(t)
			s := open(t, path)
			r := start(t, s, 0)
			buy(t, r, testOrder(1), 1)
			if err := r.Begin(t.Context(), intent(r, testOrder(2), 1)); err != nil {
				t.Fatal(err)
			}
			var commits atomic.Int32
			breakIt(r, &commits)
			watchCommit(r, func() error { commits.Add(1); return nil })

			first := r.Finish(bought(r, testOrder(2), 1))
			if !errors.Is(first, ErrJournal) || !errors.Is(first, full) {
				t.Fatalf("Finish = %v", first)
			}
			once := commits.Load()
			if err := r.Begin(t.Context(), intent(r, testOrder(3), 1)); err != first {
				t.Errorf("a later Begin = %v, want the first error", err)
			}
			r.Note(Note{Kind: "retrying", At: testTime})
			if err := r.Close(RunSummary{Ended: testTime}); !errors.Is(err, first) {
				t.Errorf("Close = %v, want the first error", err)
			}
			if commits.Load() != once {
				t.Error("the database was written after the failure")
			}
			info := RunInfo{ID: NewRunID(testTime), Started: testTime}
			if _, err := s.StartRun(t.Context(), info); !errors.Is(err, ErrJournal) {
				t.Errorf("another run on the broken state: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			again := open(t, path).Snapshot().Records
			if len(again) != 2 || again[0].Status() != order.StatusBought || again[1].Status() == order.StatusFailed {
				t.Errorf("after opening again: %+v", again)
			}
		})
	}
}

// A note may end in half a line. No line may follow that: it would be lost with it, and what is known by it alone.
func TestAfterANoteThatFailedTheLogIsNotWritten(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	if err := r.Begin(t.Context(), intent(r, testOrder(1), 1)); err != nil {
		t.Fatal(err)
	}
	r.writer.log = &cutOnce{logFile: r.writer.log}
	r.writer.write([]ticket{{note: &Note{Kind: "retrying", At: testTime}}}) // as a group of its own
	if err := r.Begin(t.Context(), intent(r, testOrder(2), 1)); !errors.Is(err, ErrJournal) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("an intent after half a note: %v", err)
	}
	if err := r.Finish(bought(r, testOrder(1), 1)); !errors.Is(err, ErrJournal) {
		t.Errorf("an outcome after half a note: %v", err)
	}
	_ = r.Close(RunSummary{Ended: testTime})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	records := open(t, path).Snapshot().Records
	if len(records) != 1 || records[0].Status() != order.StatusBought {
		t.Errorf("the next start finds %+v, want the one that was bought", records)
	}
}

// cutOnce is a run log on a disk that is full in the middle of the next line, and has room again afterwards.
type cutOnce struct {
	logFile
	cut bool
}

func (c *cutOnce) Write(p []byte) (int, error) {
	if c.cut {
		return c.logFile.Write(p)
	}
	c.cut = true
	n, err := c.logFile.Write(p[:len(p)/2])
	return n, errors.Join(err, syscall.ENOSPC)
}
