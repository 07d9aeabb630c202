package fleet

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An orderBlock describes one order, or with for_each or count one for each element.
type orderBlock struct {
	name           string
	layer          *layer
	forEach, count *hcl.Attribute
	preconditions  []condition
	open           []condition // preconditions that are to be judged for each order
	lifecycle      *hcl.Block
	elements       elements
	constant       settings             // of the attributes that depend on no element
	varying        []field              // the other attributes
	shortcuts      [fieldCount]shortcut // of varying attributes that have one
	makesEach      bool                 // its dynamic blocks are made for each element
	expanded       bool                 // elements are known
	first          int                  // index of its first order among the fleet's
}

func (l *loader) decodeOrder(b *hcl.Block) *orderBlock {
	decoded, content := l.decodeLayerContent(b, orderShape)
	return &orderBlock{
		name: b.Labels[0], layer: decoded,
		forEach: content.Attributes["for_each"], count: content.Attributes["count"],
		preconditions: l.decodePreconditions(content.Blocks.OfType("precondition")),
		lifecycle:     l.single(content.Blocks.OfType("lifecycle"), "Duplicate lifecycle block"),
	}
}

// orders evaluates all order blocks. What it returns is of use only if nothing was reported.
func (l *loader) orders(d *document) []order.Order {
	inherited := l.inherit(d)
	names := slices.Sorted(maps.Keys(d.orders))
	prepared := make([]bool, len(names))
	onAllCores(len(names), func(i int) { prepared[i] = l.prepare(d.orders[names[i]]) })
	var blocks []*orderBlock
	total, most := 0, l.maxOrders(d)
	for i, name := range names {
		b := d.orders[name]
		if !prepared[i] {
			continue
		}
		b.first = total
		blocks = append(blocks, b)
		if total += b.elements.n; total > most {
			l.report(tooManyOrders(b, most))
			return nil
		}
	}
	if total == 0 && !l.diags.HasErrors() && len(l.unvalued) == 0 {
		l.report(mistake(d.start, "No orders", "The fleet has no orders: no order block, or none with an element. Write order \"name\" { … }."))
	}
	return l.build(blocks, total, inherited)
}

// tooManyOrders says how to have more, for the bound is there to catch slips.
func tooManyOrders(b *orderBlock, most int) *hcl.Diagnostic {
	advice := " No fleet can have more."
	if most < MaxOrders {
		advice = fmt.Sprintf(` If they are meant, write max_orders = … in the fleet block: it may be up to %s.`, thousands(MaxOrders))
	}
	return mistake(b.layer.header, "Too many orders", "With this block the fleet has more than %s orders.%s", thousands(most), advice)
}

// prepare expands a block and evaluates what all its orders share.
func (l *loader) prepare(b *orderBlock) bool {
	b.elements, b.expanded = l.expand(b)
	by := b.elements.by
	switch { // whatever is wrong with for_each, references to each are right
	case b.forEach != nil:
		by = byForEach
	case b.count != nil:
		by = byCount
	}
	for f := range fieldCount {
		a := b.layer.attrs[f]
		switch {
		case a == nil:
		case !dependsOnElement(a.Expr):
			b.constant[f] = l.evaluateField(f, a, by)
		case l.checkReferences(a.Expr, by):
			b.varying = append(b.varying, f)
			b.shortcuts[f] = shortcutOf(a.Expr)
			l.prepareExpression(a)
		default:
			b.constant[f].state = failed
		}
	}
	l.prepareDynamics(b, by)
	l.preparePreconditions(b, by)
	return b.expanded
}

func dependsOnElement(expr hcl.Expression) bool {
	if _, ok := literalOf(expr); ok {
		return false
	}
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		return t.RootName() == "each" || t.RootName() == "count"
	})
}

// inherited is what orders get from defaults and region blocks.
type inherited struct {
	defaults     *layer
	regions      map[string]*layer
	withoutBlock *merged            // for a region that has no block
	withBlock    map[string]*merged // by region
}

func (l *loader) inherit(d *document) *inherited {
	i := &inherited{defaults: d.defaults, regions: d.regions, withoutBlock: &merged{}, withBlock: map[string]*merged{}}
	i.withoutBlock.overlay(l.evaluateLayer(d.defaults), fromDefaults)
	for _, id := range slices.Sorted(maps.Keys(d.regions)) {
		m := *i.withoutBlock
		m.overlay(l.evaluateLayer(d.regions[id]), fromRegion)
		i.withBlock[id] = &m
	}
	return i
}

// of returns what an order inherits whose own region setting is region.
func (i *inherited) of(region setting) *merged {
	if region.state == unset {
		region = i.withoutBlock.settings[fieldRegion]
	}
	if m := i.withBlock[region.text]; m != nil && region.state == set {
		return m
	}
	return i.withoutBlock
}

// chunkSize is how many orders a core builds at a time: enough to make the hand-over cheap, few enough to keep all
// cores busy to the end.
const chunkSize = 512

// A chunk is a run of one block's elements.
type chunk struct {
	block    *orderBlock
	from, to int
	findings findings
}

// build builds the orders of all blocks on all cores. Its findings come in the order of the orders, whichever core
// was first.
func (l *loader) build(blocks []*orderBlock, total int, inherited *inherited) []order.Order {
	orders := make([]order.Order, total)
	var chunks []*chunk
	for _, b := range blocks {
		for from := 0; from < b.elements.n; from += chunkSize {
			chunks = append(chunks, &chunk{block: b, from: from, to: min(from+chunkSize, b.elements.n)})
		}
	}
	onAllCores(len(chunks), func(n int) {
		c := chunks[n]
		builder := builder{block: c.block, inherited: inherited, scope: l.scope.ofElements(c.block.forEach), findings: &c.findings}
		for i := c.from; i < c.to; i++ {
			orders[c.block.first+i] = builder.build(i)
		}
	})
	var all findings
	for _, c := range chunks {
		all.merge(&c.findings)
	}
	l.report(all.diagnostics()...)
	return orders
}
