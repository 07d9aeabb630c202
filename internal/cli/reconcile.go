package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

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
		Long: `Look for what orders in doubt bought. The sourceIds that an answer named all the same are looked up, and each region
that has orders in doubt beside those is listed once and searched for the markers that end the descriptions of what
their calls bought, if they bought. An order is adopted, with the bids of its instances, when exactly as many are found
as its call asked for. It buys nothing and changes nothing in the cloud. Every apply begins with the same.

All else stays in doubt, and is not bought again: listings lag behind purchases and may leave unpaid ones out, so that
nothing found is no proof. Run it again later, or say with resolve what became of an order. Instances that look like
it and carry no marker are shown for that; somebody may have changed their descriptions.

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
	return o.withState(ctx, o.globals, path, "reconcile", func(s *state.Store) error { return o.reconcile(ctx, s, a, path) })
}

// reconcile looks, records what is certain, and shows all of it, under the state's lock.
func (o *reconcileOptions) reconcile(ctx context.Context, store *state.Store, a account, path string) error {
	s := store.Snapshot()
	if err := store.Bind(a.binding(s.Binding.Fleet, s)); err != nil {
		return err
	}
	regions, err := o.lookAndAdopt(ctx, store, a, path, nil)
	if err != nil {
		return err
	}
	for _, r := range regions {
		if r.Err != nil {
			o.view().Error(notListed(r, "reconcile"))
		}
	}
	o.view().Reconciled(regions)
	return settled(reconcile.Sum(regions))
}

// settled turns what was found into an exit code.
func settled(t reconcile.Totals) error {
	switch {
	case t.Duplicate+t.Strangers+t.Unlisted > 0:
		return exitCode(exitError)
	case t.Held > 0:
		return exitCode(exitIncomplete)
	}
	return nil
}
