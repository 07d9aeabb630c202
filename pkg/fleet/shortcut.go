package fleet

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A shortcut evaluates each.key, each.value.NAME, or a template of such parts, without an evaluation context: most
// attributes of large fleets have one of these forms, and the context costs more than all else that is done for an
// order. It returns false where it can't tell, and never a value that the expression would not have.
type shortcut func(key string, value cty.Value) (cty.Value, bool)

// shortcutOf returns the expression's shortcut, or nil if it has another form.
func shortcutOf(expr hcl.Expression) shortcut {
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return traversalShortcut(e.Traversal)
	case *hclsyntax.TemplateExpr:
		return templateShortcut(e.Parts)
	}
	return nil
}

func traversalShortcut(t hcl.Traversal) shortcut {
	if t.RootName() != "each" {
		return nil
	}
	switch name := referredName(t); {
	case name == "key" && len(t) == 2:
		return func(key string, _ cty.Value) (cty.Value, bool) { return cty.StringVal(key), true }
	case name == "value" && len(t) == 2:
		return func(_ string, value cty.Value) (cty.Value, bool) { return value, true }
	case name == "value" && len(t) == 3:
		attr, ok := t[2].(hcl.TraverseAttr)
		if !ok {
			return nil
		}
		return func(_ string, value cty.Value) (cty.Value, bool) {
			if !value.IsKnown() || value.IsNull() || !value.Type().IsObjectType() || !value.Type().HasAttribute(attr.Name) {
				return cty.NilVal, false
			}
			return value.GetAttr(attr.Name), true
		}
	}
	return nil
}

func templateShortcut(parts []hclsyntax.Expression) shortcut {
	if len(parts) == 0 {
		return nil
	}
	compiled := make([]shortcut, len(parts))
	for i, part := range parts {
		switch p := part.(type) {
		case *hclsyntax.LiteralValueExpr:
			compiled[i] = func(string, cty.Value) (cty.Value, bool) { return p.Val, true }
		case *hclsyntax.ScopeTraversalExpr:
			compiled[i] = traversalShortcut(p.Traversal)
		}
		if compiled[i] == nil {
			return nil
		}
	}
	return func(key string, value cty.Value) (cty.Value, bool) {
		var text strings.Builder
		for _, part := range compiled {
			v, ok := part(key, value)
			if !ok || v.IsMarked() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
				return cty.NilVal, false
			}
			text.WriteString(v.AsString())
		}
		return cty.StringVal(text.String()), true
	}
}
