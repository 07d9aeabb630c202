package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A rewriter does to records what the fleet's moved and removed blocks say, before they are compared with its orders.
type rewriter struct {
	exact, whole map[order.Address]order.Moved // by their From
	removed      map[order.Address]order.Removed
	wished       map[order.Address]bool
	records      map[order.Address]*order.Record // as they are by now

	moves     map[order.Address]*Move // by where they lead
	gone      []*order.Record         // as they were before they were removed, sorted by address
	conflicts []string
}

func newRewriter(in Input) *rewriter {
	r := &rewriter{
		exact: map[order.Address]order.Moved{}, whole: map[order.Address]order.Moved{}, removed: map[order.Address]order.Removed{},
		wished:  make(map[order.Address]bool, len(in.Orders)),
		records: make(map[order.Address]*order.Record, len(in.Known.Records)),
		moves:   map[order.Address]*Move{},
	}
	for _, m := range in.Moved {
		if m.Whole() {
			r.whole[m.From] = m
		} else {
			r.exact[m.From] = m
		}
	}
	for _, block := range in.Removed {
		r.removed[block.From] = block
	}
	for i := range in.Orders {
		r.wished[in.Orders[i].Address] = true
	}
	for i := range in.Known.Records {
		r.records[in.Known.Records[i].Address] = &in.Known.Records[i]
	}
	return r
}

// rewrite returns the records as they are once all moved and removed blocks are carried out, sorted, and who did it. What
// the input holds is not written to.
func rewrite(in Input) ([]order.Record, *rewriter) {
	if len(in.Moved)+len(in.Removed) == 0 {
		return in.Known.Records, &rewriter{}
	}
	r := newRewriter(in)
	for i := range in.Known.Records {
		if known := &in.Known.Records[i]; !known.Vacant() {
			r.carryOut(known)
		}
	}
	records := make([]order.Record, 0, len(r.records))
	for _, record := range r.records {
		records = append(records, *record)
	}
	slices.SortFunc(records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	return records, r
}

// carryOut does what the blocks say of one record.
func (r *rewriter) carryOut(known *order.Record) {
	to, at, removed := r.follow(known.Address)
	switch {
	case removed:
		r.remove(known, at)
	case to != known.Address:
		r.move(known, to, at)
	}
}

// follow goes the way of what is recorded at a, from block to block: moves may be chained. It returns where it leads, and
// which block had the last word. What is said of one order outweighs what is said of its whole block.
func (r *rewriter) follow(a order.Address) (to order.Address, at string, removed bool) {
	seen := map[order.Address]bool{}
	for !seen[a] {
		seen[a] = true
		block := order.Address{Name: a.Name}
		m, moves := r.exact[a]
		one, gone := r.removed[a]
		if !moves && !gone {
			m, moves = r.whole[block]
		}
		if !moves && !gone {
			one, gone = r.removed[block]
		}
		switch {
		case gone && !moves:
			return a, one.At, true
		case !moves:
			return a, at, false
		}
		a, _ = m.Of(a)
		at = m.At
	}
	return a, at, false
}

func (r *rewriter) remove(known *order.Record, at string) {
	gone, err := known.Remove(nil, known.UpdatedAt)
	switch {
	case r.wished[known.Address]:
		r.conflict("%s: %s is removed, and the files still order it: it would be bought again", at, known.Address)
	case err != nil:
		r.conflict("%s: %v, and its call may have bought: settle that first, with reconcile or resolve", at, err)
	default:
		r.gone = append(r.gone, known)
		r.records[known.Address] = &gone
	}
}

func (r *rewriter) move(known *order.Record, to order.Address, at string) {
	there := order.Record{Address: to}
	if other := r.records[to]; other != nil {
		there = *other
	}
	failed := known.Status() == order.StatusFailed // nothing is bought again where it stays
	left, moved, err := known.MoveTo(there, known.UpdatedAt)
	switch {
	case failed && (err != nil || !r.wished[to]):
	case r.wished[known.Address]:
		r.conflict("%s: %s is moved to %s, and the files still order it: it would be bought again", at, known.Address, to)
	case !r.wished[to]:
		r.conflict("%s: %s would be moved to %s, which the files do not order", at, known.Address, to)
	case err != nil:
		r.conflict("%s: %v", at, err)
	default:
		move := Moving(known, to)
		r.moves[to] = &move
		r.records[known.Address], r.records[to] = &left, &moved
	}
}

// removals are those that the selection takes, sorted by address.
func (r *rewriter) removals(s Selection) []Removal {
	var removals []Removal
	for _, known := range r.gone {
		if s.selects(pair{known: known}) {
			removals = append(removals, Removing(known))
		}
	}
	return removals
}
