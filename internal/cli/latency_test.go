package cli

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheMedianOfCallsIsRightToThreePercent(t *testing.T) {
	if d := new(latencies).median(); d != 0 {
		t.Errorf("without calls it is %v", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		took := rapid.SliceOfN(rapid.Int64Range(int64(time.Microsecond), int64(10*time.Minute)), 1, 200).Draw(t, "took")
		var l latencies
		for _, d := range took {
			l.add(time.Duration(d))
		}
		slices.Sort(took)
		want := float64(took[(len(took)-1)/2])
		if got := float64(l.median()); got < 0.97*want-1e3 || got > 1.03*want+1e3 {
			t.Errorf("%v, want about %v", l.median(), time.Duration(int64(want)))
		}
	})
}
