package ui

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// jsonEnding is what an apply's change_summary tells beside its counts.
type jsonEnding struct {
	Waves    []jsonWaveEnd  `json:"waves,omitempty"`            // in their sequence; none where the fleet names none
	Untried  []jsonUntried  `json:"not_tried,omitempty"`        // all orders that were skipped, in the sequence in which they would have come
	Failed   []jsonInstance `json:"failed_instances,omitempty"` // what was bought and failed, or did not come up
	Continue string         `json:"continue,omitempty"`         // the command that goes on with what was not tried, for a shell
	Lacks    string         `json:"continue_lacks,omitempty"`   // what has to be put into it first, for people
}

// jsonWaveEnd is how a wave ended, and what became of its orders in this run.
type jsonWaveEnd struct {
	Wave    string `json:"wave"`
	End     string `json:"end"` // good, bad, cut_short, unapproved, not_begun or idle
	Reason  string `json:"reason,omitempty"`
	Orders  int    `json:"orders"`
	Bought  int    `json:"bought"`
	Failed  int    `json:"failed"`
	InDoubt int    `json:"in_doubt"`
	Skipped int    `json:"skipped"`
}

type jsonUntried struct {
	Wave      string          `json:"wave,omitempty"`
	Region    string          `json:"region"`
	Orders    int             `json:"orders"`
	Addresses []order.Address `json:"addresses"`
}

type jsonInstance struct {
	Address   order.Address `json:"address"`
	Region    string        `json:"region"`
	Instances int           `json:"instances"`
	Why       string        `json:"why"`
}

func endingJSON(e Ending) jsonEnding {
	out := jsonEnding{Continue: e.Continue, Lacks: e.Lacks}
	if e.waved() {
		counts := e.waveCounts()
		for i, w := range e.Result.Waves {
			c := counts[i]
			out.Waves = append(out.Waves, jsonWaveEnd{w.Wave, w.End.String(), w.Reason, c.orders, c.bought, c.failed, c.inDoubt, c.skipped})
		}
	}
	for _, part := range e.untried() {
		out.Untried = append(out.Untried, jsonUntried{part.wave, part.region, len(part.entries), addressesOf(part.entries)})
	}
	for _, f := range e.Failed {
		out.Failed = append(out.Failed, jsonInstance{f.Address, f.Region, f.Instances, f.Why})
	}
	return out
}

func addressesOf(entries []apply.Entry) []order.Address {
	addresses := make([]order.Address, len(entries))
	for i, e := range entries {
		addresses[i] = e.Address
	}
	return addresses
}
