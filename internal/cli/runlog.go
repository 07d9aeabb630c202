package cli

import (
	"cmp"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// summary is how the run log ends.
func summary(p plan.Plan, r apply.Result, calls *latencies) state.RunSummary {
	s := state.RunSummary{
		Ended: time.Now(), Interrupted: r.Interrupted,
		Bought: r.Count(apply.EndBought), Instances: r.Instances(), Failed: r.Count(apply.EndFailed),
		InDoubt: r.Count(apply.EndInDoubt), Skipped: r.Count(apply.EndSkipped),
		Latency: calls.median(),
	}
	if leavesOnlyDoubts(p, r) {
		s.AllButDoubts = s.InDoubt+p.Totals().InDoubt > 0
		s.Finished = !s.AllButDoubts
	}
	for _, w := range r.Waves {
		s.Waves = append(s.Waves, state.WaveSummary{Name: w.Wave, End: w.End.String(), Baked: w.Baked})
	}
	return s
}

// leavesOnlyDoubts tells whether a campaign ends with the run, or as soon as all that is in doubt turns out to be bought: it was
// one for the whole fleet that left nothing to be tried, and no wave that some apply would still have to watch.
func leavesOnlyDoubts(p plan.Plan, r apply.Result) bool {
	if p.Selected || r.Count(apply.EndFailed)+r.Count(apply.EndSkipped) > 0 {
		return false
	}
	for i, w := range r.Waves {
		watched := w.Baked || i >= len(p.Waves) || p.Waves[i].Bake == 0
		if !w.End.Well() && (w.End != apply.WaveBad || !watched) {
			return false
		}
	}
	return true
}

// planned is what the run log keeps of what a run sets out to do, and within which limits.
func planned(p plan.Plan, at time.Time) state.Note {
	out := &state.Planned{Currency: p.Prices.Currency}
	for of, amount := range p.Prices.List {
		out.Prices = append(out.Prices, state.PlannedPrice{Region: of.Region, Spec: of.Spec, Unit: of.Unit, Amount: amount})
	}
	slices.SortFunc(out.Prices, func(a, b state.PlannedPrice) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Spec, b.Spec), cmp.Compare(a.Unit, b.Unit))
	})
	waves := p.Waves
	if len(waves) == 0 {
		waves = []plan.Wave{{}}
	}
	for i, w := range waves {
		out.Waves = append(out.Waves, state.PlannedWave{Name: w.Name, Regions: plannedRegions(ofWave(p, i))})
	}
	return state.Note{Kind: state.NotePlanned, At: at, Planned: out}
}

// plannedRegions are those of a wave's part of a plan. Its changes are sorted by region.
func plannedRegions(part plan.Plan) []state.PlannedRegion {
	var regions []state.PlannedRegion
	for i := range part.Changes {
		c := &part.Changes[i]
		if i == 0 || c.Region != part.Changes[i-1].Region {
			limits := part.Rollout.In(c.Region)
			regions = append(regions, state.PlannedRegion{Region: c.Region, Parallelism: limits.Parallelism, Rate: limits.Rate})
		}
		r := &regions[len(regions)-1]
		r.Orders++
		r.Instances += c.Quantity
		r.Cost = r.Cost.Plus(c.Cost.Amount)
		if c.Cost.Unpriced > 0 {
			r.Unpriced += c.Quantity
		}
	}
	return regions
}

// note is what the run log keeps of an event beside the intents and outcomes that it holds anyway.
func note(e apply.Event) (state.Note, bool) {
	n := state.Note{}
	switch e := e.(type) {
	case apply.WaveStarted:
		n = state.Note{Kind: state.NoteWaveStarted, At: e.At, Wave: e.Wave}
	case apply.WaveEnded:
		n = state.Note{Kind: state.NoteWaveEnded, At: e.At, Wave: e.Wave, End: e.End.String(), Text: e.Reason}
	case apply.AwaitingApproval:
		n = state.Note{Kind: state.NoteAwaitingApproval, At: e.At, Wave: e.Wave.Wave}
	case apply.Baking:
		n = state.Note{Kind: state.NoteBaking, At: e.At, Wave: e.Wave, Until: e.Until, Up: e.Up, Coming: e.Coming, Down: e.Down}
	case apply.InstanceFailed:
		n = state.Note{Kind: state.NoteInstanceFailed, At: e.At, Address: e.Address.String(), Region: e.Region, Text: e.Why}
	case apply.SpeedChanged:
		n = state.Note{Kind: state.NoteSpeedChanged, At: e.At, Region: e.Region, Parallelism: e.Parallelism, Rate: e.Rate, Text: e.Reason}
	case apply.Paused:
		n = state.Note{Kind: state.NotePaused, At: e.At, By: e.By}
	case apply.Resumed:
		n = state.Note{Kind: state.NoteResumed, At: e.At, By: e.By}
	case apply.Retrying:
		n = state.Note{
			Kind: state.NoteRetrying, At: e.At, Address: e.Address.String(), Region: e.Region, Attempt: e.Attempt,
			Delay: e.Delay, Class: e.Failure.Class.String(), Code: e.Failure.Code, Text: e.Failure.Message,
		}
	case apply.Skipped:
		n = state.Note{Kind: state.NoteSkipped, At: e.At, Address: e.Address.String(), Region: e.Region, Wave: e.Wave}
	case apply.RegionStopped:
		n = state.Note{Kind: state.NoteRegionStopped, At: e.At, Region: e.Region, Text: e.Reason}
	case apply.Draining:
		n = state.Note{Kind: state.NoteDraining, At: e.At, Text: e.Reason}
	case apply.Started, apply.Calling, apply.Bought, apply.Failed, apply.InDoubt, apply.NotRecorded, apply.Ended:
		// the planned note and the journal's own entries tell of these
	}
	return n, n.Kind != ""
}
