package ui

import (
	"cmp"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// An Ending is what an apply came to. Without entries in the result it had nothing to buy.
type Ending struct {
	Plan   plan.Plan
	Result apply.Result
	Failed []apply.InstanceFailed // what was bought and failed, or did not come up, while its wave baked
	// Continue is the command that goes on with what was not tried, for a shell; empty where there is nothing.
	Continue string
	Lacks    string // what has to be put into Continue first; empty: it can be run as it is
}

// unwell says which wave is the first that did not end well, and how it ended; false where there is none.
func (e Ending) unwell() (text string, found bool) {
	i := slices.IndexFunc(e.Result.Waves, func(w apply.WaveResult) bool { return !w.End.Well() })
	if i < 0 {
		return "", false
	}
	w := e.Result.Waves[i]
	if w.End == apply.WaveBad {
		return "wave " + Sanitize(w.Wave) + " did not end well", true
	}
	return "wave " + Sanitize(w.Wave) + " " + endText(w.End), true
}

// waved tells whether the run had waves that anybody named.
func (e Ending) waved() bool {
	return slices.ContainsFunc(e.Result.Waves, func(w apply.WaveResult) bool { return w.Wave != "" })
}

// waveCounts counts the entries of each wave.
func (e Ending) waveCounts() []regionTally {
	counts := make([]regionTally, len(e.Result.Waves))
	for i := range e.Result.Entries {
		entry := &e.Result.Entries[i]
		if entry.Wave >= len(counts) {
			continue
		}
		c := &counts[entry.Wave]
		c.orders++
		switch entry.End {
		case apply.EndBought:
			c.bought++
		case apply.EndFailed:
			c.failed++
		case apply.EndInDoubt:
			c.inDoubt++
		case apply.EndSkipped:
			c.skipped++
		}
	}
	return counts
}

// An untried is what a run did not try in a region's part of a wave.
type untried struct {
	wave    string
	region  string
	entries []apply.Entry
}

// untried are the orders that were skipped, by wave and region, in the sequence in which they would have come.
func (e Ending) untried() []untried {
	skipped := entriesOf(e.Result, apply.EndSkipped)
	slices.SortStableFunc(skipped, func(a, b apply.Entry) int {
		return cmp.Or(cmp.Compare(a.Wave, b.Wave), e.Plan.Rollout.CompareRegions(a.Region, b.Region))
	})
	var parts []untried
	for i, s := range skipped {
		if i == 0 || s.Wave != skipped[i-1].Wave || s.Region != skipped[i-1].Region {
			parts = append(parts, untried{wave: e.waveName(s.Wave), region: s.Region})
		}
		last := &parts[len(parts)-1]
		last.entries = append(last.entries, s)
	}
	return parts
}

func (e Ending) waveName(wave int) string {
	if wave >= len(e.Result.Waves) {
		return ""
	}
	return e.Result.Waves[wave].Wave
}
