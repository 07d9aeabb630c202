package ui

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A tally counts a run's events by region.
type tally struct {
	run     string
	started time.Time
	regions []*regionTally // in name order
	calls   map[order.Address]time.Time
	sum     regionTally
}

// A regionTally is where a region stands. The whole run's has no name.
type regionTally struct {
	name                             string
	orders, instances                int
	bought, failed, inDoubt, skipped int
	inFlight                         int
	retried                          int // calls that bought nothing and were made again, or will be
	stopped                          bool
	ended                            meter // calls that came to an end for their order
}

// done is the number of orders that nothing will happen to any more.
func (r *regionTally) done() int { return r.bought + r.failed + r.inDoubt + r.skipped }

func (r *regionTally) waiting() int { return max(0, r.orders-r.done()-r.inFlight) }

// left estimates how many seconds the region still takes, rounded up; false while there is nothing to go by.
func (r *regionTally) left(rate float64) (time.Duration, bool) {
	todo := r.orders - r.done()
	if todo <= 0 || rate <= 0 {
		return 0, false
	}
	return time.Duration(math.Ceil(float64(todo)/rate)) * time.Second, true
}

func newTally() tally { return tally{calls: map[order.Address]time.Time{}} }

// region returns the tally of a region, which Started has announced.
func (t *tally) region(name string) *regionTally {
	i, found := slices.BinarySearchFunc(t.regions, name, func(r *regionTally, name string) int {
		return strings.Compare(r.name, name)
	})
	if !found {
		t.regions = slices.Insert(t.regions, i, &regionTally{name: name})
	}
	return t.regions[i]
}

// count takes an event in, and returns how long the call took that it ends, if it ends one.
func (t *tally) count(e apply.Event) time.Duration {
	switch e := e.(type) {
	case apply.Started:
		t.start(e)
	case apply.Calling:
		t.calls[e.Address] = e.At
		t.add(e.Region, func(r *regionTally) { r.inFlight++ })
	case apply.Retrying:
		t.add(e.Region, func(r *regionTally) { r.retried++ })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.Bought:
		t.add(e.Region, func(r *regionTally) { r.bought++; r.ended.mark(e.At) })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.Failed:
		t.add(e.Region, func(r *regionTally) { r.failed++; r.ended.mark(e.At) })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.InDoubt:
		t.add(e.Region, func(r *regionTally) { r.inDoubt++; r.ended.mark(e.At) })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.Skipped:
		t.add(e.Region, func(r *regionTally) { r.skipped++ })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.RegionStopped:
		t.region(e.Region).stopped = true
	case apply.NotRecorded, apply.Draining, apply.Ended:
	}
	return 0
}

func (t *tally) start(e apply.Started) {
	*t = newTally()
	t.run, t.started = e.Run, e.At
	for _, total := range e.Regions {
		r := t.region(total.Region)
		r.orders, r.instances = total.Orders, total.Instances
		t.sum.orders += total.Orders
		t.sum.instances += total.Instances
	}
}

// add changes a region and the sum alike.
func (t *tally) add(region string, change func(*regionTally)) {
	change(t.region(region))
	change(&t.sum)
}

// endCall closes the address's call. A skipped order may have none.
func (t *tally) endCall(a order.Address, region string, at time.Time) time.Duration {
	begun, calling := t.calls[a]
	if !calling {
		return 0
	}
	delete(t.calls, a)
	t.add(region, func(r *regionTally) { r.inFlight-- })
	return at.Sub(begun)
}

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
