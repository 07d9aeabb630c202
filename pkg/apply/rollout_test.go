package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// A campaign is a run as drawn: its orders, waves and limits, what the API answers, and what operators do meanwhile.
type campaign struct {
	waveOf   []int // of each order
	regionOf []int
	waves    []plan.Wave
	rollout  order.Rollout

	faults        []int // of the calls, in their sequence: indexes of faultClasses, or none
	lostAfterSale []bool
	exhausted     []bool
	approved      []bool
	health        []apply.Health
	commands      []given
	drainAfter    time.Duration
}

var (
	faultClasses = []order.Class{order.ClassInDoubt, order.ClassNotSent, order.ClassThrottled, order.ClassRejected}
	someRegions  = []string{"a", "b", "c"}
)

func drawCampaign(t *rapid.T) campaign {
	limits := func(label string) order.RegionLimits {
		return order.RegionLimits{
			Parallelism:      rapid.IntRange(1, 20).Draw(t, "parallelism "+label),
			Rate:             rapid.SampledFrom([]float64{0, 5, 100}).Draw(t, "rate "+label),
			FailureTolerance: order.Count(rapid.IntRange(0, 10).Draw(t, "tolerance "+label)),
			MaxInDoubt:       rapid.IntRange(1, 10).Draw(t, "max in doubt "+label),
		}
	}
	every := limits("of a region")
	c := campaign{
		faults:        rapid.SliceOfN(rapid.IntRange(0, 2*len(faultClasses)), 1, 40).Draw(t, "faults"),
		lostAfterSale: rapid.SliceOfN(rapid.Bool(), 1, 40).Draw(t, "lost after the sale"),
		exhausted:     rapid.SliceOfN(rapid.Bool(), 1, 10).Draw(t, "quotas used up"),
		approved:      rapid.SliceOfN(rapid.Bool(), 1, 4).Draw(t, "approved"),
		drainAfter:    time.Duration(rapid.IntRange(1, 600_000).Draw(t, "drain after ms")) * time.Millisecond,
		rollout: order.Rollout{
			Parallelism:          rapid.IntRange(1, 20).Draw(t, "parallelism"),
			ParallelismPerRegion: every.Parallelism, RatePerRegion: every.Rate,
			FailureTolerance: every.FailureTolerance, MaxInDoubt: every.MaxInDoubt,
			RunFailureTolerance: order.Percent(rapid.SampledFrom([]float64{20, 100}).Draw(t, "run tolerance")),
			RegionOrder:         rapid.Permutation(someRegions).Draw(t, "region order"),
			Sequential:          rapid.Bool().Draw(t, "sequential"),
			Regions:             []order.RegionRollout{{Region: "b", Limits: limits("of b")}},
		},
	}
	for range rapid.IntRange(1, 4).Draw(t, "waves") {
		c.waves = append(c.waves, plan.Wave{Wave: order.Wave{
			Name:    fmt.Sprintf("wave-%d", len(c.waves)),
			Approve: rapid.Bool().Draw(t, "approve"),
			Bake:    rapid.SampledFrom([]time.Duration{0, time.Minute}).Draw(t, "bake"),
		}})
	}
	for range rapid.IntRange(1, 40).Draw(t, "orders") {
		c.waveOf = append(c.waveOf, rapid.IntRange(0, len(c.waves)-1).Draw(t, "wave"))
		c.regionOf = append(c.regionOf, rapid.IntRange(0, len(someRegions)-1).Draw(t, "region"))
	}
	for range rapid.IntRange(1, 3).Draw(t, "looks") {
		down := rapid.IntRange(0, 4).Draw(t, "down") / 4
		c.health = append(c.health, apply.Health{Up: 2 - down, Down: down})
	}
	for range rapid.IntRange(0, 4).Draw(t, "commands") {
		c.commands = append(c.commands, given{
			time.Duration(rapid.IntRange(0, 200_000).Draw(t, "command after ms")) * time.Millisecond,
			apply.Command{Kind: rapid.SampledFrom([]apply.CommandKind{apply.Pause, apply.Resume, apply.Abort}).Draw(t, "command")},
		})
	}
	return c
}

