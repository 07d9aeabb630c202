package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// settle is on_in_doubt = "rebuy_after_settle": after the looks that the policy asks for, what none of them showed is
// recorded as not bought, so that the plan creates it anew. What ends it before the last look leaves that as it was.
func (o *applyOptions) settle(ctx context.Context, store *state.Store, a account, p plan.Plan, from source, first reconcile.Look) error {
	watch := reconcile.NewWatch(p.Rollout.Settle, first, plannedDoubts(p))
	if _, hopeful := watch.Next(); hopeful && from.planID != "" {
		o.view().Notice("A saved plan buys nothing that was in doubt when it was saved, whatever on_in_doubt says. Apply the " +
			"fleet's directory for that.")
		return nil
	}
	for {
		at, more := watch.Next()
		if !more {
			break
		}
		if err := o.waitForLook(ctx, watch, at); err != nil {
			return err
		}
		look, err := o.look(ctx, store, a, from, watch.Regions())
		if err != nil {
			return err
		}
		watch.Take(look)
	}
	settled := watch.Settled()
	if len(settled) == 0 {
		return nil
	}
	if err := countAsNotBought(ctx, store, settled, p.Rollout.Settle); err != nil {
		return unusable(err)
	}
	o.view().Settled(settled, p.Rollout.Settle)
	return nil
}

// plannedDoubts tells which orders the plan would buy if they were not in doubt: for the others nobody need wait.
func plannedDoubts(p plan.Plan) func(order.Intent) bool {
	wished := map[order.Address]bool{}
	for i := range p.Changes {
		c := &p.Changes[i]
		wished[c.Address] = c.Hoped()
	}
	for _, m := range p.Moves { // what is in doubt is still at its old address
		wished[m.From] = wished[m.To]
	}
	return func(d order.Intent) bool { return wished[d.Order.Address] }
}

// waitForLook waits until at, and shows for how long.
func (o *applyOptions) waitForLook(ctx context.Context, watch *reconcile.Watch, at time.Time) error {
	shown := o.view().Search()
	defer shown.Close()
	for {
		left := time.Until(at)
		if left <= 0 {
			return ctx.Err()
		}
		shown.Wait(watch.Waiting(time.Now()))
		select {
		case <-time.After(min(left, time.Second)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// countAsNotBought records it, as a run of its own, with who ran the apply and which looks showed nothing.
func countAsNotBought(ctx context.Context, store *state.Store, settled []reconcile.Settled, settle time.Duration) error {
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "reconcile", Started: now})
	if err != nil {
		return err
	}
	who := operator(store)
	unbought := make([]order.Outcome, len(settled))
	for n, s := range settled {
		d := s.Doubt
		why := fmt.Sprintf("%d complete listings over %s showed nothing: at %s", len(s.Looks), order.Span(settle), moments(s.Looks))
		run.Note(state.Note{
			Kind: "settled", At: now, Address: d.Order.Address.String(), Region: d.Order.Region, Attempt: d.Attempt,
			Class: order.ClassSettled.String(), Text: why + "; run by " + who,
		})
		unbought[n] = order.Outcome{
			Run: run.ID(), Address: d.Order.Address, Attempt: d.Attempt, Result: order.ResultNotBought, At: now,
			Failure: order.Failure{Class: order.ClassSettled, Message: why},
		}
	}
	recorded := finishTogether(run, unbought)
	closed := run.Close(state.RunSummary{Ended: time.Now()})
	return cmp.Or(recorded, closed) // a journal that failed says the same at its end
}

func moments(times []time.Time) string {
	texts := make([]string, len(times))
	for n, t := range times {
		texts[n] = moment(t)
	}
	return strings.Join(texts, ", ")
}

// moment is a time as people read it; in UTC, as in the state and the run log.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
