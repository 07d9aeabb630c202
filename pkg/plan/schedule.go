package plan

import (
	"math"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// AssumedLatency is how long a call is taken to last where no run has measured it.
const AssumedLatency = time.Second

// A Schedule is how long an apply of a plan takes, and how fast it calls, if nothing fails and nobody throttles it. What
// approvals wait for is not counted.
type Schedule struct {
	Waves    []WaveSchedule // those with something to buy or to watch, in their sequence
	Latency  time.Duration  // of a call: Plan.Latency, or AssumedLatency
	Measured bool           // Latency is an earlier run's
	Time     time.Duration
}

// A WaveSchedule is a wave's part of a schedule, or the whole apply where the fleet has no waves.
type WaveSchedule struct {
	Wave
	Index     int // in Plan.Waves; 0 where there are none
	Orders    int // that it buys
	Instances int
	Cost      Cost
	Regions   []RegionSchedule // in the sequence in which they come
	AtOnce    int              // calls in flight at most; 0 with nothing to buy
	Rate      float64          // calls a second at most, its regions together; 0: no limit
	Watch     time.Duration    // its bake; 0 where nothing is watched
	Time      time.Duration    // of its calls and its bake
}

// A RegionSchedule is a region's part of a wave.
type RegionSchedule struct {
	Region    string
	Orders    int
	Instances int
	Cost      Cost
	// AtOnce is how many calls are in flight in it at most: what the run and the region allow, what its rate brings about
	// at the schedule's latency, and what there is to buy.
	AtOnce int
	Rate   float64       // calls a second at most; 0: no limit
	Time   time.Duration // of its calls, as if no other region called
}

// longestEstimate ends what nobody waits for, before durations overflow.
const longestEstimate = 365 * 24 * time.Hour

// Schedule estimates how an apply of the plan goes. With nothing to buy, only that of the whole fleet watches what earlier
// runs bought, and only with nothing in doubt: it ends the campaign.
func (p Plan) Schedule() Schedule {
	s := Schedule{Latency: p.Latency, Measured: p.Latency > 0}
	if !s.Measured {
		s.Latency = AssumedLatency
	}
	if n := p.Totals(); n.Orders() == 0 && (p.Selected || n.InDoubt > 0) {
		return s
	}
	for _, w := range p.waveParts() {
		slices.SortFunc(w.Regions, func(a, b RegionSchedule) int { return p.Rollout.CompareRegions(a.Region, b.Region) })
		w.estimate(p.Rollout, s.Latency)
		if w.Orders == 0 && w.Watch == 0 {
			continue
		}
		s.Waves = append(s.Waves, w)
		s.Time = min(s.Time+w.Time, longestEstimate)
	}
	return s
}

// waveParts counts what each wave buys, by region name.
func (p Plan) waveParts() []WaveSchedule {
	waves := make([]WaveSchedule, max(1, len(p.Waves)))
	for i, w := range p.Waves {
		waves[i].Wave, waves[i].Index = w, i
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Action.Buys() {
			continue
		}
		w := &waves[c.Wave]
		last := len(w.Regions) - 1
		if last < 0 || w.Regions[last].Region != c.Region {
			w.Regions = append(w.Regions, RegionSchedule{Region: c.Region})
			last++
		}
		w.Regions[last].add(c)
		w.Orders++
		w.Instances += c.Quantity
		w.Cost = w.Cost.Plus(c.Cost)
	}
	return waves
}

func (r *RegionSchedule) add(c *Change) {
	r.Orders++
	r.Instances += c.Quantity
	r.Cost = r.Cost.Plus(c.Cost)
}

// estimate sets speed and time of the wave and its regions.
func (w *WaveSchedule) estimate(rollout order.Rollout, latency time.Duration) {
	unlimited := false
	for i := range w.Regions {
		r := &w.Regions[i]
		r.estimate(rollout, latency)
		unlimited = unlimited || r.Rate == 0
		if rollout.Sequential {
			w.AtOnce, w.Rate = max(w.AtOnce, r.AtOnce), max(w.Rate, r.Rate)
			w.Time = min(w.Time+r.Time, longestEstimate)
		} else {
			w.AtOnce, w.Rate = min(w.AtOnce+r.AtOnce, rollout.Parallelism), w.Rate+r.Rate
			w.Time = max(w.Time, r.Time)
		}
	}
	if unlimited {
		w.Rate = 0
	}
	if !rollout.Sequential { // the regions may have to share the run's calls
		w.Time = max(w.Time, inTurns(w.Orders, w.AtOnce, latency))
	}
	if w.bakes() {
		w.Watch = w.Bake
		w.Time = min(w.Time+w.Watch, longestEstimate)
	}
}

// bakes tells whether something is watched at the wave's end: what the plan buys, or what earlier runs bought of a wave that
// they did not see to its end.
func (w *WaveSchedule) bakes() bool { return w.Orders > 0 || len(w.Bought) > 0 && !w.Ended }

func (r *RegionSchedule) estimate(rollout order.Rollout, latency time.Duration) {
	limits := rollout.In(r.Region)
	r.Rate = limits.Rate
	r.AtOnce = min(limits.Parallelism, r.Orders)
	r.Time = inTurns(r.Orders, r.AtOnce, latency)
	if r.Rate > 0 {
		r.AtOnce = min(r.AtOnce, max(1, int(math.Ceil(min(r.Rate*latency.Seconds(), order.MaxParallelism)))))
		r.Time = max(r.Time, capped(float64(r.Orders-1)/r.Rate*float64(time.Second))+latency)
	}
}

// inTurns is how long as many calls take, so many at once.
func inTurns(calls, atOnce int, latency time.Duration) time.Duration {
	turns := math.Ceil(float64(calls) / float64(max(1, atOnce)))
	return capped(turns * float64(latency))
}

func capped(nanoseconds float64) time.Duration {
	return time.Duration(min(nanoseconds, float64(longestEstimate)))
}
