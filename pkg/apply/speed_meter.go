package apply

import (
	"math"
	"time"
)

// A meter counts what gets through of the calls that began in a time in which a region was at its limits: a speed that nobody
// has set. Their answers come in for a round trip after it.
type meter struct {
	from, until time.Time // until is zero while it lasts
	calls       float64
}

// end ends the time.
func (m *meter) end(now time.Time) { m.until = now }

// idle leaves out a time in which nothing was in flight: nothing was asked of the API.
func (m *meter) idle(d time.Duration) {
	if m.until.IsZero() {
		m.from = m.from.Add(d)
	}
}

// count adds a call that got through, if it began in the time.
func (m *meter) count(began time.Time) {
	if !began.Before(m.from) && (m.until.IsZero() || began.Before(m.until)) {
		m.calls++
	}
}

// over tells whether a call began in a time that has ended.
func (m *meter) over(began time.Time) bool {
	return !began.Before(m.from) && began.Before(m.until)
}

// perSecond is how many calls a second get through, or so many more as chance may have kept back: of the few that a first burst
// lets through little follows, and a guess that is too high costs less than one that is too low.
func (m *meter) perSecond() float64 {
	over := max(time.Millisecond, m.until.Sub(m.from))
	return (m.calls + 2*math.Sqrt(m.calls) + 2) / over.Seconds()
}
