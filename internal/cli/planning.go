package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// planning are the flags of the commands that make a plan.
type planning struct {
	targets     []string
	excludes    []string
	regions     []string
	parallelism int
}

func (p *planning) addPlanningFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&p.targets, "target", nil, "only orders at `ADDRESS`, which may end in * (repeatable)")
	f.StringArrayVar(&p.excludes, "exclude", nil, "no orders at `ADDRESS`, which may end in * (repeatable)")
	f.StringArrayVar(&p.regions, "region", nil, "only orders in `REGION` (repeatable)")
	f.IntVar(&p.parallelism, "parallelism", 0, fmt.Sprintf("at most `N` calls in flight, 1 to %d (default: the fleet's rollout block, else %d)",
		order.MaxParallelism, order.DefaultRollout().Parallelism))
}

// selection reads the flags that narrow a plan.
func (p *planning) selection() (plan.Selection, error) {
	s := plan.Selection{Region: p.regions}
	for _, part := range []struct {
		texts    []string
		patterns *[]order.Pattern
	}{{p.targets, &s.Target}, {p.excludes, &s.Exclude}} {
		for _, text := range part.texts {
			pattern, err := order.ParsePattern(text)
			if err != nil {
				return plan.Selection{}, hinted{err, howToAddress}
			}
			*part.patterns = append(*part.patterns, pattern)
		}
	}
	return s, nil
}

// limit applies --parallelism to the fleet's own limits.
func (p *planning) limit(r order.Rollout, set bool) (order.Rollout, error) {
	if !set {
		return r, nil
	}
	if p.parallelism < 1 || p.parallelism > order.MaxParallelism {
		return r, hinted{
			fmt.Errorf("--parallelism is %d; it may be 1 to %d", p.parallelism, order.MaxParallelism),
			"Leave it out for the limit of the fleet's rollout block.",
		}
	}
	r.Parallelism = p.parallelism
	return r, nil
}

// loadFleet reads the fleet in dir and shows what is wrong with it.
func (g *globals) loadFleet(dir string) (fleet.Fleet, error) {
	f, diags := g.load(dir, fleet.Options{})
	if len(diags) > 0 {
		g.view().Diagnostics(diags, f.Files)
	}
	if diags.HasErrors() {
		return f, exitCode(exitError)
	}
	return f, nil
}

// load reads the fleet in dir with the variables of flags and environment.
func (g *globals) load(dir string, o fleet.Options) (fleet.Fleet, hcl.Diagnostics) {
	o.Vars, o.Environ, o.Version = g.vars, os.Environ(), programVersion()
	return fleet.Load(dir, o)
}

// build compares the fleet with what the state holds. Preview, saved plan and apply all come through here.
func (p *planning) build(f fleet.Fleet, s state.Snapshot, parallelismSet bool) (plan.Plan, error) {
	selection, err := p.selection()
	if err != nil {
		return plan.Plan{}, err
	}
	if unmatched := selection.Unmatched(f.Orders, s.Records); !unmatched.All() {
		return plan.Plan{}, nothingMatches(unmatched)
	}
	rollout, err := p.limit(f.Rollout, parallelismSet)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Build(plan.Input{
		Fleet: f.Name, Orders: f.Orders, Lifecycles: f.Lifecycles, Rollout: rollout, Selection: selection,
		Limits: f.Limits, Prices: f.Prices, Moved: f.Moved, Removed: f.Removed, Imports: f.Imports,
		Known:   plan.Known{Lineage: s.Lineage, Serial: s.Serial, Records: s.Records, Campaign: campaign(s)},
		Latency: lastLatency(s),
	})
}

// lastLatency is how long calls took in the last run that made any; 0 where that is not known.
func lastLatency(s state.Snapshot) time.Duration {
	for _, r := range slices.Backward(s.Runs()) {
		if r.Summary != nil && r.Summary.Latency > 0 {
			return r.Summary.Latency
		}
	}
	return 0
}

// campaign is what earlier runs have done of the rollout that is under way.
func campaign(s state.Snapshot) plan.Campaign {
	runs, ended := s.Campaign()
	return plan.Campaign{Runs: runs, Ended: ended}
}

func nothingMatches(s plan.Selection) error {
	var flags []string
	for _, p := range s.Target {
		flags = append(flags, "--target "+p.String())
	}
	for _, p := range s.Exclude {
		flags = append(flags, "--exclude "+p.String())
	}
	for _, r := range s.Region {
		flags = append(flags, "--region "+r)
	}
	return hinted{
		errors.New("no order matches " + strings.Join(flags, ", ")),
		howToAddress,
	}
}

const howToAddress = `Addresses are written as the plan shows them, in quotes for the shell: 'order.branch["bj"]', 'order.branch*'.`