func (c campaign) buys() []plan.Buy {
	var all []plan.Buy
	for r, region := range someRegions {
		for i, b := range buys(len(c.waveOf), region) {
			if c.regionOf[i] == r {
				b.Wave = c.waveOf[i]
				all = append(all, b)
			}
		}
	}
	return all
}

// play makes the run in a world of its own.
func (c campaign) play(t *testing.T) (*world, apply.Result, error) {
	w := newWorld(t)
	w.sourceIDs = true
	calls := 0
	w.answer = func(i order.Intent) error { // called with w.mu held
		calls++
		f := c.faults[calls%len(c.faults)]
		if f >= len(faultClasses) {
			return nil
		}
		if faultClasses[f] == order.ClassInDoubt && c.lostAfterSale[calls%len(c.lostAfterSale)] {
			w.sold[i.Order.Address]++
		}
		return &apply.CallError{
			Failure:   order.Failure{Class: faultClasses[f], Message: "fault"},
			Exhausted: faultClasses[f] == order.ClassRejected && c.exhausted[calls%len(c.exhausted)],
		}
	}
	config := w.config(c.buys())
	config.Rollout, config.Waves = c.rollout, c.waves
	config.Commands = commanded(c.commands...)
	asked := 0
	config.Approver = approving(func(ctx context.Context, _ apply.WaveTotal) (bool, error) {
		asked++
		return c.approved[asked%len(c.approved)], context.Cause(ctx)
	})
	looks := 0
	config.Watcher = watching(func(bought []apply.Watched) ([]apply.Health, error) {
		looks++
		return slices.Repeat([]apply.Health{c.health[looks%len(c.health)]}, len(bought)), nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), c.drainAfter)
	defer cancel()
	result, err := apply.Run(ctx, config)
	return w, result, err
}

// Whatever the API and the operators do: no order is called again once a call for it may have bought, no limit is
// exceeded, no wave begins before the one before it ended well, and of each order is told once what became of it.
// That no goroutine is left the bubble sees to.
func TestNoScheduleOfFaultsBreaksARule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCampaign(rt)
		var problem error
		synctest.Test(t, func(t *testing.T) {
			w, result, err := c.play(t)
			if errors.Is(err, apply.ErrUnreachable) {
				err = nil
			}
			problem = errors.Join(err, w.purchases(result), w.withinLimits(c.rollout), w.wavesInTurn(result), w.eachToldOnce(result), w.nothingWhilePaused())
		})
		if problem != nil {
			rt.Fatal(problem)
		}
	})
}

// purchases holds the result against what was sold and what is recorded.
func (w *world) purchases(result apply.Result) error {
	for _, e := range result.Entries {
		sold, r := w.sold[e.Address], w.records[e.Address]
		switch {
		case sold > 1:
			return fmt.Errorf("%s was bought twice", e.Address)
		case sold == 1 && r.Status() == order.StatusFailed:
			return fmt.Errorf("%s was bought and is recorded as failed", e.Address)
		case (e.End == apply.EndBought) != (r.Status() == order.StatusBought):
			return fmt.Errorf("%s ended %s, and is recorded as %s", e.Address, e.End, r.Status())
		case e.End == apply.EndBought && sold != 1:
			return fmt.Errorf("%s counts as bought, and is not", e.Address)
		case (e.End == apply.EndInDoubt) != (r.Doubt != nil):
			return fmt.Errorf("%s ended %s, and its record's doubt is %v", e.Address, e.End, r.Doubt)
		}
	}
	return nil
}

