// Package latency sums up how long calls took, however many they are.
package latency

import (
	"math/bits"
	"time"
)

// A Histogram counts calls by how long they took, in buckets that grow with what they hold, so that a percentile of millions
// of calls takes two KiB and is wrong by 3 % at most, or a microsecond. HdrHistogram does the same, for a hundred times the code.
// The zero value and nil are empty. It is not for several goroutines at a time.
type Histogram struct {
	calls   uint32
	buckets [buckets]uint32
}

const (
	// parts is into how many buckets each doubling is cut.
	parts    = 1 << partBits
	partBits = 4
	// buckets reach up to 2^32 µs: 71 minutes, and what takes longer counts as that.
	buckets = (32 - partBits + 1) * parts
)

// Add counts a call. One that took less than no time, by a clock that was set back, took none.
func (h *Histogram) Add(took time.Duration) {
	h.calls++
	h.buckets[bucketOf(took)]++
}

// bucketOf is which bucket counts a call. Up to as many microseconds as there are parts each has its own; above that a bucket
// is told by a number's first bits.
func bucketOf(took time.Duration) int {
	us := uint64(max(0, took.Microseconds()))
	if us < parts {
		return int(us)
	}
	dropped := bits.Len64(us) - partBits - 1
	return min(dropped*parts+int(us>>dropped), buckets-1)
}

// Percentile is how long the fastest percent of the calls, from 1 to 100, took at most; false while there were none.
func (h *Histogram) Percentile(percent int) (time.Duration, bool) {
	if h == nil || h.calls == 0 {
		return 0, false
	}
	rank := (uint64(h.calls)*uint64(percent) + 99) / 100
	seen, bucket := uint64(0), 0
	for i, n := range h.buckets {
		if seen += uint64(n); seen >= rank {
			bucket = i
			break
		}
	}
	return middleOf(bucket), true
}

// middleOf is the middle of what a bucket counts.
func middleOf(bucket int) time.Duration {
	if bucket < parts {
		return time.Duration(bucket) * time.Microsecond
	}
	dropped := bucket/parts - 1
	least := uint64(parts+bucket%parts) << dropped
	return time.Duration(least)*time.Microsecond + (time.Duration(1)<<dropped)*time.Microsecond/2
}
