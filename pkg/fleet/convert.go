package fleet

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// convertEach converts a value to a type, the parts of collections and objects one by one: converting a tuple or object
// as a whole makes go-cty find a common type for all pairs of its elements, which takes seconds for 20,000 of them. Its
// errors are a cty.PathError where a part is at fault. The value must be known.
func convertEach(v cty.Value, want cty.Type) (cty.Value, error) {
	v, marks := v.Unmark()
	converted, err := convertUnmarked(v, want)
	if err != nil {
		return cty.NilVal, err
	}
	return converted.WithMarks(marks), nil
}

// convertUnmarked takes a value that is not marked itself; its parts may be.
func convertUnmarked(v cty.Value, want cty.Type) (cty.Value, error) {
	from := v.Type()
	switch {
	case v.IsNull() || !v.CanIterateElements() || v.LengthInt() == 0:
	case want.IsObjectType() && from.IsObjectType():
		return convertObject(v, want)
	case want.IsMapType() && (from.IsObjectType() || from.IsMapType()),
		(want.IsListType() || want.IsSetType()) && (from.IsTupleType() || from.IsListType() || from.IsSetType()):
		return convertCollection(v, want)
	}
	return convert.Convert(v, want)
}

func convertObject(v cty.Value, want cty.Type) (cty.Value, error) {
	converted := make(map[string]cty.Value, len(want.AttributeTypes()))
	for name, attr := range want.AttributeTypes() {
		switch {
		case v.Type().HasAttribute(name):
			part, err := convertEach(v.GetAttr(name), attr)
			if err != nil {
				return cty.NilVal, within(cty.GetAttrStep{Name: name}, err)
			}
			converted[name] = part
		case want.AttributeOptional(name):
			converted[name] = cty.NullVal(attr.WithoutOptionalAttributesDeep())
		default:
			return cty.NilVal, fmt.Errorf("attribute %q is required", name)
		}
	}
	return cty.ObjectVal(converted), nil
}

func convertCollection(v cty.Value, want cty.Type) (cty.Value, error) {
	parts := make([]cty.Value, 0, v.LengthInt())
	var keys []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		part, err := convertEach(value, want.ElementType())
		if err != nil {
			return cty.NilVal, within(cty.IndexStep{Key: key}, err)
		}
		keys, parts = append(keys, key), append(parts, part)
	}
	if err := alignTypes(parts); err != nil {
		return cty.NilVal, err
	}
	switch {
	case want.IsMapType():
		named := make(map[string]cty.Value, len(parts))
		for i, key := range keys {
			named[key.AsString()] = parts[i]
		}
		return cty.MapVal(named), nil
	case want.IsSetType():
		return cty.SetVal(parts), nil
	default:
		return cty.ListVal(parts), nil
	}
}

// maxElementTypes bounds how many different types the elements of one collection may have: to find one for all takes
// time that grows with its square.
const maxElementTypes = 300

var errElementTypes = errors.New("all elements must have the same type")

// alignTypes converts values that may have any type to one that fits all. Types that are the same are looked at once.
func alignTypes(parts []cty.Value) error {
	var types []cty.Type
	known := map[string]int{} // index in types
	of := make([]int, len(parts))
	for i, part := range parts {
		if i > 0 && part.Type().Equals(parts[i-1].Type()) {
			of[i] = of[i-1]
			continue
		}
		name := part.Type().GoString()
		at, ok := known[name]
		if !ok {
			at = len(types)
			known[name] = at
			types = append(types, part.Type())
		}
		of[i] = at
	}
	if len(types) == 1 {
		return nil
	}
	if len(types) > maxElementTypes {
		return fmt.Errorf("the elements have more than %d different types", maxElementTypes)
	}
	common, conversions := convert.UnifyUnsafe(types)
	if common == cty.NilType || common == cty.DynamicPseudoType {
		return errElementTypes
	}
	for i, part := range parts {
		if conversions[of[i]] == nil {
			continue
		}
		converted, err := conversions[of[i]](part)
		if err != nil {
			return err
		}
		parts[i] = converted
	}
	return nil
}

// within says of an error about a part in which part of the whole it is.
func within(step cty.PathStep, err error) error {
	path := cty.Path{step}
	if inner, ok := errors.AsType[cty.PathError](err); ok {
		return append(path, inner.Path...).NewErrorf("%s", inner.Error())
	}
	return path.NewError(err)
}

// maxPath bounds a key that a path is printed with, in bytes.
const maxPath = 64

// atPath is a conversion's error after the path of the part that is at fault, as an expression on the whole:
// var.sites["bj"].size: a number is required.
func atPath(whole string, err error) string {
	at, ok := errors.AsType[cty.PathError](err)
	if !ok || len(at.Path) == 0 {
		return err.Error()
	}
	var text strings.Builder
	text.WriteString(whole)
	for _, step := range at.Path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			if hclsyntax.ValidIdentifier(s.Name) {
				text.WriteString("." + s.Name)
			} else {
				text.WriteString("[" + strconv.Quote(bounded(s.Name, maxPath)) + "]")
			}
		case cty.IndexStep:
			if s.Key.Type() == cty.String {
				text.WriteString("[" + strconv.Quote(bounded(s.Key.AsString(), maxPath)) + "]")
			} else if s.Key.Type() == cty.Number {
				text.WriteString("[" + s.Key.AsBigFloat().Text('f', 0) + "]")
			}
		}
	}
	return text.String() + ": " + err.Error()
}
