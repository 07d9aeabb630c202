package cli

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// rewrite does to records what the plan and its imports say, before anything is bought. Nothing may be bought after an
// error: what is still at its old address would be bought again at the new one. The order does not matter, for no address
// is named twice, and so all of it waits together: the journal commits what waits as a group. Nothing ends it early, for
// a part of it is no better than all.
func rewrite(run *state.Run, p plan.Plan, imports []imported) error {
	if p.Rewrites() == 0 {
		return nil
	}
	failpoint.Here("rewrites-due")
	var entries errgroup.Group
	entries.SetLimit(order.MaxParallelism)
	for _, m := range p.Moves {
		entries.Go(func() error { return run.Move(m.Move, time.Now()) })
	}
	for _, r := range p.Removals {
		entries.Go(func() error { return run.Remove(r.Address, nil, time.Now()) })
	}
	for _, i := range imports {
		entries.Go(func() error { return recordImport(run, i) })
	}
	err := entries.Wait()
	failpoint.Here("rewritten")
	return err
}

// rewriteState is rewrite as a command of its own, and a run of its own; the note says on whose word.
func rewriteState(ctx context.Context, store *state.Store, command string, p plan.Plan) error {
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: command, Started: now})
	if err != nil {
		return unusable(err)
	}
	run.Note(state.Note{Kind: "rewritten", At: now, Text: operator(store) + " said so by " + command})
	recorded := rewrite(run, p, nil)
	closed := run.Close(state.RunSummary{Ended: time.Now()})
	return cmp.Or(recorded, closed) // a journal that failed says the same at its end
}
