package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// elements are what an order block repeats over: one order each.
type elements struct {
	by     repetition
	n      int
	keys   []string    // with byForEach, sorted
	values []cty.Value // with byForEach
}

func (e *elements) address(name string, i int) order.Address {
	switch e.by {
	case byForEach:
		return order.Address{Name: name, Key: order.TextKey(e.keys[i])}
	case byCount:
		return order.Address{Name: name, Key: order.IndexKey(i)}
	default:
		return order.Address{Name: name}
	}
}

// variables are what the i-th element's expressions may refer to besides var and local.
func (e *elements) variables(i int) map[string]cty.Value {
	switch e.by {
	case byCount:
		return map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})}
	case byForEach:
		return map[string]cty.Value{
			"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(e.keys[i]), "value": e.values[i]}),
		}
	default:
		return nil
	}
}

// expand evaluates for_each or count, and returns false after reporting why it can't be done.
func (l *loader) expand(b *orderBlock) (elements, bool) {
	switch {
	case b.forEach != nil && b.count != nil:
		l.report(mistake(b.count.NameRange, "Both count and for_each", "An order block repeats by count or by for_each, at %s. Remove one.", place(b.forEach.NameRange)))
		return elements{}, false
	case b.forEach != nil:
		return l.expandForEach(b.forEach)
	case b.count != nil:
		return l.expandCount(b.count)
	default:
		return elements{n: 1}, true
	}
}

func (l *loader) expandCount(a *hcl.Attribute) (elements, bool) {
	v, ok := l.evaluate(a, noRepetition)
	if l.refuseSensitive(v, a.Expr.Range(), "count") || !ok {
		return elements{}, false
	}
	v, err := convert.Convert(v, cty.Number)
	if err == nil && !v.IsNull() {
		if n, whole := wholeNumber(v); whole && n >= 0 && n <= MaxOrders {
			return elements{by: byCount, n: n}, true
		}
	}
	l.report(mistake(a.Expr.Range(), "Invalid count", "count must be a whole number from 0 to %s.", thousands(MaxOrders)))
	return elements{}, false
}

func (l *loader) expandForEach(a *hcl.Attribute) (elements, bool) {
	if !l.checkReferences(a.Expr, noRepetition) {
		return elements{}, false
	}
	v, diags := valueOf(a.Expr, l.scope.context)
	l.report(l.scope.explained(a.Expr, diags)...)
	if diags.HasErrors() || isNothing(v) {
		return elements{}, false
	}
	if v.IsMarked() {
		l.report(mistake(a.Expr.Range(), "Sensitive value not allowed",
			"for_each is sensitive as a whole, but its keys become the orders' addresses, which are shown. Mark values in it alone, or write nonsensitive(…) around it if everybody may see it."))
		return elements{}, false
	}
	if !v.IsKnown() || v.Type().IsSetType() && !v.IsWhollyKnown() {
		return elements{}, false
	}
	if d := checkForEach(v, a.Expr.Range()); d != nil {
		l.report(d)
		return elements{}, false
	}
	e := elements{by: byForEach, n: v.LengthInt()}
	e.keys, e.values = make([]string, 0, e.n), make([]cty.Value, 0, e.n)
	isSet := v.Type().IsSetType()
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if isSet {
			key = value
		}
		if !key.IsKnown() || key.IsNull() {
			l.report(mistake(a.Expr.Range(), "Invalid for_each", "A set for for_each must not hold null."))
			return elements{}, false
		}
		e.keys, e.values = append(e.keys, key.AsString()), append(e.values, value)
	}
	return e, l.checkKeys(e.keys, a.Expr.Range())
}

func checkForEach(v cty.Value, at hcl.Range) *hcl.Diagnostic {
	switch t := v.Type(); {
	case v.IsNull():
		return mistake(at, "Invalid for_each", "for_each is null. Write {} for no orders.")
	case t.IsTupleType() || t.IsListType():
		return mistake(at, "Invalid for_each",
			"for_each is a list, whose elements have no names to address their orders by. Write { for row in LIST : row.NAME => row }, or toset(LIST) for a list of texts.")
	case t.IsSetType() && t.ElementType() != cty.String && v.LengthInt() > 0:
		return mistake(at, "Invalid for_each", "A set for for_each must hold texts: each becomes an order's key.")
	case !t.IsObjectType() && !t.IsMapType() && !t.IsSetType():
		return mistake(at, "Invalid for_each", "for_each must be a map, an object or a set of texts, not %s.", described(v))
	case v.LengthInt() > MaxOrders:
		return mistake(at, "Too many orders", "for_each has %s elements; a fleet may have %s orders.", thousands(v.LengthInt()), thousands(MaxOrders))
	}
	return nil
}

// checkKeys reports the keys that can't stand in an address, all in one.
func (l *loader) checkKeys(keys []string, at hcl.Range) bool {
	var first error
	bad := 0
	for _, key := range keys {
		if err := order.CheckKey(key); err != nil {
			bad++
			if first == nil {
				first = err
			}
		}
	}
	if bad > 0 {
		l.report(mistake(at, "Invalid for_each key", "%s of %s keys can't stand in an address: %v.", thousands(bad), thousands(len(keys)), first))
	}
	return bad == 0
}
