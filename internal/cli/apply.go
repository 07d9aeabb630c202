package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type applyOptions struct {
	*globals
	planning
	locking
	autoApprove    bool
	maxFailures    string
	ignoreExisting bool
}

func newApplyCmd(g *globals) *cobra.Command {
	o := &applyOptions{globals: g}
	c := &cobra.Command{
		Use:   "apply [DIR | PLANFILE]",
		Short: "Buy what the plan says",
		Long: `Buy what the fleet in DIR (default: here) lacks, or what PLANFILE says, and keep every buyId in the state.

Before the first purchase of a state in a region, the region is listed for what the fleet has bought there by another
state: nothing is bought then until that is imported, see state import, or --ignore-existing says to go on.

It asks for approval unless --auto-approve or a plan file gives it. Ctrl-C lets the calls in flight finish and records
them; another one, a second later or more, leaves at once. A run that ended anywhere is continued by running apply
again: what was bought is not bought again, and what is in doubt is looked for first, as reconcile does, and else held.
Where more was bought than was asked for, nothing is bought until somebody has looked. With on_in_doubt =
"rebuy_after_settle" in the fleet it waits for settle, and what no listing has shown by then is bought again.

It ends with the fleet's outputs. A PLANFILE has neither outputs nor checks: see output, with the fleet's files.

Exit codes: 0 everything was bought; 1 error; 3 orders failed, were skipped, are in doubt or not executable, all of
them recorded; 130 interrupted.`,
		Example: `  bastion-fleet apply
  bastion-fleet apply branches --simulate
  bastion-fleet apply --target 'order.branch["bj"]' --auto-approve
  bastion-fleet plan --out branches.plan && bastion-fleet apply branches.plan`,
		Args: takes(0, 1, "one DIR or PLANFILE at most"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), directory(args), c.Flags().Changed)
		},
	}
	o.addPlanningFlags(c.Flags())
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "buy without asking")
	o.addLockingFlags(c.Flags())
	c.Flags().StringVar(&o.maxFailures, "max-failures", "", "let `N` or P% of a region's orders fail before it stops (default: the fleet's failure_tolerance)")
	c.Flags().BoolVar(&o.ignoreExisting, "ignore-existing", false, "buy without looking for what another state of the fleet has bought")
	return c
}

func (o *applyOptions) run(ctx context.Context, what string, set func(flag string) bool) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	ctx, release := o.drainOnInterrupt(ctx)
	defer release()
	o.view().Version(programVersion())
	from, err := abandonable(ctx, func() (source, error) { return o.source(what, set) })
	if err != nil {
		return interrupted(err)
	}
	a, err := o.account()
	if err != nil {
		return err
	}
	if a.missing != nil {
		return a.missing
	}
	if o.simulate {
		if err := makeSimulatedPlace(from.state); err != nil {
			return err
		}
	}
	if err := o.checkFileSystem(from.state); err != nil {
		return err
	}
	return o.withState(ctx, o.globals, from.state, "apply", func(s *state.Store) error { return o.buyFrom(ctx, s, a, from) })
}

// buyFrom finds out what it can of the orders in doubt, shows the plan, asks, and buys, under the state's lock.
func (o *applyOptions) buyFrom(ctx context.Context, store *state.Store, a account, from source) error {
	snapshot := store.Snapshot()
	if snapshot.Recovered > 0 {
		o.view().Notice("The last run ended early. What its log knew more was taken into the state.")
	}
	binding := a.binding(from.fleet, snapshot)
	p, err := from.plan(snapshot, binding)
	if err != nil {
		return err
	}
	rollout, err := o.tolerate(p.Rollout)
	if err != nil {
		return err
	}
	if err := store.Bind(binding); err != nil {
		return err
	}
	p, open, err := o.reconciled(ctx, store, a, p, from)
	if err != nil {
		return err
	}
	p.Rollout = rollout
	err = o.carryOut(ctx, store, a, p, from)
	if err == nil && len(open) > 0 {
		return exitCode(exitIncomplete)
	}
	return err
}

