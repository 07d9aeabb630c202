package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What of waves can't work, as far as the files tell. Which orders are left to buy, and so what a wave comes to in an apply,
// only a plan knows.

// A waveReach is what a wave may take of the fleet's orders.
type waveReach struct {
	named map[string]int // orders that its regions and patterns name, by region
	total int            // the sum of named
	left  int            // those of them that no wave before it takes for sure
	paid  int            // those of left that are paid for by the purchase
}

// most returns how many orders the wave takes at most.
func (r waveReach) most(w order.Wave) int {
	most := 0
	for _, named := range r.named {
		most += w.MostIn(named)
	}
	if w.MaxOrders > 0 {
		most = min(most, w.MaxOrders)
	}
	return min(most, r.left)
}

// reaches returns what each wave may take. each is called for an order and a wave that may take it; the wave after the
// last is the one of what may remain.
func reaches(waves []order.Wave, orders []order.Order, each func(wave int, o *order.Order)) []waveReach {
	found := make([]waveReach, len(waves))
	naming := make([]func(string, order.Address) bool, len(waves))
	for i, w := range waves {
		naming[i] = w.Naming()
		found[i].named = map[string]int{}
	}
	for i := range orders {
		o, taken := &orders[i], false
		for w := range waves {
			if !naming[w](o.Region, o.Address) {
				continue
			}
			found[w].named[o.Region]++
			found[w].total++
			if taken {
				continue
			}
			found[w].left++
			if o.Charge.AutoPay {
				found[w].paid++
			}
			each(w, o)
			taken = !waves[w].Bounded()
		}
		if !taken {
			each(len(waves), o)
		}
	}
	return found
}

// checkWaves reports waves that can't have orders. What can be told of the blocks alone it reports whatever else is wrong.
func (c *rolloutCheck) checkWaves() {
	last := slices.IndexFunc(c.document.rollout.waves, c.takesAll)
	for i, b := range c.document.rollout.waves {
		if last >= 0 && i > last {
			all := c.document.rollout.waves[last]
			c.report(mistake(b.header, "Wave after one that takes everything",
				"The wave %q, at %s, takes all orders that are left, so that there is nothing for this one. Write that one last, or give it regions, orders, max_orders or percent.",
				all.name, place(all.header)))
		} else if c.sound {
			c.checkWave(i, b)
		}
	}
}

// takesAll tells whether no order is left for waves after this one.
func (c *rolloutCheck) takesAll(b waveBlock) bool {
	bounded := slices.ContainsFunc([]string{"regions", "orders", "max_orders", "percent"}, func(name string) bool { return b.attrs[name] != nil })
	return !bounded || c.sound && b.wave.TakesAll()
}

// checkWave reports what a wave names and nobody orders, and one that has no orders at all.
func (c *rolloutCheck) checkWave(i int, b waveBlock) {
	nothing := slices.Concat(c.regionsWithoutOrders(b.regions...), c.patternsWithoutOrders(b))
	reach := c.reaches[i]
	switch {
	case reach.left > 0:
		c.report(nothing...)
		if b.wave.Bake > 0 && reach.paid == 0 {
			c.report(warning(b.attrs["bake"].Expr.Range(), "Bake of what is not paid",
				"None of the wave's orders has auto_pay, so that nothing comes up to be watched before somebody pays for it in the console. Leave bake out, or write charge { auto_pay = true }."))
		}
	case reach.total > 0:
		c.report(warning(b.header, "Wave without orders",
			"The waves before it take all orders that it names. Write it before them, or bound them by max_orders or percent."))
	case len(nothing) == 0 && len(b.regions) == 0:
		c.report(warning(b.header, "Wave without orders", "The order blocks that it names have no orders."))
	case len(nothing) == 0:
		c.report(warning(b.header, "Wave without orders", "None of the orders that it names is in one of its regions."))
	default:
		d := *nothing[0]
		d.Summary = "Wave without orders"
		d.Detail += " So the wave takes nothing, and what it was to try out is bought with the rest."
		if slices.ContainsFunc(b.regions, c.unheard) || slices.ContainsFunc(b.wave.Orders, isOneOrder) {
			d.Severity = hcl.DiagError // it is a slip, and not what happens to be empty
		}
		c.report(&d)
		c.report(nothing[1:]...)
	}
}

// Bounds on what is done to say more of slips.
const (
	checkedPatterns = 100 // of a rollout, that end in *: each is compared with every order
	suggested       = 100 // places in a list for which it is looked up what was meant
)

