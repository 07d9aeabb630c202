package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var (
	movedShape = shape{
		what: "a moved block", attributes: []string{"from", "to"},
		hints: map[string]string{"for_each": "Without a key, from = order.OLD and to = order.NEW name whole blocks, with all of their keys."},
	}
	removedShape = shape{
		what: "a removed block", attributes: []string{"from"},
		hints: map[string]string{
			"lifecycle": "Nothing is ever deleted in the cloud: what is removed here is forgotten.",
			"to":        "What goes on under another address is written moved { from = … to = … }.",
		},
	}
)

// A restatement is a moved or removed block, which say something of what is recorded, not of what is wished.
type restatement struct {
	from, to order.Address
	removed  bool // and to is nothing
	at       hcl.Range
}

func (r restatement) move() order.Move { return order.Move{From: r.from, To: r.to} }

// decodeRestatements returns the moved and removed blocks whose addresses can be read.
func (l *loader) decodeRestatements(moved, removed hcl.Blocks) []restatement {
	var decoded []restatement
	for _, b := range moved {
		content := l.content(b.Body, movedShape)
		from, fromOK := l.addressOf(b, content, "from")
		to, toOK := l.addressOf(b, content, "to")
		if fromOK && toOK {
			decoded = append(decoded, restatement{from: from, to: to, at: headOf(b, content.Attributes["from"])})
		}
	}
	for _, b := range removed {
		content := l.content(b.Body, removedShape)
		if from, ok := l.addressOf(b, content, "from"); ok {
			decoded = append(decoded, restatement{from: from, removed: true, at: headOf(b, content.Attributes["from"])})
		}
	}
	return decoded
}

// headOf is where a block without labels is shown to be: at its head, or in JSON, where all blocks of a type have one head,
// at the attribute that tells it from the others.
func headOf(b *hcl.Block, a *hcl.Attribute) hcl.Range {
	if _, native := b.Body.(*hclsyntax.Body); native {
		return b.DefRange
	}
	return a.NameRange
}

// addressOf reads an attribute that must be written as an address, or reports why it can't.
func (l *loader) addressOf(b *hcl.Block, content *hcl.BodyContent, name string) (order.Address, bool) {
	a := content.Attributes[name]
	if a == nil {
		l.report(mistake(b.DefRange, "Missing address", "A %s block needs %s: write %s = order.NAME, or order.NAME[\"key\"].", b.Type, name, name))
		return order.Address{}, false
	}
	address, ok := addressIn(a.Expr)
	if !ok {
		l.report(mistake(a.Expr.Range(), "Not an address",
			"%s must be an order's address, as it stands: order.NAME, order.NAME[\"key\"] or order.NAME[0], without quotes, variables and functions. In JSON it is a text.", name))
	}
	return address, ok
}

// addressIn reads an expression that is nothing but an address.
func addressIn(expr hcl.Expression) (order.Address, bool) {
	t, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() || t.RootName() != "order" || len(t) < 2 || len(t) > 3 {
		return order.Address{}, false
	}
	name, isName := t[1].(hcl.TraverseAttr)
	if !isName || order.CheckName(name.Name) != nil {
		return order.Address{}, false
	}
	a := order.Address{Name: name.Name}
	if len(t) == 2 {
		return a, true
	}
	index, isIndex := t[2].(hcl.TraverseIndex)
	if !isIndex {
		return order.Address{}, false
	}
	var ok bool
	a.Key, ok = keyIn(index.Key)
	return a, ok
}

func keyIn(v cty.Value) (order.Key, bool) {
	switch {
	case v.Type() == cty.String && order.CheckKey(v.AsString()) == nil:
		return order.TextKey(v.AsString()), true
	case v.Type() == cty.Number:
		n, whole := wholeNumber(v)
		return order.IndexKey(n), whole && n >= 0
	}
	return order.Key{}, false
}

// restated checks the blocks against each other and against the orders, and returns what they say. What depends on what is
// recorded, a plan finds out.
func (l *loader) restated(d *document, orders []order.Order) (moved []order.Moved, removed []order.Removed) {
	c := restatementCheck{loader: l, document: d, byFrom: map[order.Address]restatement{}, byTo: map[order.Address]restatement{}}
	if !l.diags.HasErrors() {
		c.orders = orders
	}
	for _, r := range d.restatements {
		if !c.check(r) {
			continue
		}
		if r.removed {
			removed = append(removed, order.Removed{From: r.from, At: place(r.at)})
		} else {
			moved = append(moved, order.Moved{Move: r.move(), At: place(r.at)})
		}
	}
	c.checkEnds()
	return moved, removed
}

