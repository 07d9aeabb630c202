package apply

import "time"

// A budget bounds what throttles cost: each throttled call spends one unit of it, and each purchase earns a part of one. As
// long as it holds, calls a purchase stay below 1 + earned.
type budget struct {
	units float64
	most  float64 // that can be saved
}

// earned is what a purchase adds: one throttled call may come on so many purchases as make a unit of it.
const earned = 0.08

// newBudget is full: the first throttles, which may be none of ours, are to cost little speed.
func newBudget(parallelism int) budget {
	most := max(10, float64(parallelism)/2)
	return budget{units: most, most: most}
}

func (b *budget) earn() { b.units = min(b.units+earned, b.most) }

// spend pays for a throttled call as far as there is something left: calls that were in flight already when a storm began leave
// no debt, for the region would probe until that is paid, long after the storm.
func (b *budget) spend() { b.units = max(b.units-1, 0) }

// empty tells whether no further throttle can be paid for.
func (b *budget) empty() bool { return b.units < 1 }

// low tells whether less than half of what can be saved is there.
func (b *budget) low() bool { return b.units < b.most/2 }

// A storm is a time in which every call is throttled.
type storm struct {
	last   time.Time // when the last one was; zero: there is no storm
	lasted time.Duration
}

// lasts counts a throttled call. Of the time since the one before, what is longer than the longest pause between calls is left
// out: nobody called then, for the run was paused, or in a wave without this region.
func (s *storm) lasts(now time.Time, longest time.Duration) {
	if !s.last.IsZero() {
		s.lasted += min(now.Sub(s.last), longest)
	}
	s.last = now
}
