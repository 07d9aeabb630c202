package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// A tally counts a run's events by wave and region. What it keeps grows with the orders in flight, not with those that
// have ended.
type tally struct {
	facts   RunFacts
	run     string
	started time.Time
	ended   time.Time // zero: it goes on
	waves   []*waveTally
	current int // which of waves the events are about; the first one until another has begun
	calls   map[order.Address]time.Time
	retold  bool        // the last call that began was in flight already: its beginning was told again, by who knows it better
	sum     regionTally // of all waves
	spent   plan.Cost
	causes  causes
	stopped map[string]bool  // the regions in which no call begins any more
	speeds  map[string]speed // of regions in which it was changed

	// What the run is at beside calls; nil: it isn't.
	baking   *apply.Baking
	asked    *apply.AwaitingApproval
	paused   *apply.Paused
	draining *apply.Draining
}

// A speed is how fast a region is called.
type speed struct {
	parallelism int
	rate        float64 // calls a second; 0: no limit
}

func newTally(f RunFacts) tally {
	return tally{
		facts: f, calls: map[order.Address]time.Time{}, stopped: map[string]bool{}, speeds: map[string]speed{},
	}
}

// wave is the one that events of single orders are about.
func (t *tally) wave() *waveTally {
	if len(t.waves) == 0 { // nobody has said what the run sets out to do
		t.waves = append(t.waves, newWaveTally(apply.WaveTotal{}))
	}
	return t.waves[t.current]
}

// count takes an event in, and returns how long the call took that it ends, if it ends one.
func (t *tally) count(e apply.Event) time.Duration {
	switch e := e.(type) {
	case apply.Calling:
		t.call(e)
	case apply.Retrying:
		t.add(e.Region, func(r *regionTally) { r.retried++ })
		return t.endCall(e.Address, e.Region, e.At)
	case apply.Bought:
		t.add(e.Region, func(r *regionTally) { r.bought++ })
		t.spent = t.spent.Plus(t.facts.change(e.Region, e.Address).Cost)
		if answered := e.Purchase.At; !answered.IsZero() {
			return t.endOrder(e.Address, e.Region, answered)
		}
		return t.endOrder(e.Address, e.Region, e.At)
	case apply.Failed:
		t.add(e.Region, func(r *regionTally) { r.failed++ })
		t.causes.count("failed", e.Failure)
		return t.endOrder(e.Address, e.Region, e.At)
	case apply.InDoubt:
		t.add(e.Region, func(r *regionTally) { r.inDoubt++ })
		t.causes.count("in doubt", e.Failure)
		return t.endOrder(e.Address, e.Region, e.At)
	case apply.Skipped:
		took := t.endCall(e.Address, e.Region, e.At)
		t.skip(e)
		return took
	default:
		t.countRun(e)
	}
	return 0
}

// countRun takes in what is about more than one order.
func (t *tally) countRun(e apply.Event) {
	switch e := e.(type) {
	case apply.Started:
		t.start(e)
	case apply.WaveStarted:
		t.asked = nil
		t.beginWave(e)
	case apply.AwaitingApproval:
		t.asked = &e
	case apply.Baking:
		t.baking = &e
		t.wave().bake = e
	case apply.InstanceFailed:
		t.causes.count("down", order.Failure{Message: e.Why})
	case apply.WaveEnded:
		t.asked, t.baking = nil, nil
		t.endWave(e)
	case apply.RegionStopped:
		t.stopped[e.Region] = true
	case apply.SpeedChanged:
		t.speeds[e.Region] = speed{e.Parallelism, e.Rate}
	case apply.Paused:
		t.paused = &e
	case apply.Resumed:
		t.paused = nil
	case apply.Draining:
		t.draining = &e
	case apply.Ended:
		t.ended = e.At
		t.asked, t.baking, t.paused, t.draining = nil, nil, nil, nil
	}
}

func (t *tally) start(e apply.Started) {
	*t = newTally(t.facts)
	t.run, t.started = e.Run, e.At
	for _, w := range e.Waves {
		t.waves = append(t.waves, newWaveTally(w))
		t.sum.orders += w.Orders
		t.sum.instances += w.Instances
	}
}

func (t *tally) beginWave(e apply.WaveStarted) {
	t.wave().forget()
	t.current = t.waveNamed(e.Wave)
	t.wave().started = e.At
}

func (t *tally) endWave(e apply.WaveEnded) {
	w := t.waves[t.waveNamed(e.Wave)]
	w.end, w.reason, w.ended = e.End, e.Reason, e.At
}

// waveNamed is where a wave stands among the waves.
func (t *tally) waveNamed(name string) int {
	for i, w := range t.waves {
		if w.name == name {
			return i
		}
	}
	t.waves = append(t.waves, newWaveTally(apply.WaveTotal{Wave: name}))
	return len(t.waves) - 1
}

// call counts a call in. One that is told of twice began the second time.
func (t *tally) call(e apply.Calling) {
	if _, t.retold = t.calls[e.Address]; !t.retold {
		t.add(e.Region, func(r *regionTally) {
			r.inFlight++
			r.orders = max(r.orders, r.done()+r.inFlight) // nobody has said what the run sets out to do
		})
	}
	t.calls[e.Address] = e.At
}

// add changes a region of the current wave, that wave's sum and the run's alike.
func (t *tally) add(region string, change func(*regionTally)) {
	t.addTo(t.wave(), region, change)
}

func (t *tally) addTo(w *waveTally, region string, change func(*regionTally)) {
	for _, r := range []*regionTally{w.region(region), &w.sum, &t.sum} {
		change(r)
	}
}

// skip counts a skipped order, which may be one of a later wave.
func (t *tally) skip(e apply.Skipped) {
	t.addTo(t.waves[t.waveNamed(e.Wave)], e.Region, func(r *regionTally) {
		r.skipped++
		r.orders = max(r.orders, r.done()) // nobody has said what the run sets out to do
	})
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

// endOrder closes the call that was the order's last one. The calls before it, which bought nothing because they were
// throttled or not sent, say little about how long the API takes to buy.
func (t *tally) endOrder(a order.Address, region string, at time.Time) time.Duration {
	_, called := t.calls[a]
	took := t.endCall(a, region, at)
	t.add(region, func(r *regionTally) {
		r.ended.mark(at)
		if called {
			r.addLatency(took)
		}
	})
	return took
}

// now is the moment that the run is shown at: once it has ended, its end.
func (t *tally) now(now time.Time) time.Time {
	if !t.ended.IsZero() {
		return t.ended
	}
	return now
}
