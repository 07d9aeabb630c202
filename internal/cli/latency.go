package cli

import (
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/latency"
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

// latencies are how long the calls of all regions took.
type latencies struct {
	mu    sync.Mutex
	calls latency.Histogram
}

func (l *latencies) add(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls.Add(took)
}

// median is how long half of the calls took at most; 0 where there were none.
func (l *latencies) median() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	median, _ := l.calls.Percentile(50)
	return median
}