func (w *world) withinLimits(r order.Rollout) error {
	for _, region := range someRegions {
		if most := w.maxInFlight[region]; most > r.In(region).Parallelism {
			return fmt.Errorf("%d calls were in flight in %s", most, region)
		}
	}
	if most := w.maxInFlight[""]; most > r.Parallelism {
		return fmt.Errorf("%d calls were in flight", most)
	}
	if most := max(1, r.Parallelism/2) + len(someRegions); w.maxUncalled > most {
		return fmt.Errorf("%d intents were ahead of their calls", w.maxUncalled)
	}
	if !r.Sequential {
		return nil
	}
	var turns []string
	for _, e := range w.events {
		switch e := e.(type) {
		case apply.WaveStarted:
			turns = nil
		case apply.Calling:
			if n := len(turns); n == 0 || turns[n-1] != e.Region {
				turns = append(turns, e.Region)
			}
			if !slices.IsSortedFunc(turns, r.CompareRegions) {
				return fmt.Errorf("regions came as %v, and were to come as %v", turns, r.RegionOrder)
			}
		}
	}
	return nil
}

// wavesInTurn follows the run through its waves.
func (w *world) wavesInTurn(result apply.Result) error {
	waveOf := map[order.Address]string{}
	for _, e := range result.Entries {
		waveOf[e.Address] = result.Waves[e.Wave].Wave
	}
	current, lets := "", true
	for _, e := range w.events {
		switch e := e.(type) {
		case apply.WaveStarted:
			if current != "" || !lets {
				return fmt.Errorf("%s began, and before it %q had not ended well", e.Wave, current)
			}
			current = e.Wave
		case apply.WaveEnded:
			current, lets = "", e.End == apply.WaveGood
		case apply.AwaitingApproval:
			if current != "" || !lets {
				return fmt.Errorf("%s was to be approved too soon", e.Wave.Wave)
			}
		case apply.Calling:
			if waveOf[e.Address] != current {
				return fmt.Errorf("%s of %s was called in %q", e.Address, waveOf[e.Address], current)
			}
		}
	}
	over := false
	for _, r := range result.Waves {
		if over && r.End != apply.WaveNotBegun {
			return fmt.Errorf("%s ended %s after one that did not end well", r.Wave, r.End)
		}
		good := r.End == apply.WaveGood || r.End == apply.WaveIdle
		over = over || !good
		if good != (r.Reason == "") {
			return fmt.Errorf("%s ended %s because of %q", r.Wave, r.End, r.Reason)
		}
	}
	return nil
}

// eachToldOnce counts the ends that were told of each order.
func (w *world) eachToldOnce(result apply.Result) error {
	told := map[order.Address][]apply.End{}
	for _, e := range w.events {
		switch e := e.(type) {
		case apply.Bought:
			told[e.Address] = append(told[e.Address], apply.EndBought)
		case apply.Failed:
			told[e.Address] = append(told[e.Address], apply.EndFailed)
		case apply.InDoubt:
			told[e.Address] = append(told[e.Address], apply.EndInDoubt)
		case apply.Skipped:
			told[e.Address] = append(told[e.Address], apply.EndSkipped)
		}
	}
	for _, e := range result.Entries {
		if !slices.Equal(told[e.Address], []apply.End{e.End}) {
			return fmt.Errorf("%s ended %s, and was told as %v", e.Address, e.End, told[e.Address])
		}
	}
	if len(told) != len(result.Entries) {
		return fmt.Errorf("%d orders were told of, of %d", len(told), len(result.Entries))
	}
	return nil
}

// nothingWhilePaused looks for calls that began after a pause did, and before it ended.
func (w *world) nothingWhilePaused() error {
	var since time.Time
	for _, e := range w.events {
		switch e := e.(type) {
		case apply.Paused:
			if since.IsZero() {
				since = e.At
			}
		case apply.Resumed:
			since = time.Time{}
		case apply.Calling:
			if !since.IsZero() && e.At.After(since) {
				return fmt.Errorf("%s was called %v after a pause began", e.Address, e.At.Sub(since))
			}
		}
	}
	return nil
}
