package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Selection narrows a plan to a part of its fleet. The zero value selects everything.
type Selection struct {
	Target  []order.Pattern // only addresses that one of these matches
	Exclude []order.Pattern // none of these, whatever Target says
	Region  []string        // only these regions
}

// All tells whether the selection leaves nothing out.
func (s Selection) All() bool {
	return len(s.Target) == 0 && len(s.Exclude) == 0 && len(s.Region) == 0
}

// selects tells whether the pair is planned. Order and record of an address are taken or left together: taking one
// alone would look like an order never bought, or like one removed from the files. An order that moved to another
// region belongs to both.
func (s Selection) selects(p pair) bool {
	if s.All() {
		return true
	}
	switch {
	case s.matches(s.Exclude, p):
		return false
	case len(s.Target) > 0 && !s.matches(s.Target, p):
		return false
	case len(s.Region) == 0:
		return true
	}
	return p.wish != nil && slices.Contains(s.Region, p.wish.Region) ||
		p.known != nil && slices.Contains(s.Region, p.known.Region())
}

// matches tells whether a pattern names the pair, by its address or by the one that its record is moved from.
func (s Selection) matches(patterns []order.Pattern, p pair) bool {
	return matchesAny(patterns, p.address()) || p.move != nil && matchesAny(patterns, p.move.From)
}

func matchesAny(patterns []order.Pattern, a order.Address) bool {
	return slices.ContainsFunc(patterns, func(p order.Pattern) bool { return p.Match(a) })
}

// Unmatched returns the part of the selection that matches no order and no record. Each is probably a typing
// mistake, and a mistyped Exclude would buy what it was meant to hold back, so callers must not go on with any.
func (s Selection) Unmatched(orders []order.Order, records []order.Record) Selection {
	unused := Selection{
		Target:  slices.Clone(s.Target),
		Exclude: slices.Clone(s.Exclude),
		Region:  slices.Clone(s.Region),
	}
	for i := range orders {
		unused.strike(orders[i].Address, orders[i].Region)
	}
	for i := range records {
		if !records[i].Vacant() { // to exclude the old name of what was moved holds nothing back
			unused.strike(records[i].Address, records[i].Region())
		}
	}
	return unused
}

// strike takes out what matches.
func (s *Selection) strike(a order.Address, region string) {
	matches := func(p order.Pattern) bool { return p.Match(a) }
	s.Target = slices.DeleteFunc(s.Target, matches)
	s.Exclude = slices.DeleteFunc(s.Exclude, matches)
	s.Region = slices.DeleteFunc(s.Region, func(r string) bool { return r == region })
}
