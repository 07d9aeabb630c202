package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// CheckLimits returns a *LimitError if an apply of the plan would buy more than the fleet's limits allow, or nil.
func (p Plan) CheckLimits() error {
	var e LimitError
	totals := p.Totals()
	if most := p.Limits.MaxOrders; most != nil && totals.Orders() > *most {
		e.add(fmt.Sprintf("it buys %s, and max_orders is %d", counted(totals.Orders(), "order"), *most),
			shares(p, "Most orders are", strconv.Itoa, func(*Change) int { return 1 }))
	}
	if most := p.Limits.MaxInstances; most != nil && totals.Instances > *most {
		e.add(fmt.Sprintf("it buys %s, and max_instances is %d", counted(totals.Instances, "instance"), *most),
			shares(p, "Most instances are", strconv.Itoa, func(c *Change) int { return c.Quantity }))
	}
	if most := p.Limits.MaxSpend; most != nil {
		p.checkSpend(&e, *most, totals)
	}
	if len(e.excesses) == 0 {
		return nil
	}
	return &e
}

// checkSpend holds the cost against its ceiling. A cost that is unknown may be any, so it is above every ceiling.
func (p Plan) checkSpend(e *LimitError, most order.Amount, totals Totals) {
	money := func(a order.Amount) string { return a.Grouped() + " " + p.Prices.Currency }
	costs := "it costs "
	if totals.Cost.Unpriced > 0 {
		costs = "it costs at least "
	}
	switch {
	case totals.Cost.Amount > most:
		e.add(fmt.Sprintf("%s%s, and max_spend is %s", costs, money(totals.Cost.Amount), money(most)),
			shares(p, "Most of the cost is", order.Amount.Grouped, func(c *Change) order.Amount { return c.Cost.Amount }))
	case totals.Cost.Unpriced > 0:
		e.add(fmt.Sprintf("what %d of its %s would cost is unknown, and max_spend is %s",
			totals.Cost.Unpriced, counted(totals.Orders(), "order"), money(most)),
			"The cost is unknown for: "+p.WhyUnpriced()+". Write the prices that are missing into the prices block.")
	}
}

// A LimitError says which of a fleet's limits a plan goes beyond, and by what.
type LimitError struct {
	excesses []string
	shares   []string // a sentence for each excess: what it is made of
}

func (e *LimitError) add(excess, shares string) {
	e.excesses, e.shares = append(e.excesses, excess), append(e.shares, shares)
}

// Error names every limit that the plan goes beyond.
func (e *LimitError) Error() string {
	return "the plan goes beyond the fleet's limits: " + strings.Join(e.excesses, "; ")
}

// Hint names the blocks and regions that most of it comes from, and says what to do.
func (e *LimitError) Hint() string {
	return strings.Join(e.shares, " ") + " Nothing is bought. Plan a part of it with --target or --region, or change the limits block."
}

// A share is a part of a sum.
type share[N ~int | ~int64] struct {
	name string
	part N
}

// shownShares is how many parts of a sum are named.
const shownShares = 3

// shares is a sentence that names the order blocks and the regions which have the most of what the plan buys.
func shares[N ~int | ~int64](p Plan, most string, text func(N) string, of func(*Change) N) string {
	blocks, regions := map[string]N{}, map[string]N{}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action.Buys() {
			block := "order." + c.Address.Name
			blocks[block] = plus(blocks[block], of(c))
			regions[c.Region] = plus(regions[c.Region], of(c))
		}
	}
	return fmt.Sprintf("%s of %s; in %s.", most, named(largest(blocks), text), named(largest(regions), text))
}

// plus adds as amounts do, which never wrap.
func plus[N ~int | ~int64](a, b N) N { return N(order.Amount(a).Plus(order.Amount(b))) }

// named lists the largest shares.
func named[N ~int | ~int64](all []share[N], text func(N) string) string {
	var parts []string
	for _, s := range all[:min(len(all), shownShares)] {
		parts = append(parts, fmt.Sprintf("%s (%s)", s.name, text(s.part)))
	}
	return strings.Join(parts, ", ")
}

// largest returns the parts that are more than nothing, the largest first.
func largest[N ~int | ~int64](parts map[string]N) []share[N] {
	all := make([]share[N], 0, len(parts))
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if parts[name] > 0 {
			all = append(all, share[N]{name, parts[name]})
		}
	}
	slices.SortStableFunc(all, func(a, b share[N]) int { return cmp.Compare(b.part, a.part) })
	return all
}

// counted is n with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
