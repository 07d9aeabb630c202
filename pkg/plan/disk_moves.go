package plan

import (
	"cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What a plan file keeps of what is done to records. The records themselves are the state's.

type diskMove struct {
	From      order.Address `json:"from"`
	To        order.Address `json:"to"`
	Region    string        `json:"region"`
	Status    order.Status  `json:"status"`
	Instances int           `json:"instances"`
}

// diskRemoval converts from and to Removal, as diskRollout does.
type diskRemoval struct {
	Address   order.Address `json:"address"`
	Region    string        `json:"region"`
	Status    order.Status  `json:"status"`
	Instances int           `json:"instances"`
}

type diskImport struct {
	Order     diskOrder    `json:"order"`
	Digest    order.Digest `json:"digest"` // of Order
	Attempt   int          `json:"attempt"`
	BIDs      []string     `json:"bids,omitempty"`
	SourceIDs []string     `json:"source_ids,omitempty"`
}

type diskRewrites struct {
	Moves    []diskMove    `json:"moves,omitempty"`
	Removals []diskRemoval `json:"removals,omitempty"`
	Imports  []diskImport  `json:"imports,omitempty"`
}

func rewritesToDisk(p Plan) (d diskRewrites) {
	for _, m := range p.Moves {
		d.Moves = append(d.Moves, diskMove{m.From, m.To, m.Region, m.Status, m.Instances})
	}
	for _, r := range p.Removals {
		d.Removals = append(d.Removals, diskRemoval(r))
	}
	for _, i := range p.Imports {
		d.Imports = append(d.Imports, diskImport{orderToDisk(i.Order), i.Order.Digest(), i.Attempt, i.BIDs, i.SourceIDs})
	}
	return d
}

// into adds to the plan what is done to records, and refuses what no plan has. What does not fit the records is refused by
// the state.
func (d diskRewrites) into(p *Plan) error {
	if n := len(d.Moves) + len(d.Removals) + len(d.Imports); n > MaxChanges {
		return refuse(ErrAltered, "it does something to %d records", n)
	}
	seen := map[order.Address]bool{}
	name := func(a order.Address) error {
		if seen[a] {
			return refuse(ErrAltered, "%s is moved, removed or imported twice", a)
		}
		seen[a] = true
		return nil
	}
	for _, m := range d.Moves {
		if !known(m.Status) {
			return refuse(ErrAltered, "what is moved to %s has no status that there is", m.To)
		}
		p.Moves = append(p.Moves, Move{order.Move{From: m.From, To: m.To}, m.Region, m.Status, m.Instances})
		if err := cmp.Or(name(m.From), name(m.To)); err != nil {
			return err
		}
	}
	for _, r := range d.Removals {
		if !known(r.Status) {
			return refuse(ErrAltered, "what is removed at %s has no status that there is", r.Address)
		}
		p.Removals = append(p.Removals, Removal(r))
		if err := name(r.Address); err != nil {
			return err
		}
	}
	for _, i := range d.Imports {
		o := i.Order.toOrder()
		p.Imports = append(p.Imports, Import{o, i.Attempt, i.BIDs, i.SourceIDs})
		if o.Digest() != i.Digest || o.Quantity != len(i.BIDs)+len(i.SourceIDs) {
			return refuse(ErrAltered, "what is imported for %s does not match its order", o.Address)
		}
		if err := name(o.Address); err != nil {
			return err
		}
	}
	return nil
}

func known(s order.Status) bool {
	return s == order.StatusBought || s == order.StatusInDoubt || s == order.StatusFailed
}
