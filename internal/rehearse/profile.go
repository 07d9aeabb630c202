package rehearse

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A Profile says how the API behaves towards createInstance calls.
type Profile struct {
	All     Behaviour            // of the regions that are not among Regions
	Regions map[string]Behaviour // in place of All, not beside it
	Seed    uint64               // of faults and latencies; the same seed gives the same ones to the nth call in a region
}

// A Behaviour is that of one region.
type Behaviour struct {
	Latency Latency
	Admits  float64          // calls a second that it lets through; those beyond are throttled; 0: it lets all through
	Faults  simulator.Faults // how often calls fail, and how; what is throttled counts as a call too
}

// In is how the API behaves in a region.
func (p Profile) In(region string) Behaviour {
	if b, named := p.Regions[region]; named {
		return b
	}
	return p.All
}

// A Latency is how calls are spread over how long they take: sorted, and each as frequent as any between two neighbours.
// One makes all calls take as long; none makes them take no time.
type Latency []time.Duration

// at is what a share of calls, from 0 to 1, take at most.
func (l Latency) at(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	position := share * float64(len(l)-1)
	below := min(int(position), len(l)-1)
	above := min(below+1, len(l)-1)
	return l[below] + time.Duration((position-float64(below))*float64(l[above]-l[below]))
}

// Play makes the simulator behave so. An error names a fault's rate that can't be.
func (p Profile) Play(o *simulator.Options) error {
	for _, b := range p.Regions {
		if _, err := b.Faults.Script(p.Seed); err != nil {
			return err
		}
	}
	if _, err := p.All.Faults.Script(p.Seed); err != nil {
		return err
	}
	regions := &regions{profile: p, known: map[string]*playedRegion{}}
	o.Script = func(c simulator.Call) simulator.Fault { return regions.of(c.Region).fault(c) }
	o.Pace = func(c simulator.Call) time.Duration { return regions.of(c.Region).pace(c) }
	return nil
}

// regions are those that were called so far.
type regions struct {
	profile Profile
	mu      sync.Mutex
	known   map[string]*playedRegion
}

func (r *regions) of(name string) *playedRegion {
	r.mu.Lock()
	defer r.mu.Unlock()
	played := r.known[name]
	if played == nil {
		played = newPlayedRegion(r.profile.In(name), r.profile.Seed, name)
		r.known[name] = played
	}
	return played
}

type playedRegion struct {
	latency Latency
	seed    uint64
	script  simulator.Script
	admits  *rate.Limiter // nil: all
}

func newPlayedRegion(b Behaviour, seed uint64, name string) *playedRegion {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	script, _ := b.Faults.Script(seed) // Play has seen that there is no error
	played := &playedRegion{latency: b.Latency, seed: seed ^ h.Sum64(), script: script}
	if b.Admits > 0 {
		played.admits = rate.NewLimiter(rate.Limit(b.Admits), int(math.Ceil(b.Admits)))
	}
	return played
}

func (r *playedRegion) fault(c simulator.Call) simulator.Fault {
	if r.admits != nil && !r.admits.Allow() {
		return simulator.Throttle
	}
	return r.script(c)
}

// pace draws from another sequence than faults do, so that slow calls fail no more often than fast ones.
func (r *playedRegion) pace(c simulator.Call) time.Duration {
	return r.latency.at(rand.New(rand.NewPCG(r.seed, ^uint64(c.N))).Float64())
}
