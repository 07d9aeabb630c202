package cli

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// lookUpImports finds what the plan imports, each instance of which must be there and in no order, and shows how it differs
// from the orders. Nothing is recorded yet.
func (o *applyOptions) lookUpImports(ctx context.Context, c *bastion.Client, s state.Snapshot, p plan.Plan) ([]imported, error) {
	if len(p.Imports) == 0 {
		return nil, nil
	}
	pairs := make([]reconcile.Pair, len(p.Imports))
	failed := make([]error, len(p.Imports)) // the first by address is told, not the first in time
	var lookUps errgroup.Group
	lookUps.SetLimit(maxReads)
	for n, i := range p.Imports {
		lookUps.Go(func() error {
			pairs[n], failed[n] = lookUpImport(ctx, c, s, i)
			return nil
		})
	}
	_ = lookUps.Wait() // what failed is in failed
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	if err := eachOnce(pairs); err != nil {
		return nil, err
	}
	imports, err := importsOf(pairs, s)
	if err != nil {
		return nil, err
	}
	for n := range imports {
		imports[n].purchase.SourceIDs = p.Imports[n].SourceIDs
	}
	o.view().Importing(pairs)
	return imports, nil
}

// lookUpImport returns an order with the instances that are imported for it.
func lookUpImport(ctx context.Context, c *bastion.Client, s state.Snapshot, i plan.Import) (reconcile.Pair, error) {
	pair := reconcile.Pair{Order: i.Order, Attempt: i.Attempt}
	if err := freeIDs(s, "", i.SourceIDs); err != nil {
		return pair, err
	}
	bids := slices.Clone(i.BIDs)
	for _, id := range i.SourceIDs {
		b, ok, err := c.DescribeSourceID(ctx, i.Order.Region, id)
		switch {
		case ctx.Err() != nil:
			return pair, ctx.Err()
		case err != nil:
			return pair, hinted{fmt.Errorf("the source %s could not be looked up: %w", id, err), adviceOn(err, "apply")}
		case !ok || b.BID == "":
			return pair, hinted{fmt.Errorf("there is no source %s in %s, or nothing was made of it yet", id, i.Order.Region),
				"Look it up again, or import the instance by its bid."}
		}
		bids = append(bids, b.BID)
	}
	for _, bid := range bids {
		instance, err := lookUpInstance(ctx, c, s, i.Order.Region, bid, "apply")
		if err != nil {
			return pair, err
		}
		pair.Instances = append(pair.Instances, instance)
	}
	return pair, nil
}

// eachOnce refuses pairs that share an instance: a bid and a sourceId may name one.
func eachOnce(pairs []reconcile.Pair) error {
	owners := map[string]order.Address{}
	for _, p := range pairs {
		for _, bid := range p.BIDs() {
			if owner, again := owners[bid]; again {
				return hinted{fmt.Errorf("the instance %s is imported for %s and for %s", bid, owner, p.Order.Address), "Each instance belongs to one order, once. Remove an import block."}
			}
			owners[bid] = p.Order.Address
		}
	}
	return nil
}

// withImports is what the state holds once the imports are recorded, for a look at what it does not hold.
func withImports(s state.Snapshot, imports []imported) state.Snapshot {
	s.Records = slices.Clip(s.Records)
	for _, i := range imports {
		i.purchase.Imported = true
		s.Records = append(s.Records, order.Record{Address: i.pair.Order.Address, Order: i.existing, Purchases: []order.Purchase{i.purchase}})
	}
	return s
}

// withImported is a run's summary that counts what it imported.
func withImported(summary state.RunSummary, imports []imported) state.RunSummary {
	summary.Bought += len(imports)
	for _, i := range imports {
		summary.Instances += i.purchase.Quantity
	}
	return summary
}
