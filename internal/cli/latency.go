package cli

import (
	"math"
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A timedJournal keeps how long calls took, beside what the journal keeps of them.
type timedJournal struct {
	apply.Journal
	calls *latencies
}

func (j timedJournal) Finish(o order.Outcome) error {
	if o.Took > 0 {
		j.calls.add(o.Took)
	}
	return j.Journal.Finish(o)
}

// latencies count calls by how long they took, in steps of 1/latencySteps of an octave: the median is right to 3 %, however
// many calls there are, and takes as much room for ten as for a million.
type latencies struct {
	mu     sync.Mutex
	counts [latencySpan * latencySteps]int
	all    int
}

const (
	latencySteps = 16
	latencySpan  = 40 // octaves, from a microsecond on: far beyond what a call may take
)

func (l *latencies) add(d time.Duration) {
	octaves := math.Log2(float64(max(d, time.Microsecond)) / float64(time.Microsecond))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[min(int(octaves*latencySteps), len(l.counts)-1)]++
	l.all++
}

// median is how long half of the calls took at most; 0 where there were none.
func (l *latencies) median() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := (l.all + 1) / 2
	for step, n := range l.counts {
		if left -= n; left <= 0 && l.all > 0 {
			middle := math.Exp2((float64(step) + 0.5) / latencySteps)
			return time.Duration(middle * float64(time.Microsecond)).Round(time.Microsecond)
		}
	}
	return 0
}
