package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// pendingImports returns the import blocks of a pair's order that have something to do yet.
func pendingImports(both pair, blocks []order.Import) []order.Import {
	if both.wish == nil || len(blocks) == 0 {
		return nil
	}
	var known order.Record
	if both.known != nil {
		known = *both.known
	}
	if known.Doubt != nil && known.Doubt.Imported {
		return nil // one was cut short: it called nothing, and is held until a reconcile or somebody settles it
	}
	pending := slices.DeleteFunc(slices.Clone(blocks), func(i order.Import) bool { return i.Recorded(known) })
	if both.action() == None && adopted(known) && !slices.ContainsFunc(pending, byBID) {
		return nil
	}
	return pending
}

// importing decides about the order of a pair by the import blocks that have something to do.
func (r *rewriter) importing(both pair, pending []order.Import) Import {
	i := Import{Order: both.wanted(), Attempt: 1}
	i.Order.Quantity = both.wish.Quantity
	if both.known != nil {
		i.Attempt += both.known.Attempt
		i.Order.Quantity -= both.known.Bought()
	}
	for _, block := range pending {
		if block.BID != "" {
			i.BIDs = append(i.BIDs, block.BID)
		} else {
			i.SourceIDs = append(i.SourceIDs, block.SourceID)
		}
	}
	slices.Sort(i.BIDs)
	slices.Sort(i.SourceIDs)
	r.checkImport(both, i, pending[0].At)
	return i
}

// adopted tells whether a reconcile recorded what an import was about to when it was cut short: by the bids alone, so that the
// sourceIds of its blocks are found nowhere.
func adopted(r order.Record) bool {
	return slices.ContainsFunc(r.Purchases, func(p order.Purchase) bool { return p.Imported && len(p.SourceIDs) == 0 })
}

func byBID(i order.Import) bool { return i.BID != "" }

// checkImport notes why an import can't be.
func (r *rewriter) checkImport(both pair, i Import, at string) {
	a := both.address()
	named := len(i.BIDs) + len(i.SourceIDs)
	_, moved := r.moves[a]
	switch action := both.action(); {
	case action == InDoubt:
		r.conflict("%s: %s is in doubt: settle that before anything is imported for it, with reconcile or resolve", at, a)
	case moved:
		r.conflict("%s: something is moved to %s in the same plan: import for it after that is applied", at, a)
	case action == Update:
		r.conflict("%s: %s was bought otherwise than the files wish it, and an import can't be its other part", at, a)
	case !action.Buys():
		r.conflict("%s: %s lacks nothing: it is bought already", at, a)
	case i.Order.Quantity != named:
		r.conflict("%s: %s lacks %d instances, and %d are imported: write an import block for each, or set its quantity", at, a, i.Order.Quantity, named)
	}
}

// importsByOrder returns the import blocks of each order.
func importsByOrder(blocks []order.Import) map[order.Address][]order.Import {
	by := make(map[order.Address][]order.Import, len(blocks))
	for _, block := range blocks {
		by[block.To] = append(by[block.To], block)
	}
	return by
}
