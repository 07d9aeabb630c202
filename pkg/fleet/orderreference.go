package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// checkReference checks a reference of an expression that is evaluated late, which may be one to an order.
func (w *late) checkReference(l *loader, t hcl.Traversal) *hcl.Diagnostic {
	switch t.RootName() {
	case "order":
		return w.checkOrder(t)
	case "var", "local", "each", "count":
		return l.checkReference(t, noRepetition)
	default:
		return unknownReference(t.SourceRange(), t.RootName(), len(t) == 1, lateRoots)
	}
}

// checkOrder checks order.NAME, its key's form, and the attribute's name. Whether there is an order of that key is seen
// when the expression is evaluated: try and can are for such questions.
func (w *late) checkOrder(t hcl.Traversal) *hcl.Diagnostic {
	at := t.SourceRange()
	name := referredName(t)
	if name == "" {
		return mistake(at, "Incomplete reference", "order stands before an order's name: write order.NAME.")
	}
	b, ok := w.blocks[name]
	if !ok {
		return mistake(at, "Undeclared order", "No file declares an order block %q.%s", name,
			didYouMeanOneOf(name, slices.Sorted(maps.Keys(w.blocks)), "order blocks"))
	}
	rest := t[2:]
	if b.broken || len(rest) == 0 {
		return nil
	}
	if b.by == noRepetition {
		if stepName(rest[0]) == "" {
			return mistake(at, "Order without keys",
				"The block order %q has neither for_each nor count, so it is one order: write order.%s.ATTRIBUTE.", name, name)
		}
		return checkAttribute(at, rest, orderType, "An order")
	}
	if step := stepName(rest[0]); step != "" && orderType.HasAttribute(step) && !w.has(name, rest[0]) {
		return mistake(at, "Order without its key", "The block order %q has an order for each %s: write order.%s[%s].%s.",
			name, b.by.element(), name, b.by.example(), step)
	}
	return checkAttribute(at, rest[1:], orderType, "An order")
}

// element and example say in details what the orders of a block are told apart by.
func (r repetition) element() string {
	if r == byCount {
		return "index"
	}
	return "key"
}

func (r repetition) example() string {
	if r == byCount {
		return "0"
	}
	return "KEY"
}

// checkAttribute checks that an object has the attributes that the steps lead to.
func checkAttribute(at hcl.Range, steps hcl.Traversal, object cty.Type, what string) *hcl.Diagnostic {
	if len(steps) == 0 || !object.IsObjectType() {
		return nil
	}
	name := stepName(steps[0])
	if !object.HasAttribute(name) {
		return mistake(at, "Unknown attribute of an order", "%s has no attribute %q.%s", what, name,
			didYouMeanOneOf(name, attributesOf(object), "attributes"))
	}
	return checkAttribute(at, steps[1:], object.AttributeType(name), "An order's "+name)
}

// stepName is the name that a step leads to, or "" when it is an index.
func stepName(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString()
		}
	}
	return ""
}

// keyIn returns the key of the order that a checked reference names; false where it names a whole block. Of a block
// without repetition the key is NoKey.
func (w *late) keyIn(t hcl.Traversal) (order.Key, bool) {
	b := w.blocks[referredName(t)]
	if b.by == noRepetition {
		return order.NoKey, true
	}
	if len(t) < 3 {
		return order.NoKey, false
	}
	return keyOfStep(t[2], b.by)
}

// keyOfStep returns false for a step that is no key of such a block.
func keyOfStep(step hcl.Traverser, by repetition) (order.Key, bool) {
	if name := stepName(step); name != "" {
		return order.TextKey(name), by == byForEach
	}
	index, ok := step.(hcl.TraverseIndex)
	if !ok || index.Key.Type() != cty.Number || by != byCount {
		return order.NoKey, false
	}
	i, whole := wholeNumber(index.Key)
	return order.IndexKey(i), whole && i >= 0
}

// has tells whether the block has an order of the step's key.
func (w *late) has(name string, step hcl.Traverser) bool {
	b := w.blocks[name]
	key, ok := keyOfStep(step, b.by)
	if ok {
		_, ok = w.find(b, order.Address{Name: name, Key: key})
	}
	return ok
}

// explain puts in place of a complaint about a key that a collection doesn't have, where that is an order's, one that
// knows the orders.
func (w *late) explain(diags hcl.Diagnostics) hcl.Diagnostics {
	for i, d := range diags {
		if d.Expression == nil || d.Subject == nil {
			continue
		}
		for _, t := range d.Expression.Variables() {
			if t.RootName() == "order" && len(t) > 2 && t.SourceRange().Overlaps(*d.Subject) && w.missing(t) {
				diags[i] = w.unknownOrder(t)
				break
			}
		}
	}
	return diags
}

// missing tells whether a checked reference names an order that the block doesn't have.
func (w *late) missing(t hcl.Traversal) bool {
	b := w.blocks[referredName(t)]
	return !b.broken && b.by != noRepetition && !w.has(referredName(t), t[2])
}

// comparedKeys bounds the keys that are looked through for the one that was meant.
const comparedKeys = 10_000

func (w *late) unknownOrder(t hcl.Traversal) *hcl.Diagnostic {
	name := referredName(t)
	b := w.blocks[name]
	at := t.SourceRange()
	switch {
	case b.n == 0:
		return mistake(at, "Unknown order", "The block order %q has no orders: its %s is empty.", name, b.by.argument())
	case b.by == byCount:
		return mistake(at, "Unknown order", "The block order %q has %s orders, with the indexes 0 to %s.", name, thousands(b.n), thousands(b.n-1))
	}
	var keys []string
	for _, o := range w.orders[b.first : b.first+min(b.n, comparedKeys)] {
		keys = append(keys, o.Address.Key.Text())
	}
	given := stepName(t[2])
	return mistake(at, "Unknown order", "The block order %q has no order with the key %q.%s", name, given, didYouMeanOneOf(given, keys, "keys"))
}

// argument is what a block repeats by, as a file has it.
func (r repetition) argument() string {
	if r == byCount {
		return "count"
	}
	return "for_each"
}
