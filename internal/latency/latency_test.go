package latency_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/latency"
)

// TestPercentilesAreNearlyThoseOfAllCalls compares with what sorting every call gives.
func TestPercentilesAreNearlyThoseOfAllCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int64{10, 100, 10_000, 4_000_000_000}).Draw(t, "most")
		calls := rapid.SliceOfN(rapid.Int64Range(0, most), 1, 300).Draw(t, "calls")
		var h latency.Histogram
		for _, us := range calls {
			h.Add(time.Duration(us) * time.Microsecond)
		}
		slices.Sort(calls)
		for _, percent := range []int{1, 50, 95, 100} {
			exact := time.Duration(calls[(len(calls)*percent+99)/100-1]) * time.Microsecond
			got, known := h.Percentile(percent)
			if off := (got - exact).Abs(); !known || off > max(time.Microsecond, exact/32) {
				t.Errorf("percentile %d of %d calls is %s, not %s", percent, len(calls), got, exact)
			}
		}
	})
}

// TestAnyCallIsCounted holds that none is too long, and that no clock that was set back matters.
func TestAnyCallIsCounted(t *testing.T) {
	if _, known := (*latency.Histogram)(nil).Percentile(50); known {
		t.Error("no call has a median")
	}
	for took, want := range map[time.Duration]time.Duration{-time.Hour: 0, 1000 * time.Hour: 70 * time.Minute} {
		var h latency.Histogram
		if _, known := h.Percentile(50); known {
			t.Error("no call has a median")
		}
		h.Add(took)
		if got, _ := h.Percentile(50); got.Truncate(time.Minute) != want {
			t.Errorf("a call of %s counts as one of %s, not %s", took, got, want)
		}
	}
}

func BenchmarkHistogram(b *testing.B) {
	var h latency.Histogram
	for i := 0; b.Loop(); i++ {
		h.Add(time.Duration(i%1000) * time.Millisecond)
	}
}