// carryOut shows the plan, holds it against the fleet's lifecycles and limits, asks, and buys. Every plan that is bought comes by here.
func (o *applyOptions) carryOut(ctx context.Context, store *state.Store, a account, p plan.Plan, from source) error {
	now, err := o.showPlan(p, ui.Full, from.loaded, store.Snapshot().Records)
	if err != nil {
		return err
	}
	if p.Totals().Orders()+p.Rewrites() == 0 {
		o.view().Applied(p, apply.Result{})
		o.view().Outputs(now.Outputs)
		return leftOver(p)
	}
	client, err := o.client(a, from.state, p.Rollout)
	if err != nil {
		return err
	}
	defer client.Close()
	imports, err := o.lookUpImports(ctx, client, store.Snapshot(), p)
	if err != nil {
		return err
	}
	known := withImports(store.Snapshot(), imports)
	if err := o.admit(ctx, known, a, p, from, lister{client}); err != nil {
		return err
	}
	return o.carryOutApproved(ctx, store, buyer{client}, p, imports, from)
}

// lookStale is how long what a look over the regions showed is taken for what they have.
const lookStale = time.Minute

// admit returns why nothing may be bought, or nil: the regions are looked over, and the plan is approved. Who approves
// ought to know what is there, so the look comes first, and once more where the approval took its time.
func (o *applyOptions) admit(ctx context.Context, known state.Snapshot, a account, p plan.Plan, from source, l reconcile.Lister) error {
	looked := time.Now()
	if err := o.lookOver(ctx, p, known, l); err != nil {
		return err
	}
	if err := o.approve(ctx, a, p, from); err != nil {
		return err
	}
	age := max(time.Since(looked), time.Since(looked.Round(0))) // the first stands still while the machine sleeps
	if age < lookStale {
		return nil
	}
	return o.lookOver(ctx, p, known, l)
}

// tolerate applies --max-failures.
func (o *applyOptions) tolerate(r order.Rollout) (order.Rollout, error) {
	if o.maxFailures == "" {
		return r, nil
	}
	t, err := order.ParseTolerance(o.maxFailures)
	if err != nil {
		return r, hinted{
			fmt.Errorf("--max-failures: %w", err),
			"Give it a count of orders, as in --max-failures 3, or a share of a region's, as in --max-failures 10%.",
		}
	}
	r.FailureTolerance = t
	return r, nil
}

// carryOutApproved makes the run: it does to records what the plan says, and then buys.
func (o *applyOptions) carryOutApproved(ctx context.Context, store *state.Store, b apply.Buyer, p plan.Plan, imports []imported, from source) error {
	now := time.Now()
	o.backUp(store, now)
	run, err := store.StartRun(ctx, state.RunInfo{
		ID: state.NewRunID(now), PlanID: from.planID, Command: "apply", Parallelism: p.Rollout.Parallelism, Started: now,
		LookedOver: p.Totals().Orders() > 0 && (o.ignoreExisting || !p.Rollout.NoMarker),
	})
	if err != nil {
		return unusable(err)
	}
	if err := rewrite(run, p, imports); err != nil {
		return cmp.Or(err, run.Close(state.RunSummary{Ended: time.Now()}))
	}
	if p.Totals().Orders() > 0 {
		return o.buy(ctx, store, run, b, p, imports, from)
	}
	if err := run.Close(withImported(state.RunSummary{Ended: time.Now()}, imports)); err != nil {
		return err
	}
	o.view().Applied(p, apply.Result{})
	return leftOver(p)
}

// buy buys what the plan lacks, and closes the run.
func (o *applyOptions) buy(ctx context.Context, store *state.Store, run *state.Run, b apply.Buyer, p plan.Plan, imports []imported, from source) error {
	if o.ignoreExisting {
		run.Note(existingIgnored(store, time.Now()))
	}
	observer := o.view().Apply(p)
	defer makeRoomForSyncs()()
	result, stopped := apply.Run(ctx, apply.Config{
		Run: run.ID(), Fleet: p.Fleet, Lineage: run.Lineage(), Buys: p.Buys(), Rollout: p.Rollout,
		Buyer: b, Journal: o.journal(run),
		Observe: func(e apply.Event) {
			if n, ok := note(e); ok {
				run.Note(n)
			}
			observer.Handle(e)
		},
	})
	observer.Close()
	closed := run.Close(withImported(summary(result), imports))
	o.tellRescued(run)
	o.view().Applied(p, result)
	if command, elsewhere := o.listCommand(from.state); elsewhere && !o.json {
		o.view().Notice("The state is not the one that commands use here by themselves. It is listed by:\n  " + command)
	}
	return o.conclude(from, store.Snapshot().Records, o.verdict(p, result, stopped, closed))
}
