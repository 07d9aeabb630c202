package ui

import "time"

// A meter measures how often something happens, over the last few seconds.
type meter struct {
	first  time.Time
	counts [meterSeconds]int
	newest int64 // the second that counts was last written for
}

const meterSeconds = 10

func (m *meter) mark(at time.Time) {
	if m.first.IsZero() {
		m.first = at
	}
	m.forget(at.Unix())
	m.counts[at.Unix()%meterSeconds]++
}

// forget clears the seconds that have passed since the last call.
func (m *meter) forget(now int64) {
	for s := max(m.newest+1, now-meterSeconds+1); s <= now; s++ {
		m.counts[s%meterSeconds] = 0
	}
	m.newest = max(m.newest, now)
}

// rate is the number a second.
func (m *meter) rate(now time.Time) float64 {
	if m.first.IsZero() {
		return 0
	}
	m.forget(now.Unix())
	sum := 0
	for _, n := range m.counts {
		sum += n
	}
	// The newest second is not over yet; the first may be less than the whole window away.
	window := min(now.Sub(m.first), (meterSeconds-1)*time.Second+time.Duration(now.Nanosecond()))
	return float64(sum) / max(window.Seconds(), 1)
}
