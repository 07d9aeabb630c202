package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type applyOptions struct {
	*globals
	planning
	locking
	rehearsal
	flags          *pflag.FlagSet // as they were given
	autoApprove    bool
	approvedWaves  []string
	maxFailures    string
	ignoreExisting bool
}

func newApplyCmd(g *globals) *cobra.Command { return (&applyOptions{globals: g}).command() }

func (o *applyOptions) command() *cobra.Command {
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

Where the fleet's rollout has waves, one begins when the wave before has ended well: no region stopped, nothing was
skipped, and no more failed, is in doubt or, where it bakes, did not come up than failure_tolerance allows. A wave with
approve = true is asked about before it begins, at a terminal; else --approve-wave NAME or --auto-approve have to answer, or
the run ends there and says which command goes on. A saved plan approves no such wave. --approve-wave of the wave that the
first purchases are in stands for the answer to the plan too.

--rehearse buys nothing and needs no credentials: it plays the rollout against a simulated API, with the fleet's own limits
and in virtual time, and says when each wave would begin and end and what would be in the way. The API behaves as --like,
--latency, --admit, --fault, --retry-after and --come-up say. It ends with the exit code of such an apply.

It ends with the fleet's outputs. A PLANFILE has neither outputs nor checks: see output, with the fleet's files.

Exit codes: 0 everything was bought; 1 error; 3 orders failed, were skipped, are in doubt or not executable, all of
them recorded; 130 interrupted.`,
		Example: `  bastion-fleet apply
  bastion-fleet apply branches --simulate
  bastion-fleet apply --target 'order.branch["bj"]' --auto-approve
  bastion-fleet apply --approve-wave rest
  bastion-fleet apply --rehearse --fault cn-east-2:reject=0.1
  bastion-fleet plan --out branches.plan && bastion-fleet apply branches.plan`,
		Args: takes(0, 1, "one DIR or PLANFILE at most"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), directory(args), c.Flags().Changed)
		},
	}
	o.flags = c.Flags()
	o.addPlanningFlags(c.Flags())
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "buy without asking, in every wave")
	c.Flags().StringArrayVar(&o.approvedWaves, "approve-wave", nil, "buy wave `NAME` without asking (repeatable)")
	o.addLockingFlags(c.Flags())
	o.addRehearsalFlags(c.Flags())
	c.Flags().StringVar(&o.maxFailures, "max-failures", "", "let `N` or P% of a region's orders fail before it stops (default: the fleet's failure_tolerance)")
	c.Flags().BoolVar(&o.ignoreExisting, "ignore-existing", false, "buy without looking for what another state of the fleet has bought")
	return c
}

func (o *applyOptions) run(ctx context.Context, what string, set func(flag string) bool) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	if err := o.checkRehearsal(set); err != nil {
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
	if o.rehearse {
		return o.rehearsePlan(ctx, a, from)
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
	if err := o.checkWaves(p.Rollout); err != nil {
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
	if p.Totals().Orders()+p.Rewrites() == 0 && !leavesCampaignOpen(p, store.Snapshot()) {
		o.view().Applied(ui.Ending{Plan: p})
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
	approved, err := o.admit(ctx, known, a, p, from, lister{client})
	if err != nil {
		return err
	}
	return o.carryOutApproved(ctx, store, purchase{client: client, plan: p, imports: imports, from: from, approved: approved})
}

// lookStale is how long what a look over the regions showed is taken for what they have.
const lookStale = time.Minute

// admit returns why nothing may be bought, or the waves that the answer to the plan counts for: the regions are looked over,
// and the plan is approved. Who approves ought to know what is there, so the look comes first, and once more where the
// approval took its time.
func (o *applyOptions) admit(ctx context.Context, known state.Snapshot, a account, p plan.Plan, from source, l reconcile.Lister) (approved []string, err error) {
	if p.Totals().Orders()+p.Rewrites() == 0 {
		return nil, nil // there is nothing to approve
	}
	looked := time.Now()
	if err := o.lookOver(ctx, p, known, l); err != nil {
		return nil, err
	}
	if approved, err = o.approve(ctx, a, p, from); err != nil {
		return nil, err
	}
	age := max(time.Since(looked), time.Since(looked.Round(0))) // the first stands still while the machine sleeps
	if age < lookStale {
		return approved, nil
	}
	return approved, o.lookOver(ctx, p, known, l)
}

// tolerate applies --max-failures, in every region.
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
	return r.Tolerating(t), nil
}
