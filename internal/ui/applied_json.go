package ui

import (
	"cmp"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Applied prints a change_summary that counts what was done, and what of the plan no apply does.
func (j *JSON) Applied(p plan.Plan, r apply.Result) {
	failed, skipped := r.Count(apply.EndFailed), r.Count(apply.EndSkipped)
	planned := p.Totals()
	n := jsonCounts{
		InDoubt: r.Count(apply.EndInDoubt), Failed: &failed, Skipped: &skipped,
		NotExecutable: &planned.Update, Held: &planned.InDoubt,
		Unchanged: p.Unchanged, Instances: r.Instances(), Operation: "apply", jsonRewritten: rewrittenJSON(p),
		Cost: costJSON(boughtCost(p, r), p.Prices.Currency),
	}
	for _, e := range r.Entries {
		if e.End != apply.EndBought {
			continue
		}
		if changeAt(p, e.Region, e.Address).Action == plan.Grow {
			n.Grow++
		} else {
			n.Create++
		}
		if e.Purchase.Unpaid {
			n.Unpaid++
		}
	}
	j.emit(jsonSummary{newEnvelope(levelInfo, "change_summary", resultSum(p, r)), n})
	j.flush()
}

// changeAt is what the plan intended for an address; the zero Change, which does nothing, where it says nothing of it.
func changeAt(p plan.Plan, region string, a order.Address) plan.Change {
	i, found := slices.BinarySearchFunc(p.Changes, a, func(c plan.Change, a order.Address) int {
		return cmp.Or(cmp.Compare(c.Region, region), c.Address.Compare(a))
	})
	if !found {
		return plan.Change{}
	}
	return p.Changes[i]
}
