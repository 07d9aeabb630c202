package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/latency"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A waveTally is where a wave stands.
type waveTally struct {
	name    string
	regions []*regionTally // in the sequence in which they come
	byName  map[string]*regionTally
	sum     regionTally
	bake    apply.Baking // the last one; zero: there was none
	started time.Time    // zero: it has not begun
	ended   time.Time    // zero: it has not ended
	end     apply.WaveEnd
	reason  string // why it did not end well
}

func newWaveTally(total apply.WaveTotal) *waveTally {
	w := &waveTally{name: total.Wave, byName: map[string]*regionTally{}}
	for _, r := range total.Regions {
		tally := w.region(r.Region)
		tally.orders, tally.instances = r.Orders, r.Instances
	}
	w.sum.orders, w.sum.instances = total.Orders, total.Instances
	return w
}

// region returns the tally of a region, which the run's Started has announced.
func (w *waveTally) region(name string) *regionTally {
	r, known := w.byName[name]
	if !known {
		r = &regionTally{name: name}
		w.byName[name] = r
		w.regions = append(w.regions, r)
	}
	return r
}

// idle tells whether the run buys nothing of the wave, at present.
func (w *waveTally) idle() bool { return w.sum.orders == 0 && w.started.IsZero() }

// took is how long it took; 0 unless it has begun and ended.
func (w *waveTally) took() time.Duration {
	if w.started.IsZero() || w.ended.IsZero() {
		return 0
	}
	return w.ended.Sub(w.started)
}

// forget lets go of what is shown of a wave only while it is the current one.
func (w *waveTally) forget() {
	for _, r := range w.regions {
		r.latency = nil
	}
}

// A regionTally is where a region stands in a wave. Sums of regions have no name.
type regionTally struct {
	name                             string
	orders, instances                int
	bought, failed, inDoubt, skipped int
	inFlight                         int
	retried                          int // calls that bought nothing and were made again, or will be
	ended                            meter
	latency                          *latency.Histogram // nil: no call has ended
}

func (r *regionTally) addLatency(took time.Duration) {
	if r.latency == nil {
		r.latency = &latency.Histogram{}
	}
	r.latency.Add(took)
}

// done is the number of orders that nothing will happen to any more.
func (r *regionTally) done() int { return r.bought + r.failed + r.inDoubt + r.skipped }

func (r *regionTally) waiting() int { return max(0, r.orders-r.done()-r.inFlight) }
