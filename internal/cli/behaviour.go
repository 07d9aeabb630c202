package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// behaviour are the flags that say how a simulated API takes purchases: everywhere, or in the region that they name.
type behaviour struct {
	latencies  []string
	admits     []string
	faults     []string
	retryAfter time.Duration
	comeUp     time.Duration
	seed       uint64
}

// behaviourFlags are their names.
var behaviourFlags = []string{"latency", "admit", "fault", "retry-after", "come-up", "seed"}

// addBehaviourFlags adds them. Their texts begin with what they are for, where that is not the whole command.
func (b *behaviour) addBehaviourFlags(f *pflag.FlagSet, purpose string) {
	f.StringArrayVar(&b.latencies, "latency", nil, purpose+"answer after `[REGION:]D`, for instance 50ms, or evenly spread, as in 300ms..2s (repeatable)")
	f.StringArrayVar(&b.admits, "admit", nil, purpose+"let `[REGION:]N` calls a second through and throttle the rest (repeatable)")
	f.StringArrayVar(&b.faults, "fault", nil, purpose+"let a fault happen, as `[REGION:]KIND=RATE` with a rate from 0 to 1 (repeatable)")
	f.DurationVar(&b.retryAfter, "retry-after", 0, purpose+"let throttles ask for a pause of `D`")
	f.DurationVar(&b.comeUp, "come-up", 0, purpose+"let instances take `D` until they run")
	f.Uint64Var(&b.seed, "seed", 1, purpose+"draw latencies and faults from `N`; the same seed gives the same ones")
}

// set makes a simulator behave as base says, but for what the flags say.
func (b *behaviour) set(o *simulator.Options, base simulator.Profile) error {
	p, err := b.played(base)
	o.Profile, o.RetryAfter, o.ComeUp, o.Seed = &p, b.retryAfter, b.comeUp, b.seed
	return err
}

// played returns how the API behaves: as base says, but for what the flags say. What they say of one region wins over what
// they say of all, wherever it stands.
func (b *behaviour) played(base simulator.Profile) (simulator.Profile, error) {
	p := simulator.Profile{All: base.All, Regions: maps.Clone(base.Regions), Seed: b.seed}
	changes, err := b.changes()
	if err != nil {
		return p, err
	}
	for _, c := range changes {
		if c.region != "" {
			continue
		}
		p.All = c.applied(p.All)
		for name, r := range p.Regions {
			p.Regions[name] = c.applied(r)
		}
	}
	for _, c := range changes {
		if c.region == "" {
			continue
		}
		if p.Regions == nil {
			p.Regions = map[string]simulator.Behaviour{}
		}
		p.Regions[c.region] = c.applied(p.In(c.region))
	}
	return p, nil
}

// A behaviourChange is what one flag says.
type behaviourChange struct {
	region string // empty: all
	set    func(*simulator.Behaviour)
}

func (c behaviourChange) applied(b simulator.Behaviour) simulator.Behaviour {
	b.Faults = maps.Clone(b.Faults)
	c.set(&b)
	return b
}

func (b *behaviour) changes() ([]behaviourChange, error) {
	var changes []behaviourChange
	for _, flag := range []struct {
		name  string
		texts []string
		parse func(text string) (func(*simulator.Behaviour), error)
	}{{"latency", b.latencies, parseLatency}, {"admit", b.admits, parseAdmits}, {"fault", b.faults, parseFault}} {
		for _, text := range flag.texts {
			region, value, named := strings.Cut(text, ":")
			if !named {
				region, value = "", text
			} else if region == "" {
				return nil, hinted{fmt.Errorf("--%s: %q names no region before the colon", flag.name, text), "Leave the colon out, or name a region."}
			}
			set, err := flag.parse(value)
			if err != nil {
				return nil, hinted{fmt.Errorf("--%s: %w", flag.name, err), "bastion-fleet sim serve --help shows the forms, and says what each fault does."}
			}
			changes = append(changes, behaviourChange{region, set})
		}
	}
	return changes, nil
}

// The bounds of what these flags say: more than of any API that somebody would play.
const (
	maxPlayedLatency = time.Hour
	maxPlayedRate    = 1_000_000
)

func parseLatency(text string) (func(*simulator.Behaviour), error) {
	var l simulator.Latency
	for part := range strings.SplitSeq(text, "..") {
		d, err := time.ParseDuration(part)
		if err != nil || d < 0 || d > maxPlayedLatency {
			return nil, fmt.Errorf("%q is no time up to 1h, such as 800ms", part)
		}
		l = append(l, d)
	}
	if len(l) > 2 || !slices.IsSorted(l) {
		return nil, errors.New("write one time, or the shortest and the longest, as in 300ms..2s")
	}
	return func(b *simulator.Behaviour) { b.Latency = l }, nil
}

func parseAdmits(text string) (func(*simulator.Behaviour), error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= maxPlayedRate) {
		return nil, fmt.Errorf("%q is no number of calls a second, such as 20", text)
	}
	return func(b *simulator.Behaviour) { b.Admits = n }, nil
}

func parseFault(text string) (func(*simulator.Behaviour), error) {
	fault, rate, err := simulator.ParseFault(text)
	if err != nil {
		return nil, err
	}
	return func(b *simulator.Behaviour) {
		if b.Faults == nil {
			b.Faults = simulator.Faults{}
		}
		b.Faults[fault] = rate
	}, nil
}
