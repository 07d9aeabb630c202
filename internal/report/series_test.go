package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// TestPausesAreLeftOut holds the buckets to the times in which calls were made.
func TestPausesAreLeftOut(t *testing.T) {
	s := newScript()
	for i, at := range []time.Duration{0, time.Second, 8 * time.Hour, 8*time.Hour + 2500*time.Millisecond} {
		s.now = began.Add(at)
		a := branch(fmt.Sprint(i))
		s.intent(a, "cn-north-1", 1, 1)
		s.wait(500 * time.Millisecond)
		s.bought(a, 1, 1, 500*time.Millisecond)
	}
	r := folded(t, s)
	starts := []time.Duration{0, time.Second, 8 * time.Hour, 8*time.Hour + time.Second, 8*time.Hour + 2*time.Second, 8*time.Hour + 3*time.Second}
	var got []time.Duration
	for _, at := range r.Buckets.Starts {
		got = append(got, at.Sub(began))
	}
	if diff := cmp.Diff(starts, got); diff != "" {
		t.Error(diff)
	}
	half := Latency{500, 500, 500}
	want := []Bucket{{0, 1, 1, 0, 0, 0, half}, {1, 1, 1, 0, 0, 0, half}, {2, 1, 1, 0, 0, 0, half}, {5, 1, 1, 0, 0, 0, half}}
	if diff := cmp.Diff(want, r.Regions[0].Buckets); diff != "" {
		t.Error(diff)
	}
}

func TestPercentilesAreTimesOfCalls(t *testing.T) {
	s := newScript()
	for i := range 20 {
		a := branch(fmt.Sprint(i))
		s.intent(a, "cn-north-1", 1, 1)
		s.bought(a, 1, 1, time.Duration(i+1)*time.Millisecond)
	}
	if l := folded(t, s).Latency; l != (Latency{P50: 10, P95: 19, Max: 20}) {
		t.Errorf("%+v", l)
	}
}

// TestBucketsAreBounded draws runs of all lengths, with pauses, and holds their buckets to the bound and to the calls.
func TestBucketsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScript()
		calls := rapid.IntRange(1, 300).Draw(t, "calls")
		most := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Minute, 10 * time.Hour}).Draw(t, "longest wait")
		for i := range calls {
			s.wait(time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "wait")))
			a := branch(fmt.Sprint(i))
			s.intent(a, "cn-north-1", 1, 1)
			s.bought(a, 1, 1, time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(t, "took")))
			s.note(state.Note{Kind: state.NoteSpeedChanged, Region: "cn-north-1", Parallelism: i + 1})
		}
		r, err := Fold(s.head, s.all())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Buckets.Starts); n > bucketsAimedAt+2*idlePart+2 {
			t.Fatalf("%d buckets", n)
		}
		region := r.Regions[0]
		sum, last := 0, -1
		for _, b := range region.Buckets {
			if b.Number <= last || b.Number >= len(r.Buckets.Starts) || b.P50 > b.P95 || b.P95 > b.Max {
				t.Fatalf("bucket %+v after %d of %d", b, last, len(r.Buckets.Starts))
			}
			sum, last = sum+b.Calls, b.Number
		}
		if sum != calls || len(region.Speeds) > len(r.Buckets.Starts) || region.Speeds[len(region.Speeds)-1].Parallelism != calls {
			t.Fatalf("%d of %d calls, %d speeds", sum, calls, len(region.Speeds))
		}
	})
}
