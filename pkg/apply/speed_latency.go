package apply

import (
	"fmt"
	"time"
)

// latency tells a region whose calls take longer and longer from one that is as it always was. Both of its averages are means
// of purchases alone, for a refusal is answered sooner. That calls differ widely is no climb: means are compared with means.
type latency struct {
	short    time.Duration // over the last calls
	off      time.Duration // how far those are from it, on average
	usual    time.Duration // follows short: over some more calls when that falls, over a minute when it rises
	calls    int           // measured, up to shortCalls
	last     time.Time
	climbing bool // calls take much longer than they usually do
}

const (
	shortCalls = 32                    // how many calls the short average is over
	usualCalls = 8 * shortCalls        // how many calls it takes until what is faster has become usual
	usualTime  = time.Minute           // how long it takes until what is slower has
	climbsAt   = 2.0                   // the short average climbs when it is that many times the usual one
	calmAt     = 1.5                   // and does no longer when it is less than that many times
	unmeasured = 50 * time.Millisecond // what a call is expected to take before one was measured: little, for it bounds the speed
	leastTook  = time.Microsecond      // latencies are divided by
)

func (l *latency) observe(now time.Time, took time.Duration) {
	since := now.Sub(l.last)
	l.last = now
	l.calls = min(l.calls+1, shortCalls)
	off := max(took, leastTook) - l.short
	l.short += off / time.Duration(l.calls)
	if l.calls > 1 {
		l.off += (off.Abs() - l.off) / time.Duration(l.calls)
	}
	if l.calls < shortCalls {
		l.usual = l.short
		return
	}
	share := 1.0 / usualCalls
	if l.short > l.usual {
		share = min(share, float64(since)/float64(usualTime))
	}
	l.usual += time.Duration(share * float64(l.short-l.usual))
	threshold := climbsAt
	if l.climbing {
		threshold = calmAt
	}
	l.climbing = float64(l.short) > threshold*float64(l.usual)
}

// expected is how long a call takes when all is well.
func (l *latency) expected() time.Duration {
	if l.usual == 0 {
		return unmeasured
	}
	return l.usual
}

func (l *latency) reason() string {
	return fmt.Sprintf("calls take %v, usually %v, so no faster for now", l.short.Round(time.Millisecond), l.usual.Round(time.Millisecond))
}

// spread is how many times as long as usual a call takes that takes long: most take no longer.
func (l *latency) spread() float64 { return 1 + 2*float64(l.off)/float64(l.expected()) }
