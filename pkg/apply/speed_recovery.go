package apply

import (
	"math"
	"time"
)

// recovery is the speed at which a region is called: without a bound at first, half of what it was after a throttle, and from
// there on a curve that is steep, flat just below the speed at which the throttle came, and steep again beyond:
//
//	perSecond(x) = known * (0.97 + 0.47 * (x-1)^5)    x: 0 after the throttle, 1 about where it came
//
// A straight line would stay at three quarters of what the API takes on average. This one stays at nine tenths, comes to what
// it takes by small steps, so that few calls are throttled there, and finds a limit that was raised a thousandfold in less than
// six times the time. That it is flat below the last throttle makes the time long until the next.
type recovery struct {
	came  float64 // the calls a second at which the last throttle came
	known float64 // what is known to get through: came, or less
	x     float64 // how far along the curve
}

const (
	flatAt        = 0.97
	recoveryTime  = 4 * time.Second // from half of the known speed to the curve's flat part, at least
	recoveryCalls = 20              // purchases that this takes at least: what pays for the throttle that it may end in
	carefulCalls  = 40              // and while the budget is low
	recoveryTrips = 12              // round trips that this takes at least: what a step does is seen one later
)

// slowest is the fewest calls a second, where the limits allow as many. A region that is throttled at random, whatever its
// speed, would crawl ever slower without gaining anything.
const slowest = 0.5

// unlimited is the speed of a region that is at its limits.
func unlimited() recovery { return recovery{known: math.Inf(1), x: 1} }

func (r recovery) unlimited() bool { return math.IsInf(r.known, 1) }

func (r recovery) perSecond() float64 {
	y := r.x - 1
	return r.known * (flatAt + (flatAt-0.5)*y*y*y*y*y)
}

// halve slows down to half the speed of a call that was throttled, but not below the slowest one.
func (r *recovery) halve(perSecond float64) {
	r.came, r.x = perSecond, 0
	r.learn(perSecond)
}

// learn takes in how many calls a second get through, as far as that is less than the speed at which the throttle came.
func (r *recovery) learn(through float64) {
	r.known = max(2*slowest, min(r.came, through))
}

// grow is called when a call got through, that long after the one before.
func (r *recovery) grow(since, latency time.Duration, careful bool) {
	calls := 1.0 * recoveryCalls
	if careful {
		calls = carefulCalls
	}
	whole := max(recoveryTime, recoveryTrips*latency)
	r.x += min(float64(since)/float64(whole), 1/calls)
}
