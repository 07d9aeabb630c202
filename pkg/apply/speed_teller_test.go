package apply

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// told plays changes of the calls in flight, each that long after the one before, and returns what was told, and when.
func told(changes []int, gap time.Duration, then func(t *teller)) (parallelism []int, at []time.Duration) {
	start := time.Now()
	t := newTeller(func(e Event) {
		parallelism = append(parallelism, e.(SpeedChanged).Parallelism)
		at = append(at, time.Since(start))
	})
	t.told.Parallelism = 32
	for _, n := range changes {
		t.change(SpeedChanged{Parallelism: n, At: time.Now()}, n < t.told.Parallelism)
		time.Sleep(gap)
	}
	then(t)
	synctest.Wait()
	return parallelism, at
}

func TestChangesWithinASecondAreToldAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, at := told([]int{16, 8, 4, 5}, 100*time.Millisecond, func(*teller) { time.Sleep(time.Minute) })
		if !slices.Equal(n, []int{16, 5}) || !slices.Equal(at, []time.Duration{0, time.Second}) {
			t.Errorf("told %v after %v", n, at)
		}
	})
}

func TestTheLastChangeIsToldAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, at := told([]int{16, 8}, 100*time.Millisecond, func(t *teller) {
			t.close()
			t.change(SpeedChanged{Parallelism: 1, At: time.Now()}, true)
			time.Sleep(time.Minute)
		})
		if !slices.Equal(n, []int{16, 8}) || !slices.Equal(at, []time.Duration{0, 200 * time.Millisecond}) {
			t.Errorf("told %v after %v", n, at)
		}
	})
}

// A region that recovers step by step is not told of at each step.
func TestSmallStepsAreNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := told([]int{10, 11, 12, 13, 14, 15, 16}, 2*time.Second, (*teller).close)
		if !slices.Equal(n, []int{10, 15}) {
			t.Errorf("told %v", n)
		}
	})
}
