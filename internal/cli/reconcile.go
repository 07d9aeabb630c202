package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type reconcileOptions struct {
	*globals
	locking
}

func newReconcileCmd(g *globals) *cobra.Command {
	o := &reconcileOptions{globals: g}
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Look for what orders in doubt bought",
		Long: `Look for what orders in doubt bought. Each region that has some is listed once and searched for the markers that end
the descriptions of what their calls bought, if they bought. An order is adopted, with the bids of its instances, when
exactly as many are found as its call asked for. It buys nothing and changes nothing in the cloud.

All else stays in doubt, and is not bought again: listings lag behind purchases and may leave unpaid ones out, so that
nothing found is no proof. Run it again later, or say with resolve what became of an order.

Exit codes: 0 nothing is in doubt any more; 1 error, or more was found than was asked for; 3 orders stay in doubt; 130
interrupted, nothing was recorded.`,
		Example: `  bastion-fleet reconcile
  bastion-fleet reconcile --chdir branches --json`,
		Args: takes(0, 0, "no arguments: --chdir DIR names the fleet's directory"),
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.addLockingFlags(c.Flags())
	return c
}

func (o *reconcileOptions) run(ctx context.Context) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	ctx, release := o.drainOnInterrupt(ctx)
	defer release()
	o.view().Version(programVersion())
	path := o.statePath(".")
	s, err := state.Read(path) // before anything is opened for writing
	_, held := errors.AsType[*state.HeldError](err)
	switch {
	case held: // to open it may wait
	case err != nil:
		return unusable(err)
	case len(doubts(s)) == 0:
		if s.Fresh() {
			o.view().Notice(noState(path))
		}
		o.view().Reconciled(nil)
		return nil
	}
	a, err := o.account()
	if err != nil {
		return err
	}
	if a.missing != nil {
		return a.missing
	}
	return o.withState(ctx, path, "reconcile", func(s *state.Store) error { return o.reconcile(ctx, s, a, path) })
}

// doubts are the calls of which nobody knows what they bought.
func doubts(s state.Snapshot) []order.Intent {
	var open []order.Intent
	for _, r := range s.Records {
		if r.Doubt != nil {
			open = append(open, *r.Doubt)
		}
	}
	return open
}

// reconcile looks, records what is certain, and shows all of it, under the state's lock.
func (o *reconcileOptions) reconcile(ctx context.Context, store *state.Store, a account, path string) error {
	s := store.Snapshot()
	if err := store.Bind(a.binding(s.Binding.Fleet, s)); err != nil {
		return err
	}
	client, err := o.client(a, path, order.Rollout{Parallelism: 1}) // regions are read one after the other
	if err != nil {
		return err
	}
	defer client.Close()
	regions := search(s, lister{client}).Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := adopt(ctx, store, regions); err != nil {
		return unusable(err)
	}
	for _, r := range regions {
		if r.Err != nil {
			o.view().Error(notListed(r))
		}
	}
	o.view().Reconciled(regions)
	return settled(reconcile.Sum(regions))
}

func search(s state.Snapshot, l reconcile.Lister) reconcile.Search {
	return reconcile.Search{Fleet: s.Binding.Fleet, Lineage: s.Lineage, Doubts: doubts(s), Lister: l}
}

// adopt records what was found, as a run of its own. Where nothing was, the state stays as it is: a new serial would
// spoil saved plans.
func adopt(ctx context.Context, store *state.Store, regions []reconcile.Region) error {
	total := reconcile.Sum(regions)
	if total.Adopted == 0 {
		return nil
	}
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "reconcile", Started: now})
	if err != nil {
		return err
	}
	var outcomes errgroup.Group // together: the journal commits what waits as a group
	outcomes.SetLimit(order.MaxParallelism)
	for _, r := range regions {
		for _, f := range r.Findings {
			if f.Verdict == reconcile.Adopted {
				outcomes.Go(func() error { return run.Finish(adoption(f, run.ID())) })
			}
		}
	}
	recorded := outcomes.Wait()
	closed := run.Close(state.RunSummary{
		Ended: time.Now(), Bought: total.Adopted, Instances: total.Instances, InDoubt: total.Held,
	})
	return cmp.Or(recorded, closed) // a journal that failed says the same at its end
}

// adoption is the outcome of a call whose answer was lost. The buyId and sourceIds that the answer would have named
// stay unknown: nothing that can be listed has them.
func adoption(f reconcile.Finding, run string) order.Outcome {
	d, now := f.Doubt, time.Now()
	return order.Outcome{
		Run: run, Address: d.Order.Address, Attempt: d.Attempt, Result: order.ResultBought, At: now,
		Purchase: order.Purchase{
			Attempt: d.Attempt, BIDs: f.BIDs(), Quantity: d.Order.Quantity, Run: run, Marker: d.Marker,
			Unpaid: !d.Order.Charge.AutoPay, At: now,
		},
	}
}

// notListed says what to do about a region that could not be searched.
func notListed(r reconcile.Region) error {
	err := fmt.Errorf("the region %s could not be searched: %w", r.Name, r.Err)
	if e, ok := errors.AsType[*bastion.Error](r.Err); ok && e.Class == bastion.Denied {
		return hinted{err, "See that access key and secret key belong together, may list Bastion instances, and that this " +
			"machine's clock is right. Then run reconcile again."}
	}
	return hinted{err, "Its orders stay in doubt, and are not bought again. Run reconcile again later."}
}

// settled turns what was found into an exit code.
func settled(t reconcile.Totals) error {
	switch {
	case t.Duplicate+t.Unlisted > 0:
		return exitCode(exitError)
	case t.Held > 0:
		return exitCode(exitIncomplete)
	}
	return nil
}