// patternsWithoutOrders warns of what a wave's patterns name of declared blocks and nobody orders: an order, or how addresses
// begin. That a whole block has no orders is no mistake.
func (c *rolloutCheck) patternsWithoutOrders(b waveBlock) []*hcl.Diagnostic {
	var missing placed
	for i, p := range b.wave.Orders {
		a, exact := p.Address()
		if exact && !isOneOrder(p) {
			continue
		}
		found := exact && c.ordered(a)
		if !exact {
			c.compared++
			found = c.compared > checkedPatterns || slices.ContainsFunc(c.orders, func(o order.Order) bool { return p.Match(o.Address) })
		}
		if !found {
			missing.add(b.orders[i])
		}
	}
	var diags []*hcl.Diagnostic
	for i, at := range missing.inOrder {
		meant := ""
		if i < suggested {
			meant = c.meantAddress(at.first[0])
		}
		diags = append(diags, warning(at.at, "Pattern without orders", "The files order nothing at %s.%s", at.names(""), meant))
	}
	return diags
}

// isOneOrder tells whether the pattern is the address of an order with a key, not of a block, nor how addresses begin.
func isOneOrder(p order.Pattern) bool {
	a, exact := p.Address()
	return exact && a.Key != order.NoKey
}

func (c *rolloutCheck) ordered(a order.Address) bool {
	_, found := slices.BinarySearchFunc(c.orders, a, func(o order.Order, a order.Address) int { return o.Address.Compare(a) })
	return found
}

// meantAddress says what there is in the block of an address that is not ordered.
func (c *rolloutCheck) meantAddress(text string) string {
	a, err := order.ParseAddress(text)
	b := c.document.orders[a.Name]
	if err != nil || b == nil || b.elements.n == 0 {
		return ""
	}
	of := c.orders[b.first:][:min(b.elements.n, comparedNames)]
	switch b.elements.by {
	case byCount:
		return fmt.Sprintf(" Its block has %s, with the indexes 0 to %s.", ordersText(b.elements.n), thousands(b.elements.n-1))
	case noRepetition:
		return fmt.Sprintf(" Its block is the one order %s.", of[0].Address)
	}
	var addresses []string
	for _, o := range of {
		addresses = append(addresses, o.Address.String())
	}
	if meant := closest(text, addresses); meant != "" {
		return fmt.Sprintf(" Did you mean %s?", meant)
	}
	return ""
}

// checkDeclared reports patterns of a wave that match no order of any block that the files declare.
func (l *loader) checkDeclared(d *document, patterns []order.Pattern, written []listed) {
	names := slices.Sorted(maps.Keys(d.orders))
	var unknown placed
	for i, p := range patterns {
		name, only := p.Block()
		at, declared := slices.BinarySearch(names, name)
		switch {
		case declared:
		case only:
			unknown.add(listed{text: name, at: written[i].at})
		case at == len(names) || !strings.HasPrefix(names[at], name):
			unknown.add(listed{text: name + "*", at: written[i].at})
		}
	}
	for i, at := range unknown.inOrder {
		meant := ""
		if i < suggested {
			meant = didYouMeanOneOf(strings.TrimSuffix(at.first[0], "*"), names[:min(len(names), comparedNames)], "order blocks")
		}
		l.report(mistake(at.at, "Wave of unknown orders", "No file declares an order block %s.%s", at.names(`"`), meant))
	}
}

// placed gathers texts by where they stand, which for those of a computed list is one place.
type placed struct {
	inOrder []*textsAt
	byPlace map[hcl.Range]*textsAt
}

type textsAt struct {
	at    hcl.Range
	first []string // a few
	count int
}

func (p *placed) add(of listed) {
	if p.byPlace == nil {
		p.byPlace = map[hcl.Range]*textsAt{}
	}
	at := p.byPlace[of.at]
	if at == nil {
		at = &textsAt{at: of.at}
		p.byPlace[of.at] = at
		p.inOrder = append(p.inOrder, at)
	}
	if slices.Contains(at.first, of.text) {
		return
	}
	if at.count++; len(at.first) < shownAddresses {
		at.first = append(at.first, of.text)
	}
}

// names are the texts as a detail has them, each in quotes of this kind.
func (t *textsAt) names(quote string) string {
	text := quote + strings.Join(t.first, quote+", "+quote) + quote
	if more := t.count - len(t.first); more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(more))
	}
	return text
}
