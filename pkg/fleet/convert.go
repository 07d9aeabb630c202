package fleet

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// convertEach converts a value to a type, the elements of a collection one by one: converting a tuple or object as a
// whole makes go-cty find a common type for all pairs of its elements, which takes seconds for 20,000 of them.
func convertEach(v cty.Value, want cty.Type) (cty.Value, error) {
	from := v.Type()
	whole := v.IsNull() || !v.IsKnown() || !want.IsCollectionType() || want.ElementType().HasDynamicTypes() ||
		!from.IsTupleType() && !from.IsObjectType() || want.IsMapType() != from.IsObjectType()
	if whole || v.LengthInt() == 0 {
		return convert.Convert(v, want)
	}
	element := want.ElementType()
	var list []cty.Value
	named := map[string]cty.Value{}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		converted, err := convertEach(value, element)
		if err != nil {
			return cty.NilVal, cty.Path{cty.IndexStep{Key: key}}.NewError(err)
		}
		if want.IsMapType() {
			named[key.AsString()] = converted
		} else {
			list = append(list, converted)
		}
	}
	switch {
	case want.IsMapType():
		return cty.MapVal(named), nil
	case want.IsSetType():
		return cty.SetVal(list), nil
	default:
		return cty.ListVal(list), nil
	}
}
