package ui

import (
	"math"
	"time"
)

// Estimates of how long a run still takes. There is none until a call has ended, and none takes into account how long
// somebody thinks about an approval.

// waveLeft is how long the current wave still takes, its bake included.
func (t *tally) waveLeft(now time.Time) (time.Duration, bool) {
	if t.baking != nil {
		return max(0, t.baking.Until.Sub(now)), true
	}
	left, known := t.ordersLeft(now)
	return left + t.facts.wave(t.wave().name).Bake, known
}

// ordersLeft is how long the current wave's orders still take: as long as the region that takes longest does, or as all of
// them together do.
func (t *tally) ordersLeft(now time.Time) (time.Duration, bool) {
	w := t.wave()
	left, known := t.regionLeft(&w.sum, now)
	for _, r := range w.regions {
		if own, ok := t.regionLeft(r, now); ok {
			left, known = max(left, own), true
		}
	}
	return left, known
}

// regionLeft is how long a region, or a wave's sum, still takes, in seconds rounded up.
func (t *tally) regionLeft(r *regionTally, now time.Time) (time.Duration, bool) {
	todo, rate := r.orders-r.done(), r.ended.rate(now)
	if todo <= 0 || rate <= 0 || t.stopped[r.name] {
		return 0, false
	}
	if s, slowed := t.speedOf(r.name); slowed && s.rate > 0 {
		rate = min(rate, s.rate)
	}
	return time.Duration(math.Ceil(float64(todo)/rate)) * time.Second, true
}

// runLeft is how long all waves still take.
func (t *tally) runLeft(now time.Time) (time.Duration, bool) {
	left, known := t.waveLeft(now)
	if !t.wave().ended.IsZero() {
		left, known = 0, true
	}
	for _, w := range t.waves[t.current+1:] {
		takes, ok := t.takes(w)
		left += takes + t.facts.wave(w.name).Bake
		known = known && ok
	}
	return left, known
}

// takes is how long a wave that has not begun will take within the limits in force, if its calls take as long as half of
// those so far.
func (t *tally) takes(w *waveTally) (time.Duration, bool) {
	latency, known := t.sum.latency.Percentile(50)
	if !known || t.facts.Rollout.Parallelism <= 0 {
		return 0, false
	}
	var longest, sum time.Duration
	for _, r := range w.regions {
		s, _ := t.speedOf(r.name)
		takes := time.Duration(r.orders) * latency / time.Duration(max(1, s.parallelism))
		if s.rate > 0 {
			takes = max(takes, time.Duration(float64(r.orders)/s.rate*float64(time.Second)))
		}
		longest, sum = max(longest, takes), sum+takes
	}
	if t.facts.Rollout.Sequential {
		return sum, true
	}
	return max(longest, time.Duration(w.sum.orders)*latency/time.Duration(t.facts.Rollout.Parallelism)), true
}

// speedOf is how fast a region is called at most, and whether that is slower than it is allowed to be.
func (t *tally) speedOf(region string) (s speed, slowed bool) {
	limits, known := t.facts.limits(region)
	s, changed := t.speeds[region]
	if !changed {
		return speed{limits.Parallelism, limits.Rate}, false
	}
	slower := s.parallelism < limits.Parallelism || s.rate > 0 && (limits.Rate == 0 || s.rate < limits.Rate)
	return s, !known || slower
}