// A restatementCheck finds the blocks that contradict each other, or the orders.
type restatementCheck struct {
	*loader
	document     *document
	orders       []order.Order // sorted by address; none where these have mistakes of their own
	byFrom, byTo map[order.Address]restatement
}

// check reports what is wrong with a block by itself, or with it and one before it.
func (c *restatementCheck) check(r restatement) bool {
	switch first, again := c.byFrom[r.from]; {
	case again:
		c.report(mistake(r.at, "Moved twice", "What becomes of %s is said at %s already. Remove one of both blocks.", r.from, place(first.at)))
		return false
	case !r.removed && r.from == r.to:
		c.report(mistake(r.at, "Moved to itself", "%s stays where it is. Remove the block, or write where it is moved.", r.from))
		return false
	}
	if first, again := c.byTo[r.to]; again && !r.removed {
		c.report(mistake(r.at, "Two moves to one address",
			"%s is moved to %s as well, at %s, and one address can't take in what was bought for two. Remove the block that is done with, or move one of them elsewhere.",
			first.from, r.to, place(first.at)))
		return false
	}
	if c.ordered(r.from, r.removed || r.move().Whole()) {
		c.stillOrdered(r)
		return false
	}
	c.byFrom[r.from] = r
	if !r.removed {
		c.byTo[r.to] = r
	}
	return true
}

// ordered tells whether the files order what the address names: one order, or with whole any order of the block.
func (c *restatementCheck) ordered(a order.Address, whole bool) bool {
	if _, declared := c.document.orders[a.Name]; whole && a.Key == order.NoKey {
		return declared
	}
	_, found := slices.BinarySearchFunc(c.orders, a, func(o order.Order, a order.Address) int { return o.Address.Compare(a) })
	return found
}

func (c *restatementCheck) stillOrdered(r restatement) {
	if r.removed {
		c.report(mistake(r.at, "Removed, and still ordered", "The files still order %s: once it was forgotten, the next apply would buy it again. Remove its order block or element, or this block.", r.from))
		return
	}
	c.report(mistake(r.at, "Moved, and still ordered", "The files still order %s: once what was bought for it belongs to %s, the next apply would buy it again. Rename the order, or remove this block.", r.from, r.to))
}

// checkEnds reports chains of moves that end nowhere.
func (c *restatementCheck) checkEnds() {
	walked := map[order.Address]hcl.Range{} // by the block whose chain came by
	for _, r := range c.document.restatements {
		if c.byFrom[r.from] != r || r.removed {
			continue
		}
		if _, goesOn := c.next(r.to); !goesOn && c.document.orders[r.to.Name] == nil {
			c.report(mistake(r.at, "Moved to an unknown order", "No file declares an order block %q, so that what is moved there would be none of the fleet's.%s Where the move is done with, remove this block.",
				r.to.Name, didYouMean(r.to.Name, slices.Sorted(maps.Keys(c.document.orders)))))
		}
		if c.walk(r, walked) {
			c.report(mistake(r.at, "Moved in a circle", "This move comes back to where it began, by the one from %s on: nothing says where it is in the end. Remove one of them.", r.to))
		}
	}
}

// walk follows a chain as far as nobody did before, and tells whether it comes back to itself.
func (c *restatementCheck) walk(r restatement, walked map[order.Address]hcl.Range) bool {
	first := r.at
	for at := r.from; ; at, _ = r.move().Of(at) {
		if by, again := walked[at]; again {
			return by == first
		}
		walked[at] = first
		var goesOn bool
		if r, goesOn = c.next(at); !goesOn || r.removed {
			return false
		}
	}
}

// next is the block that says what becomes of an address.
func (c *restatementCheck) next(a order.Address) (restatement, bool) {
	if r, ok := c.byFrom[a]; ok {
		return r, true
	}
	r, ok := c.byFrom[order.Address{Name: a.Name}]
	return r, ok && (r.removed || r.move().Whole())
}
