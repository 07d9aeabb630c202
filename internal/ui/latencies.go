package ui

import (
	"math/bits"
	"time"
)

// Latencies count how long calls took, in buckets that grow with what they hold, so that a percentile of millions of calls
// takes a KiB and is wrong by 3 % at most. HdrHistogram does the same, for a hundred times the code.
type latencies struct {
	calls   uint32
	buckets [latencyBuckets]uint32
}

const (
	// latencyParts is into how many buckets each doubling is cut.
	latencyParts    = 1 << latencyPartBits
	latencyPartBits = 4
	// latencyBuckets reach up to 2^22 ms: 70 minutes, and what takes longer counts as that.
	latencyBuckets = (22 - latencyPartBits + 1) * latencyParts
)

func (l *latencies) add(took time.Duration) {
	l.calls++
	l.buckets[latencyBucket(took)]++
}

// latencyBucket is which bucket counts a call. Up to latencyParts milliseconds each has its own; above that a bucket is
// told by a number's first bits.
func latencyBucket(took time.Duration) int {
	ms := uint64(max(0, took.Milliseconds()))
	if ms < latencyParts {
		return int(ms)
	}
	dropped := bits.Len64(ms) - latencyPartBits - 1
	return min(dropped*latencyParts+int(ms>>dropped), latencyBuckets-1)
}

// percentile is how long the fastest percent of the calls took at most; false while there were none.
func (l *latencies) percentile(percent int) (time.Duration, bool) {
	if l == nil || l.calls == 0 {
		return 0, false
	}
	rank := (uint64(l.calls)*uint64(percent) + 99) / 100
	seen := uint64(0)
	bucket := 0
	for i, n := range l.buckets {
		if seen += uint64(n); seen >= rank {
			bucket = i
			break
		}
	}
	return latencyOf(bucket), true
}

// latencyOf is the middle of what a bucket counts.
func latencyOf(bucket int) time.Duration {
	if bucket < latencyParts {
		return time.Duration(bucket) * time.Millisecond
	}
	dropped := bucket/latencyParts - 1
	least := uint64(latencyParts+bucket%latencyParts) << dropped
	return (time.Duration(least)*time.Millisecond + (time.Duration(1)<<dropped)*time.Millisecond/2)
}
