package apply

import (
	"context"
	"fmt"
	"time"
)

// runWaves works the waves off in their sequence until one does not end well, and returns how each ended.
func (e *engine) runWaves(waves []*wave) []WaveResult {
	results := make([]WaveResult, len(waves))
	why := "" // no further wave begins
	for i, w := range waves {
		results[i] = WaveResult{Wave: w.Name, Reason: why}
		if why != "" {
			continue
		}
		results[i].End, results[i].Reason = e.runWave(w)
		results[i].Baked = w.baked
		why = endsRun(results[i])
	}
	return results
}

// endsRun says why no wave begins after one that ended so, or nothing.
func endsRun(w WaveResult) string {
	switch {
	case w.End.Well():
		return ""
	case w.End == WaveNotBegun:
		return w.Reason
	case w.End == WaveUnapproved:
		return fmt.Sprintf("wave %q was not approved", w.Wave)
	default:
		return fmt.Sprintf("wave %q did not end well", w.Wave)
	}
}

// runWave returns how the wave ended, and why where it did not end well. One whose orders are in doubt since an earlier
// run is judged even where there is nothing to do for it: what nobody knows of is no success.
func (e *engine) runWave(w *wave) (WaveEnd, string) {
	if len(w.parts) == 0 && len(w.InDoubt) == 0 && !e.bakes(w) {
		return WaveIdle, ""
	}
	if end, reason := e.admit(w); end != WaveGood {
		return end, reason
	}
	w.begun = true
	e.emit(WaveStarted{Wave: w.Name, At: time.Now()})
	w.buy(e.Rollout.Sequential)
	end, reason := e.conclude(w)
	e.emit(WaveEnded{Wave: w.Name, End: end, Reason: reason, At: time.Now()})
	return end, reason
}

// admit waits until the wave may begin. It returns WaveGood, or why it doesn't: nobody approved it, or the run drains.
func (e *engine) admit(w *wave) (WaveEnd, string) {
	if e.draining.Err() != nil {
		return WaveNotBegun, e.whyDraining()
	}
	if w.Approve && len(w.parts) > 0 {
		if reason := e.ask(w); reason != "" {
			e.emit(WaveEnded{Wave: w.Name, End: WaveUnapproved, Reason: reason, At: time.Now()})
			return WaveUnapproved, reason
		}
	}
	if e.brake.pass(e.draining) != nil {
		return WaveNotBegun, e.whyDraining()
	}
	return WaveGood, ""
}

// ask has somebody approve the wave. It returns why nobody did, or nothing. A yes to a run that ended meanwhile is none.
func (e *engine) ask(w *wave) string {
	total := w.total()
	e.emit(AwaitingApproval{Wave: total, At: time.Now()})
	if e.Approver == nil {
		return unapproved
	}
	approved, err := e.Approver.Approve(e.draining, total)
	switch {
	case e.draining.Err() != nil:
		return e.whyDraining()
	case err != nil:
		return fmt.Sprintf("%s: %v", unapproved, err)
	case !approved:
		return unapproved
	}
	return ""
}

const unapproved = "it was not approved"

func (e *engine) whyDraining() string { return context.Cause(e.draining).Error() }

// skipWaves tells of the orders whose waves never began.
func (e *engine) skipWaves(waves []*wave) {
	for _, w := range waves {
		if w.begun {
			continue
		}
		for _, p := range w.parts {
			for _, i := range p.orders {
				e.skip(&e.entries[i])
			}
		}
	}
}
