package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// importMatching looks over the regions of all orders that lack instances, and imports what can be told apart, under the
// state's lock.
func (o *importOptions) importMatching(ctx context.Context, store *state.Store, a account, f fleet.Fleet) error {
	s := store.Snapshot()
	if err := store.Bind(a.binding(f.Name, s)); err != nil {
		return err
	}
	p, err := o.planOf(f, s)
	if err != nil {
		return err
	}
	var lacking []reconcile.Pair
	for _, b := range p.Buys() {
		lacking = append(lacking, reconcile.Pair{Order: b.Order, Attempt: b.Attempt})
	}
	slices.SortFunc(lacking, func(a, b reconcile.Pair) int { return a.Order.Address.Compare(b.Order.Address) })
	client, err := o.client(a, o.statePath("."), order.Rollout{Parallelism: maxReads})
	if err != nil {
		return err
	}
	defer client.Close()
	survey := surveyOf(p, s, lister{client})
	survey.Regions = regionsOf(p)
	found, err := o.survey(ctx, survey)
	if err != nil {
		return err
	}
	for _, r := range found {
		if r.Err != nil {
			return hinted{fmt.Errorf("nothing was recorded: the region %s could not be listed: %w", r.Region, r.Err), adviceOn(r.Err, "state import")}
		}
	}
	if f.Rollout.NoMarker {
		o.view().Warning("the fleet turns markers off: what was bought without one is not found. Import it by its bids: " +
			"bastion-fleet state import ADDRESS --bid BID")
	}
	pairs, left := reconcile.Match(lacking, found)
	return o.importPairs(ctx, store, s, pairs, left)
}

// importPairs records what was matched, and names what was not.
func (o *importOptions) importPairs(ctx context.Context, store *state.Store, s state.Snapshot, pairs []reconcile.Pair, left []reconcile.Surveyed) error {
	imports, err := importsOf(pairs, s)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		o.view().Unmatched(left)
	}
	if len(pairs)+len(left) == 0 {
		o.view().Notice("The listings show nothing with a marker of this fleet that its state does not hold.")
	}
	if len(imports) == 0 {
		o.view().Imported(0, 0)
	} else if err := o.confirmAndRecord(ctx, store, imports, o.autoApprove); err != nil {
		return err
	}
	if len(left) > 0 {
		return exitCode(exitIncomplete)
	}
	return nil
}
