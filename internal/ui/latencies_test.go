package ui

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPercentilesAreNearlyThoseOfAllCalls compares with what sorting every call gives.
func TestPercentilesAreNearlyThoseOfAllCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int{10, 100, 10_000, 4_000_000}).Draw(t, "most")
		calls := rapid.SliceOfN(rapid.IntRange(0, most), 1, 300).Draw(t, "calls")
		var l latencies
		for _, ms := range calls {
			l.add(time.Duration(ms) * time.Millisecond)
		}
		slices.Sort(calls)
		for _, percent := range []int{1, 50, 95, 100} {
			exact := time.Duration(calls[(len(calls)*percent+99)/100-1]) * time.Millisecond
			got, known := l.percentile(percent)
			if off := (got - exact).Abs(); !known || off > max(time.Millisecond, exact/32) {
				t.Errorf("percentile %d of %d calls is %s, not %s", percent, len(calls), got, exact)
			}
		}
	})
}

// TestLatenciesTakeAnyCall holds that none is too long, and that no clock that was set back matters.
func TestLatenciesTakeAnyCall(t *testing.T) {
	var l latencies
	if _, known := l.percentile(50); known {
		t.Error("no call has a median")
	}
	for took, want := range map[time.Duration]time.Duration{-time.Hour: 0, 1000 * time.Hour: 68 * time.Minute} {
		l = latencies{}
		l.add(took)
		if got, _ := l.percentile(50); got.Truncate(time.Minute) != want {
			t.Errorf("a call of %s counts as one of %s, not %s", took, got, want)
		}
	}
}

func BenchmarkLatencies(b *testing.B) {
	var l latencies
	for i := 0; b.Loop(); i++ {
		l.add(time.Duration(i%1000) * time.Millisecond)
	}
}
