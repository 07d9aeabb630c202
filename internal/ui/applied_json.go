package ui

import (
	"cmp"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Applied prints a change_summary that counts what was done, and what of the plan no apply does.
func (j *JSON) Applied(e Ending) {
	p, r := e.Plan, e.Result
	failed, skipped := r.Count(apply.EndFailed), r.Count(apply.EndSkipped)
	planned := p.Totals()
	n := jsonCounts{
		InDoubt: r.Count(apply.EndInDoubt), Failed: &failed, Skipped: &skipped,
		NotExecutable: &planned.Update, Held: &planned.InDoubt,
		Unchanged: p.Unchanged, Instances: r.Instances(), Operation: "apply", jsonRewritten: rewrittenJSON(p),
		Cost: costJSON(boughtCost(p, r), p.Prices.Currency),
	}
	for _, entry := range r.Entries {
		if entry.End != apply.EndBought {
			continue
		}
		if changeAt(p, entry.Region, entry.Address).Action == plan.Grow {
			n.Grow++
		} else {
			n.Create++
		}
		if entry.Purchase.Unpaid {
			n.Unpaid++
		}
	}
	j.emit(struct {
		jsonSummary
		jsonEnding
	}{jsonSummary{newEnvelope(levelInfo, "change_summary", resultSum(e)), n}, endingJSON(e)})
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
