package report

import (
	"hash/maphash"
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// BenchmarkReport reads the log of a run of 100,000 orders, folds it and writes each form.
func BenchmarkReport(b *testing.B) {
	const orders = 100_000
	path, head := logged(b, largeRun(orders))
	for form, write := range forms {
		b.Run(form, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				log, err := state.ReadRunLog(path, head.Run.ID)
				if err != nil {
					b.Fatal(err)
				}
				r, err := Fold(head, log.Entries())
				if err != nil || r.Counts.Orders != orders {
					b.Fatalf("%d orders: %v", r.Counts.Orders, err)
				}
				if err := write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// logged plays a script into a state's journal, many orders at a time, and returns the state's path.
func logged(b *testing.B, s *script) (path string, h Head) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "state.db")
	store, err := state.Open(b.Context(), path, state.Owner{Command: "apply"}, 0)
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Bind(state.Binding{Fleet: s.head.Fleet, Account: "bench", Endpoint: s.head.Endpoint}); err != nil {
		b.Fatal(err)
	}
	run, err := store.StartRun(b.Context(), s.head.Run)
	if err != nil {
		b.Fatal(err)
	}
	lanes := make([][]state.Entry, 256)
	seed := maphash.MakeSeed()
	for _, e := range s.entries {
		lane := maphash.Comparable(seed, e.Address) % uint64(len(lanes))
		lanes[lane] = append(lanes[lane], e)
	}
	for _, e := range s.entries[:1] {
		run.Note(*e.Note) // what was planned
	}
	var playing sync.WaitGroup
	for _, entries := range lanes {
		playing.Go(func() {
			for _, e := range entries {
				if err := play(b, run, e); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	playing.Wait()
	if err := run.Close(*s.entries[len(s.entries)-1].Ended); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	return path, s.head
}

func play(b *testing.B, run *state.Run, e state.Entry) error {
	switch {
	case e.Intent != nil:
		return run.Begin(b.Context(), *e.Intent)
	case e.Outcome != nil:
		return run.Finish(*e.Outcome)
	case e.Note != nil && e.Address != (order.Address{}):
		run.Note(*e.Note)
	}
	return nil
}
