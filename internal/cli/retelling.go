package cli

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A retelling turns the entries of a run's log back into the run's events, as far as the log knows them: of a call's
// beginning it knows nothing but the intent, which comes before.
type retelling struct {
	info    state.RunInfo
	tell    func(apply.Event) // called for each event at once
	planned state.Planned     // zero: the log does not say what the run set out to do
	prices  order.Prices
	totals  []apply.WaveTotal
	calls   map[order.Address]*order.Intent // whose outcomes are not told of yet
	unsure  []order.Outcome                 // of calls that were throttled or not sent: perhaps they are made again
	begun   bool
	ended   bool
}

// retryNoted is how much later than a call the note of its retry comes, at the latest.
const retryNoted = 5 * time.Second

// entry tells what an entry says.
func (r *retelling) entry(e state.Entry) {
	r.giveUp(e.At, e.Ended != nil)
	switch {
	case e.Note != nil:
		r.note(e.Note, e.Address)
	case e.Intent != nil && !e.Intent.Imported:
		r.begin()
		r.calls[e.Address] = e.Intent
		r.tell(apply.Calling{Address: e.Address, Region: e.Intent.Order.Region, Attempt: e.Intent.Attempt, At: e.Intent.At})
	case e.Outcome != nil:
		if i, ours := r.calls[e.Address]; ours { // else it is of a call of an earlier run
			r.outcome(i, *e.Outcome)
		}
	case e.Ended != nil:
		r.begin()
		r.ended = true
		r.tell(apply.Ended{Run: r.info.ID, At: e.Ended.Ended, Result: apply.Result{Interrupted: e.Ended.Interrupted}})
	}
}

// begin tells, once, what the run sets out to do: all of it where the log says so.
func (r *retelling) begin() {
	if r.begun {
		return
	}
	r.begun, r.calls = true, map[order.Address]*order.Intent{}
	r.totals = waveTotals(r.planned.Waves)
	r.tell(apply.Started{Run: r.info.ID, At: r.info.Started, Waves: r.totals, Regions: regionTotals(r.totals)})
}

// waveTotals are what the run sets out to do, wave by wave; one wave of which nothing is known where the log does not say it.
func waveTotals(waves []state.PlannedWave) []apply.WaveTotal {
	if len(waves) == 0 {
		return []apply.WaveTotal{{}}
	}
	totals := make([]apply.WaveTotal, len(waves))
	for i, w := range waves {
		totals[i].Wave = w.Name
		for _, r := range w.Regions {
			totals[i].Regions = append(totals[i].Regions, apply.RegionTotal{Region: r.Region, Orders: r.Orders, Instances: r.Instances})
			totals[i].Orders += r.Orders
			totals[i].Instances += r.Instances
		}
	}
	return totals
}

// regionTotals are the sums of all waves, in name order.
func regionTotals(waves []apply.WaveTotal) []apply.RegionTotal {
	sums := map[string]apply.RegionTotal{}
	for _, w := range waves {
		for _, r := range w.Regions {
			sum := sums[r.Region]
			sums[r.Region] = apply.RegionTotal{Region: r.Region, Orders: sum.Orders + r.Orders, Instances: sum.Instances + r.Instances}
		}
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b apply.RegionTotal) int { return cmp.Compare(a.Region, b.Region) })
}

// outcome tells what a call came to. The log knows how long it took, so that its beginning is told again as it was.
func (r *retelling) outcome(i *order.Intent, o order.Outcome) {
	region := i.Order.Region
	if o.Took > 0 {
		r.tell(apply.Calling{Address: o.Address, Region: region, Attempt: o.Attempt, At: o.At.Add(-o.Took)})
	}
	switch {
	case o.Result == order.ResultBought:
		r.tell(apply.Bought{Address: o.Address, Region: region, Purchase: o.Purchase, At: o.At})
	case o.Result == order.ResultInDoubt:
		r.tell(apply.InDoubt{Address: o.Address, Region: region, Attempt: o.Attempt, Failure: o.Failure, At: o.At})
	case o.Failure.Class == order.ClassCancelled:
		return // a note says that the order was skipped
	case o.Failure.Class == order.ClassThrottled, o.Failure.Class == order.ClassNotSent:
		r.unsure = append(r.unsure, o)
		return
	default:
		r.failed(o)
		return
	}
	delete(r.calls, o.Address)
}

func (r *retelling) failed(o order.Outcome) {
	region := r.calls[o.Address].Order.Region
	r.tell(apply.Failed{Address: o.Address, Region: region, Attempt: o.Attempt, Failure: o.Failure, At: o.At})
	delete(r.calls, o.Address)
}

// giveUp tells of calls as failed for good of which no note said that they are made again, or that their orders were skipped.
func (r *retelling) giveUp(now time.Time, all bool) {
	for len(r.unsure) > 0 && (all || now.Sub(r.unsure[0].At) >= retryNoted) {
		o := r.unsure[0]
		r.unsure = r.unsure[1:]
		r.failed(o)
	}
}

// sure takes the address's call out of those that are unsure.
func (r *retelling) sure(a order.Address) (o order.Outcome, was bool) {
	i := slices.IndexFunc(r.unsure, func(o order.Outcome) bool { return o.Address == a })
	if i < 0 {
		return o, false
	}
	o = r.unsure[i]
	r.unsure = slices.Delete(r.unsure, i, i+1)
	return o, true
}

// facts are what the log says of the run beside its events.
func (r *retelling) facts() ui.RunFacts {
	f := ui.RunFacts{Currency: r.planned.Currency, Change: r.change}
	f.Rollout.Parallelism = r.info.Parallelism
	for _, w := range r.planned.Waves {
		for _, p := range w.Regions {
			f.Planned = f.Planned.Plus(plan.Cost{Amount: p.Cost, Unpriced: p.Unpriced})
			limits := order.RegionLimits{Parallelism: p.Parallelism, Rate: p.Rate}
			f.Rollout.Regions = append(f.Rollout.Regions, order.RegionRollout{Region: p.Region, Limits: limits})
		}
	}
	slices.SortStableFunc(f.Rollout.Regions, func(a, b order.RegionRollout) int { return cmp.Compare(a.Region, b.Region) })
	f.Rollout.Regions = slices.CompactFunc(f.Rollout.Regions, func(a, b order.RegionRollout) bool { return a.Region == b.Region })
	return f
}

// change is what the run intends for an order that is being called for. The log does not tell a new order from one that
// grows.
func (r *retelling) change(_ string, a order.Address) plan.Change {
	i, calling := r.calls[a]
	if !calling || !r.prices.Named() {
		return plan.Change{}
	}
	amount, known := r.prices.Cost(&i.Order, i.Order.Quantity)
	if !known {
		return plan.Change{Cost: plan.Cost{Unpriced: 1}}
	}
	return plan.Change{Cost: plan.Cost{Amount: amount}}
}
