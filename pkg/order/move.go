package order

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Move says that what is recorded at From belongs to To. Between whole blocks, neither of both with a key, each order
// keeps its key.
type Move struct{ From, To Address }

// Of returns where the move leads what is recorded at a, and whether it speaks of a at all.
func (m Move) Of(a Address) (Address, bool) {
	switch {
	case m.Whole() && a.Name == m.From.Name:
		return Address{Name: m.To.Name, Key: a.Key}, true
	case a == m.From:
		return m.To, true
	}
	return Address{}, false
}

// Whole tells whether the move is one between whole blocks.
func (m Move) Whole() bool { return m.From.Key == NoKey && m.To.Key == NoKey }

// MoveTo returns what is left at the record's address, and the record at that of to, which is what is known there by
// now: at least the address. Purchases and doubt keep their markers, which were made for the address that their calls
// were made for. What is left keeps the attempt's number, so that an order that comes to the old address uses no marker
// again; the record goes on from the higher of both numbers. It refuses an address at which something is bought or in
// doubt: of two records in one place, one would be lost.
func (r Record) MoveTo(to Record, at time.Time) (left, moved Record, err error) {
	switch {
	case r.Address == to.Address:
		return r, to, fmt.Errorf("%s can't be moved to itself", r.Address)
	case r.Vacant():
		return r, to, fmt.Errorf("%s can't be moved: nothing is recorded there", r.Address)
	case to.Status() != StatusFailed:
		return r, to, fmt.Errorf("%s can't be moved to %s, which is %s", r.Address, to.Address, to.Status().Words())
	}
	left = Record{Address: r.Address, Order: r.Order, Former: r.Former, Gone: true, Attempt: r.Attempt, UpdatedAt: at}
	moved = r
	moved.Address, moved.Order.Address = to.Address, to.Address
	moved.Purchases, moved.Former, moved.Gone = nil, to.Former, false
	for _, p := range r.Purchases {
		p.For = calledFor(p.For, r.Address, to.Address)
		moved.Purchases = append(moved.Purchases, p)
	}
	if r.Doubt != nil {
		doubt := *r.Doubt
		doubt.For = calledFor(doubt.For, r.Address, to.Address)
		doubt.Order.Address = to.Address
		moved.Doubt = &doubt
	}
	moved.Failure = cmp.Or(r.Failure, to.Failure) // what may yet be found of a call to the new address is looked for as before
	moved.Attempt = max(r.Attempt, to.Attempt)
	moved.UpdatedAt = at
	return left, moved, nil
}

// calledFor is the For of a call in a record that moves.
func calledFor(before, from, to Address) Address {
	if a := cmp.Or(before, from); a != to {
		return a
	}
	return Address{}
}

// CalledFor returns the other addresses that the calls of the record's purchases and of its doubt were made for: it has
// moved since. It is nil for a record that never moved.
func (r Record) CalledFor() []Address {
	var names []Address
	for _, p := range r.Purchases {
		if p.For != (Address{}) {
			names = append(names, p.For)
		}
	}
	if r.Doubt != nil && r.Doubt.For != (Address{}) {
		names = append(names, r.Doubt.For)
	}
	return names
}

// Remove returns the record once its order is none of the fleet's any more: its purchases are former ones. It is kept for
// the attempt's number, for the ids, and so that listings show no strangers. A doubt is refused, unless givenUp says why
// nobody waits any more for what its call bought; for whatever looks at the order later it then counts as a failure.
func (r Record) Remove(givenUp *Failure, at time.Time) (Record, error) {
	switch {
	case r.Vacant():
		return r, fmt.Errorf("%s can't be removed: nothing is recorded there", r.Address)
	case r.Doubt != nil && givenUp == nil:
		return r, fmt.Errorf("%s can't be removed: attempt %d is in doubt", r.Address, r.Doubt.Attempt)
	case r.Doubt != nil:
		r.Doubt, r.DoubtWhy, r.Failure = nil, nil, givenUp
	}
	for _, p := range r.Purchases {
		r.Former = append(r.Former[:len(r.Former):len(r.Former)], p)
	}
	r.Purchases, r.Gone, r.UpdatedAt = nil, true, at
	return r, nil
}

// A Moved is a fleet's moved block.
type Moved struct {
	Move
	At string // where it is written, for messages: main.fleet.hcl:12
}

// A Removed is a fleet's removed block: what is recorded at From, or without a key of every order of the block, is none
// of the fleet's any more.
type Removed struct {
	From Address
	At   string // as Moved.At
}

// Covers tells whether the block speaks of a.
func (r Removed) Covers(a Address) bool {
	return a == r.From || r.From.Key == NoKey && a.Name == r.From.Name
}

// An Import is a fleet's import block: an instance that exists, and is to be recorded as bought for the order at To. It is
// named by its bid, or by the sourceId of the purchase that it came from.
type Import struct {
	To       Address
	BID      string
	SourceID string
	At       string // as Moved.At
}

// Recorded tells whether the record has a purchase that the import names.
func (i Import) Recorded(r Record) bool {
	return slices.ContainsFunc(r.Purchases, func(p Purchase) bool {
		return slices.Contains(p.BIDs, i.BID) || slices.Contains(p.SourceIDs, i.SourceID)
	})
}
