package fleet

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// quantifier is a function of a collection of conditions, which ends with the first that is decisive: alltrue with one that
// is false, anytrue with one that is true. Where none is, one that is unknown leaves the result unknown.
func quantifier(decisive bool) function.Function {
	return aggregate(cty.Bool, func(elements []cty.Value) (cty.Value, error) {
		result := cty.BoolVal(!decisive)
		for _, v := range elements {
			switch {
			case !v.IsKnown():
				result = cty.UnknownVal(cty.Bool)
			case !v.IsNull() && v.True() == decisive:
				return cty.BoolVal(decisive), nil
			case v.IsNull() && !decisive:
				return cty.False, nil // what is not set is not true
			}
		}
		return result, nil
	})
}

// sumFunction adds numbers; of none the sum is 0. A null is refused, for a sum without what is not known would be shown,
// and taken, for one of everything.
func sumFunction() function.Function {
	return aggregate(cty.Number, func(elements []cty.Value) (cty.Value, error) {
		sum := cty.Zero
		for _, v := range elements {
			if v.IsKnown() && v.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "an element is null: write [for n in LIST : n if n != null] for the others")
			}
			sum = sum.Add(v)
		}
		return sum, nil
	})
}

// aggregate is a function of a list, tuple or set. Its elements are converted one by one: go-cty would look for a type that
// all of a tuple's elements have in common.
func aggregate(of cty.Type, fold func([]cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType, AllowUnknown: true}},
		Type:   function.StaticReturnType(of),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			list := args[0]
			switch t := list.Type(); {
			case t == cty.DynamicPseudoType || !list.IsKnown():
				return cty.UnknownVal(of), nil
			case !t.IsListType() && !t.IsTupleType() && !t.IsSetType():
				return cty.NilVal, function.NewArgErrorf(0, "it must be a list, a tuple or a set")
			}
			var elements []cty.Value
			for it := list.ElementIterator(); it.Next(); {
				_, v := it.Element()
				converted, err := convertScalar(v, of)
				if err != nil {
					return cty.NilVal, function.NewArgErrorf(0, "every element must be a %s", of.FriendlyName()) // which one it is may be sensitive
				}
				elements = append(elements, converted)
			}
			return fold(elements)
		},
	})
}

// lengthFunction counts the elements of a collection, or the characters of a text.
var lengthFunction = function.New(&function.Spec{
	Description: "Returns the number of elements of a collection, or of characters of a text.",
	Params:      []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true}},
	Type:        function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		switch v, marks := args[0].Unmark(); {
		case v.Type() == cty.String:
			return stdlib.StrlenFunc.Call(args)
		case v.Type().IsObjectType() && v.IsKnown() && !v.IsNull(): // what { for … } makes
			return cty.NumberIntVal(int64(v.LengthInt())).WithMarks(marks), nil
		case v.Type().IsPrimitiveType():
			return cty.NilVal, function.NewArgErrorf(0, "it must be a list, a set, a map, an object or a text")
		default:
			return stdlib.LengthFunc.Call(args)
		}
	},
})
