package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// An imported is an order and what is about to be recorded as its purchase.
type imported struct {
	pair     reconcile.Pair
	existing order.Order // as its instances are
	purchase order.Purchase
}

// importsOf makes of pairs what is to be recorded. What differs from an order of which a part is bought already can't be
// its other part.
func importsOf(pairs []reconcile.Pair, s state.Snapshot) ([]imported, error) {
	grown := map[order.Address]bool{}
	for _, r := range s.Records {
		grown[r.Address] = len(r.Purchases) > 0
	}
	imports := make([]imported, len(pairs))
	for n, p := range pairs {
		existing, err := p.Existing()
		if err == nil && grown[p.Order.Address] && existing != p.Order {
			err = fmt.Errorf("the instance %s differs from what was bought for %s before", p.Instances[0].BID, p.Order.Address)
		}
		if err != nil {
			return nil, hinted{err, "Import instances that are alike, or name another order for the others."}
		}
		imports[n] = imported{p, existing, order.Purchase{
			Attempt: p.Attempt, BIDs: p.BIDs(), Quantity: len(p.Instances), Marker: p.Marker(),
		}}
	}
	return imports, nil
}

// confirmAndRecord shows what was found, asks, and records it as a run of its own.
func (g *globals) confirmAndRecord(ctx context.Context, store *state.Store, imports []imported, autoApprove bool) error {
	pairs := make([]reconcile.Pair, len(imports))
	for n, i := range imports {
		pairs[n] = i.pair
	}
	g.view().Importing(pairs)
	instances := 0
	for _, i := range imports {
		instances += i.purchase.Quantity
	}
	question := fmt.Sprintf("Record %s as bought for %s?", counted(instances, "instance"), counted(len(imports), "order"))
	if err := g.confirm(ctx, question, autoApprove); err != nil {
		return err
	}
	if err := recordImports(ctx, store, imports, instances); err != nil {
		return err
	}
	g.view().Imported(len(imports), instances)
	return nil
}

// recordImports writes intents and outcomes as an apply does, though nothing is called for between them: so both files of
// the state have what was imported, and can restore each other. A run that dies in between leaves an order in doubt.
func recordImports(ctx context.Context, store *state.Store, imports []imported, instances int) error {
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "import", Started: now})
	if err != nil {
		return unusable(err)
	}
	run.Note(state.Note{Kind: "imported", At: now, Text: operator(store) + " said what exists of the fleet already"})
	var entries errgroup.Group // together: the journal commits what waits as a group
	entries.SetLimit(order.MaxParallelism)
	for _, i := range imports {
		entries.Go(func() error { return recordImport(run, i) })
	}
	recorded := entries.Wait()
	closed := run.Close(state.RunSummary{Ended: time.Now(), Bought: len(imports), Instances: instances})
	return cmp.Or(recorded, closed) // a journal that failed says the same at its end
}

func recordImport(run *state.Run, i imported) error {
	now := time.Now()
	// Not the command's context: an import that the operator ends is recorded whole, or was not begun.
	if err := run.Begin(context.Background(), i.intent(run.ID(), now)); err != nil {
		return err
	}
	return run.Finish(i.outcome(run.ID(), now))
}

// intent announces that what exists is recorded. Nothing is called for it.
func (i imported) intent(run string, at time.Time) order.Intent {
	return order.Intent{
		Run: run, Attempt: i.pair.Attempt, Marker: i.purchase.Marker, Order: i.existing, At: at, Imported: true,
	}
}

func (i imported) outcome(run string, at time.Time) order.Outcome {
	i.purchase.Run, i.purchase.At = run, at
	return order.Outcome{
		Run: run, Address: i.pair.Order.Address, Attempt: i.pair.Attempt, Result: order.ResultBought, Purchase: i.purchase, At: at,
	}
}
