package state

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// seeded returns the path of a state with n bought orders, as one run left them.
func seeded(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seeded.db")
	s := open(t, path)
	r := start(t, s, 0)
	unsynced(s, r)
	for from := 0; from < n; from += maxGroup {
		var begun, ended []ticket
		for i := from; i < min(from+maxGroup, n); i++ {
			begun = append(begun, ticket{intent: new(intent(r, testOrder(i), 1))})
			ended = append(ended, ticket{outcome: new(bought(r, testOrder(i), 1))})
		}
		r.writer.write(begun)
		r.writer.write(ended)
	}
	if r.writer.broken != nil {
		t.Fatal(r.writer.broken)
	}
	closeAll(t, r, s)
	return path
}

// BenchmarkVerify checks a state with its run log.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := seeded(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if v := sound(b, path); v.Records != n || v.Lines != 2*n+2 {
					b.Fatalf("%+v", v)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := seeded(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if snapshot := read(b, path); len(snapshot.Records) != n {
					b.Fatalf("%d records", len(snapshot.Records))
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkJournal counts an intent and an outcome as two records.
func BenchmarkJournal(b *testing.B) {
	const callers = 64
	s := open(b, place(b))
	r := start(b, s, 0)
	var next atomic.Int64
	var mu sync.Mutex
	var waits []time.Duration
	b.SetParallelism(callers / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		var mine []time.Duration
		for pb.Next() {
			o := testOrder(int(next.Add(1)))
			began := time.Now()
			if err := r.Begin(context.Background(), intent(r, o, 1)); err != nil {
				b.Error(err)
			}
			middle := time.Now()
			if err := r.Finish(bought(r, o, 1)); err != nil {
				b.Error(err)
			}
			mine = append(mine, middle.Sub(began), time.Since(middle))
		}
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, mine...)
	})
	b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
	closeAll(b, r, s)
}

// BenchmarkReadRunLog reads the log of a run that bought that many orders, as reports do.
func BenchmarkReadRunLog(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := seeded(b, n)
			runs, err := ReadRuns(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				log, err := ReadRunLog(path, runs[0].ID)
				if err != nil {
					b.Fatal(err)
				}
				entries := 0
				for _, err := range log.Entries() {
					if err != nil {
						b.Fatal(err)
					}
					entries++
				}
				if entries != 2*n+1 {
					b.Fatalf("%d entries", entries)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}
