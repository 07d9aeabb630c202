package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

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

// maxReads bounds the connections of a search, which bounds its calls itself.
const maxReads = 16

// lookAndAdopt searches the regions, or with nil all that have doubts, shows where it stands, and records what is certain.
// What ends it early leaves nothing recorded.
func (g *globals) lookAndAdopt(ctx context.Context, store *state.Store, a account, path string, only []string) ([]reconcile.Region, error) {
	client, err := g.client(a, path, order.Rollout{Parallelism: maxReads})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	looking := g.view().Search()
	s := search(store.Snapshot(), lister{client})
	s.Regions, s.Progress = only, looking.Handle
	regions := s.Run(ctx)
	looking.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := adopt(ctx, store, regions); err != nil {
		return nil, unusable(err)
	}
	return regions, nil
}

func search(s state.Snapshot, l reconcile.Lister) reconcile.Search {
	return reconcile.Search{Fleet: s.Binding.Fleet, Lineage: s.Lineage, Records: s.Records, Lister: l}
}

// adopt records what was found, as a run of its own. Where nothing was, the state stays as it is: a new serial would
// spoil saved plans.
func adopt(ctx context.Context, store *state.Store, regions []reconcile.Region) error {
	total := reconcile.Sum(regions)
	if total.Adopted == 0 {
		return nil
	}
	failpoint.Here("adoption-due")
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "reconcile", Started: now})
	if err != nil {
		return err
	}
	var adopted []order.Outcome
	for _, r := range regions {
		for _, f := range r.Findings {
			if f.Verdict == reconcile.Adopted {
				adopted = append(adopted, adoption(f, run.ID()))
			}
		}
	}
	recorded := finishTogether(run, adopted)
	closed := run.Close(state.RunSummary{
		Ended: time.Now(), Bought: total.Adopted, Instances: total.Instances, InDoubt: total.Held,
	})
	return cmp.Or(recorded, closed) // a journal that failed says the same at its end
}

// finishTogether returns when all outcomes are durable, or why one may not be. The journal commits what waits as a group,
// so that many cost little more than one.
func finishTogether(run *state.Run, outcomes []order.Outcome) error {
	var group errgroup.Group
	group.SetLimit(order.MaxParallelism)
	for _, o := range outcomes {
		group.Go(func() error { return run.Finish(o) })
	}
	return group.Wait()
}

// adoption is the outcome of a call whose answer was lost. The buyId and sourceIds that the answer would have named
// stay unknown, unless it named them without saying plainly that it bought: nothing that can be listed has them.
func adoption(f reconcile.Finding, run string) order.Outcome {
	d, now := f.Doubt, time.Now()
	return order.Outcome{
		Run: run, Address: d.Order.Address, Attempt: d.Attempt, Result: order.ResultBought, At: now,
		Purchase: order.Purchase{
			Attempt: d.Attempt, BuyID: f.BuyID, SourceIDs: f.SourceIDs, BIDs: f.BIDs(), Quantity: d.Order.Quantity, Run: run, Marker: d.Marker,
			Unpaid: !d.Order.Charge.AutoPay, At: now,
		},
	}
}

// notListed says what to do about a region that could not be searched. Command is what looks again.
func notListed(r reconcile.Region, command string) error {
	err := fmt.Errorf("the region %s could not be searched: %w", r.Name, r.Err)
	return hinted{err, "Its orders stay in doubt, and are not bought again. " + adviceOn(r.Err, command)}
}
