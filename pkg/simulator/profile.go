package simulator

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Profile says how the API behaves towards createInstance calls.
type Profile struct {
	All     Behaviour            // of the regions that are not among Regions
	Regions map[string]Behaviour // in place of All, not beside it
	Seed    uint64               // of faults and latencies, as Options.Seed
}

// A Behaviour is that of one region.
type Behaviour struct {
	Latency Latency
	Admits  float64 // calls a second that it lets through; those beyond are throttled; 0: it lets all through
	Faults  Faults  // how often calls fail, and how; what is throttled counts as a call too
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

// play returns what decides on calls as the profile says. An error names a fault's rate that can't be.
func (p Profile) play() (*cast, error) {
	for _, b := range p.Regions {
		if _, err := b.Faults.cumulate(); err != nil {
			return nil, err
		}
	}
	if _, err := p.All.Faults.cumulate(); err != nil {
		return nil, err
	}
	return &cast{profile: p, known: map[string]*played{}}, nil
}

// A cast is what plays the regions that were called so far.
type cast struct {
	profile Profile
	mu      sync.Mutex
	known   map[string]*played
}

func (c *cast) region(name string) *played {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.known[name]
	if r == nil {
		r = newPlayed(c.profile.In(name), c.profile.Seed, name)
		c.known[name] = r
	}
	return r
}

// played is a region as its behaviour has it.
type played struct {
	latency Latency
	seed    uint64
	script  Script
	admits  *rate.Limiter // nil: all
}

func newPlayed(b Behaviour, seed uint64, name string) *played {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	script, _ := b.Faults.Script(seed) // play has seen that there is no error
	r := &played{latency: b.Latency, seed: seed ^ h.Sum64(), script: script}
	if b.Admits > 0 {
		r.admits = rate.NewLimiter(rate.Limit(b.Admits), int(math.Ceil(b.Admits)))
	}
	return r
}

func (r *played) fault(c Call) Fault {
	if r.admits != nil && !r.admits.Allow() {
		return Throttle
	}
	return r.script(c)
}

// pace draws from another sequence than faults do, so that slow calls fail no more often than fast ones.
func (r *played) pace(c Call) time.Duration {
	return r.latency.at(rand.New(rand.NewPCG(r.seed, ^uint64(c.N))).Float64())
}
