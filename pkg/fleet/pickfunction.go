package fleet

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// These functions pick one of several values. They do what Terraform's of the same name do, and go-cty's don't.

// coalesceFunction returns the first argument that is neither null nor the empty text.
var coalesceFunction = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "values", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, v := range args {
			types[i] = v.Type()
		}
		common, _ := convert.UnifyUnsafe(types)
		if common == cty.NilType {
			return cty.NilType, errors.New("all values must have the same type")
		}
		return common, nil
	},
	Impl: func(args []cty.Value, common cty.Type) (cty.Value, error) {
		for _, v := range args {
			switch {
			case !v.IsKnown():
				return cty.UnknownVal(common), nil
			case !v.IsNull() && !v.RawEquals(cty.StringVal("")):
				return convert.Convert(v, common)
			}
		}
		return cty.NilVal, errors.New("every value is null or an empty text")
	},
})

// oneFunction returns the only element of a list, tuple or set, or null of an empty one.
var oneFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		elements, err := elementsOf(args[0])
		switch {
		case err != nil:
			return cty.NilVal, err
		case len(elements) == 0:
			return cty.NullVal(cty.DynamicPseudoType), nil
		case len(elements) > 1:
			return cty.NilVal, function.NewArgErrorf(0, "it has %s elements: one takes the only one of a list that has no other", thousands(len(elements)))
		}
		return elements[0], nil
	},
})

// indexFunction returns where a list has a value.
var indexFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if args[0].Type().IsSetType() {
			return cty.NilVal, function.NewArgErrorf(0, "a set has no order: write contains to ask whether it has a value")
		}
		elements, err := elementsOf(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		for i, v := range elements {
			same, err := stdlib.Equal(v, args[1])
			switch {
			case err != nil:
				return cty.NilVal, err
			case !same.IsKnown():
				return cty.UnknownVal(cty.Number), nil
			case same.True():
				return cty.NumberIntVal(int64(i)), nil
			}
		}
		return cty.NilVal, function.NewArgErrorf(1, "the list has no such value")
	},
})

// elementsOf returns the elements of a function's first argument, which must be a list, a tuple or a set.
func elementsOf(list cty.Value) ([]cty.Value, error) {
	if t := list.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() {
		return nil, function.NewArgErrorf(0, "it must be a list or a set")
	}
	return list.AsValueSlice(), nil
}
