package cli

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A purchase is a plan that somebody has approved, and what it is carried out with.
type purchase struct {
	client   *bastion.Client
	plan     plan.Plan
	imports  []imported
	from     source
	approved []string // the waves that the answer to the plan counts for
}

// carryOutApproved makes the run: it does to records what the plan says, and then buys.
func (o *applyOptions) carryOutApproved(ctx context.Context, store *state.Store, b purchase) error {
	now, p := time.Now(), b.plan
	o.backUp(store, now)
	run, err := store.StartRun(ctx, state.RunInfo{
		ID: state.NewRunID(now), PlanID: b.from.planID, Command: "apply", Parallelism: p.Rollout.Parallelism, Started: now,
		LookedOver: p.Totals().Orders() > 0 && (o.ignoreExisting || !p.Rollout.NoMarker),
	})
	if err != nil {
		return unusable(err)
	}
	if err := rewrite(run, p, b.imports); err != nil {
		return cmp.Or(err, run.Close(state.RunSummary{Ended: time.Now()}))
	}
	if p.Totals().Orders() > 0 || bakes(p) {
		return o.buy(ctx, store, run, b)
	}
	if err := run.Close(withImported(summary(p, apply.Result{}, new(latencies)), b.imports)); err != nil {
		return err
	}
	o.view().Applied(ui.Ending{Plan: p})
	return o.conclude(b.from, store.Snapshot().Records, leftOver(p))
}

// buy buys what the plan lacks, and closes the run.
func (o *applyOptions) buy(ctx context.Context, store *state.Store, run *state.Run, b purchase) error {
	if o.ignoreExisting {
		run.Note(existingIgnored(store, time.Now()))
	}
	run.Note(planned(b.plan, time.Now()))
	shown, told, calls := o.view().Apply(b.plan), new(story), new(latencies)
	defer makeRoomForSyncs()()
	obeying, release := context.WithCancel(ctx)
	config := o.config(store, run, b)
	config.Journal = timedJournal{config.Journal, calls}
	config.Approver = &waveApprover{
		plan: b.plan, all: o.autoApprove, approved: slices.Concat(o.approvedWaves, b.approved),
		ask: o.askAtTerminal(shown), story: told,
	}
	config.Commands = commandsTo(obeying, run)
	config.Observe = func(e apply.Event) {
		if n, ok := note(e); ok {
			run.Note(n)
		}
		told.handle(e)
		shown.Handle(e)
	}
	result, stopped := apply.Run(ctx, config)
	release()
	shown.Close()
	closed := run.Close(withImported(summary(b.plan, result, calls), b.imports))
	o.tellRescued(run)
	command, lacks := o.continueCommand(b, result)
	o.view().Applied(ui.Ending{Plan: b.plan, Result: result, Failed: told.failed, Continue: command, Lacks: lacks})
	if command, elsewhere := o.listCommand(b.from.state); elsewhere && !o.json {
		o.view().Notice("The state is not the one that commands use here by themselves. It is listed by:\n  " + command)
	}
	return o.conclude(b.from, store.Snapshot().Records, o.verdict(b.plan, result, stopped, closed))
}

// config is what the engine needs to know of a purchase, and by what it reaches the API and the state.
func (o *applyOptions) config(store *state.Store, run *state.Run, b purchase) apply.Config {
	snapshot := store.Snapshot()
	return apply.Config{
		Run: run.ID(), Fleet: b.plan.Fleet, Lineage: run.Lineage(), Buys: b.plan.Buys(), Waves: b.plan.Waves,
		Earlier: apply.EarlierOf(campaign(snapshot), snapshot.Records), Rollout: b.plan.Rollout,
		Buyer: buyer{b.client}, Journal: o.journal(run), Watcher: newWatcher(b.client, b.plan.Rollout),
	}
}

// leavesCampaignOpen tells whether a plan that buys nothing ends a campaign all the same: one whose last run was killed when
// it had bought all. Without an end the next orders would pass for a part of it, and for some of those that no canary needs
// to try.
func leavesCampaignOpen(p plan.Plan, s state.Snapshot) bool {
	return len(campaign(s).Runs) > 0 && !p.Selected && p.Totals().InDoubt == 0
}

// bakes tells whether a wave of the plan was bought by earlier runs, of which none saw it to its end.
func bakes(p plan.Plan) bool {
	return slices.ContainsFunc(p.Waves, func(w plan.Wave) bool { return w.Bake > 0 && len(w.Bought) > 0 && !w.Ended })
}

// commandsTo are what operators ask of the run from other processes, until ctx ends.
func commandsTo(ctx context.Context, run *state.Run) <-chan apply.Command {
	kinds := map[state.CommandKind]apply.CommandKind{
		state.CommandPause: apply.Pause, state.CommandResume: apply.Resume, state.CommandAbort: apply.Abort,
	}
	commands := make(chan apply.Command)
	asked := run.Commands(ctx)
	go func() {
		defer close(commands)
		for c := range asked {
			select {
			case commands <- apply.Command{Kind: kinds[c.Kind], By: c.By}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return commands
}
