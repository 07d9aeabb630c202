package cli

import (
	"errors"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// verdict turns a run's end into an exit code.
func (o *applyOptions) verdict(p plan.Plan, r apply.Result, stopped, closed error) error {
	switch {
	case errors.Is(stopped, apply.ErrJournal):
		return stopped
	case closed != nil:
		return closed
	case stopped != nil && r.Count(apply.EndBought)+r.Count(apply.EndInDoubt) == 0:
		return remedied(stopped)
	case stopped != nil:
		o.view().Error(remedied(stopped))
		return exitCode(exitIncomplete)
	case r.Interrupted && !endedWell(r):
		return exitCode(exitInterrupted)
	case !endedWell(r):
		return exitCode(exitIncomplete)
	}
	return leftOver(p)
}

// endedWell tells whether all was bought, and no wave has anything left to be watched or looked into.
func endedWell(r apply.Result) bool {
	return r.Complete() && !slices.ContainsFunc(r.Waves, func(w apply.WaveResult) bool { return !w.End.Well() })
}

// remedied says what to do about what stopped a whole run.
func remedied(stopped error) error {
	switch {
	case errors.Is(stopped, apply.ErrDenied):
		return hinted{stopped, "See that access key and secret key belong together, may buy Bastion instances, " +
			"and that this machine's clock is right. Then run apply again: what was bought is kept."}
	case errors.Is(stopped, apply.ErrUnreachable):
		return hinted{stopped, "See that the endpoint is right and the network works. Then run apply again."}
	}
	return stopped
}

// leftOver ends an apply that bought all it could. What it could not carry out keeps the fleet from being as its
// files say, so scripts must not take it for done.
func leftOver(p plan.Plan) error {
	if t := p.Totals(); t.Update+t.InDoubt > 0 {
		return exitCode(exitIncomplete)
	}
	return nil
}
