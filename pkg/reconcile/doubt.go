package reconcile

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A doubt is a call of which nobody knows what it bought, with the ids that an answer to it named without saying plainly
// that it bought.
type doubt struct {
	order.Intent
	buyID     string
	sourceIDs []string
	named     bool // an answer named ids, though they may be another purchase's
	shared    bool // another order's doubt names one of the ids too: one of both answers was another call's
}

// doubtsOf returns the doubts among the records by region, sorted by address. Ids that another order's purchase has are
// left out: the answer that named them was not this call's.
func doubtsOf(records []order.Record) map[string][]doubt {
	owned, claims := ownedIDs(records), claimsOf(records)
	doubts := map[string][]doubt{}
	for _, r := range records {
		if r.Doubt == nil {
			continue
		}
		d := doubt{Intent: *r.Doubt}
		if why := r.DoubtWhy; why != nil {
			ids := namedIDs(why)
			d.named = len(ids) > 0
			d.shared = slices.ContainsFunc(ids, func(id string) bool { return claims[id] > 1 })
			if !slices.ContainsFunc(ids, func(id string) bool { return owned[id] }) {
				d.buyID, d.sourceIDs = why.BuyID, why.SourceIDs
			}
		}
		doubts[d.Order.Region] = append(doubts[d.Order.Region], d)
	}
	for _, ds := range doubts {
		slices.SortFunc(ds, func(a, b doubt) int { return a.Order.Address.Compare(b.Order.Address) })
	}
	return doubts
}

// namedIDs are the ids that an answer named without saying plainly that it bought, each once.
func namedIDs(why *order.Failure) []string {
	ids := slices.Clone(why.SourceIDs)
	if why.BuyID != "" {
		ids = append(ids, why.BuyID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// claimsOf counts how many doubts name each id.
func claimsOf(records []order.Record) map[string]int {
	claims := map[string]int{}
	for _, r := range records {
		if r.Doubt != nil && r.DoubtWhy != nil {
			for _, id := range namedIDs(r.DoubtWhy) {
				claims[id]++
			}
		}
	}
	return claims
}

// ownedIDs are the buyIds and sourceIds of recorded purchases, former ones too.
func ownedIDs(records []order.Record) map[string]bool {
	owned := map[string]bool{}
	for _, r := range records {
		for _, p := range slices.Concat(r.Purchases, r.Former) {
			if p.BuyID != "" {
				owned[p.BuyID] = true
			}
			for _, id := range p.SourceIDs {
				owned[id] = true
			}
		}
	}
	return owned
}
