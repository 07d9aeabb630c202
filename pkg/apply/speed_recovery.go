package apply

import "time"

// recovery is the share of its limits at which a region is called: all of it at first, half of what it was after a throttle,
// and from there on a curve that is steep, flat where the throttle came, and steep again beyond:
//
//	share(x) = known * (1 + (x-1)^5 / 2)    x: 0 after the throttle, 1 where it came
//
// A straight line would stay at three quarters of what the API takes on average. This one stays at nine tenths, comes to what
// it takes by small steps, so that few calls are throttled there, and finds a limit that was raised a thousandfold in less than
// six times the time.
type recovery struct {
	known float64 // the share at which the last throttle came
	x     float64 // how far along the curve
}

const (
	recoveryTime  = 4 * time.Second // from half of the share at which a throttle came back to it, at least
	recoveryCalls = 15              // purchases that this takes at least: what pays for the throttle that it may end in
	carefulCalls  = 40              // and while the budget is low
	recoveryTrips = 8               // round trips that this takes at least
)

// atLimits is the speed of a region that was never throttled.
func atLimits() recovery { return recovery{known: 1, x: 1} }

func (r recovery) share() float64 {
	y := r.x - 1
	return min(1, r.known*(1+y*y*y*y*y/2))
}

// full tells whether the region is called as fast as it may be.
func (r recovery) full() bool { return r.share() == 1 }

// halve slows down to half of the share that was used, but not below the slowest one.
func (r *recovery) halve(used, slowest float64) {
	r.known, r.x = min(1, max(min(r.share(), used), 2*slowest)), 0
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
