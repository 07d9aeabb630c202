package cli

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// summary is how the run log ends.
func summary(r apply.Result) state.RunSummary {
	return state.RunSummary{
		Ended: time.Now(), Interrupted: r.Interrupted,
		Bought: r.Count(apply.EndBought), Instances: r.Instances(), Failed: r.Count(apply.EndFailed),
		InDoubt: r.Count(apply.EndInDoubt), Skipped: r.Count(apply.EndSkipped),
	}
}

// note is what the run log keeps of an event beside the intents and outcomes that it holds anyway.
func note(e apply.Event) (state.Note, bool) {
	switch e := e.(type) {
	case apply.Retrying:
		return state.Note{
			Kind: "retrying", At: e.At, Address: e.Address.String(), Region: e.Region, Attempt: e.Attempt,
			Delay: e.Delay, Class: e.Failure.Class.String(), Code: e.Failure.Code, Text: e.Failure.Message,
		}, true
	case apply.Skipped:
		return state.Note{Kind: "skipped", At: e.At, Address: e.Address.String(), Region: e.Region}, true
	case apply.RegionStopped:
		return state.Note{Kind: "region_stopped", At: e.At, Region: e.Region, Text: e.Reason}, true
	case apply.Draining:
		return state.Note{Kind: "draining", At: e.At, Text: e.Reason}, true
	default: // the journal's own entries tell the rest
		return state.Note{}, false
	}
}
