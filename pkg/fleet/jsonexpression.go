package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// fromJSON returns what a JSON value means as an expression of the native syntax: texts are templates, and names of an
// object's properties too. HCL does the same, but anew for every evaluation, and out of any meter's sight.
func fromJSON(expr hcl.Expression) (hclsyntax.Expression, hcl.Diagnostics) {
	if elements, diags := hcl.ExprList(expr); !diags.HasErrors() {
		return tupleFromJSON(elements, expr.Range())
	}
	if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		return objectFromJSON(pairs, expr.Range())
	}
	v, diags := expr.Value(nil) // without a context a text is not taken for a template
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: expr.Range()}, diags
	}
	start := expr.Range().Start
	start.Column++ // the quotation mark
	start.Byte++
	return hclsyntax.ParseTemplate([]byte(v.AsString()), expr.Range().Filename, start)
}

func tupleFromJSON(elements []hcl.Expression, at hcl.Range) (hclsyntax.Expression, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	tuple := &hclsyntax.TupleConsExpr{SrcRange: at, OpenRange: at}
	for _, element := range elements {
		native, moreDiags := fromJSON(element)
		diags = append(diags, moreDiags...)
		tuple.Exprs = append(tuple.Exprs, native)
	}
	return tuple, diags
}

// objectFromJSON refuses a name that stands twice, of which an object of the native syntax would keep the last.
func objectFromJSON(pairs []hcl.KeyValuePair, at hcl.Range) (hclsyntax.Expression, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	object := &hclsyntax.ObjectConsExpr{SrcRange: at, OpenRange: at}
	first := map[string]hcl.Range{}
	for _, pair := range pairs {
		name, nameDiags := fromJSON(pair.Key)
		value, valueDiags := fromJSON(pair.Value)
		diags = append(append(diags, nameDiags...), valueDiags...)
		if literal, ok := literalOf(name); ok && literal.Type() == cty.String {
			if before, twice := first[literal.AsString()]; twice {
				diags = append(diags, duplicate(pair.Key.Range(), "Duplicate property", quoted("a property", literal.AsString()), before, "Remove one"))
			}
			first[literal.AsString()] = pair.Key.Range()
		}
		key := &hclsyntax.ObjectConsKeyExpr{Wrapped: name, ForceNonLiteral: true}
		object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: key, ValueExpr: value})
	}
	return object, diags
}
