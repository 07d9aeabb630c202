package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// explain adds to complaints about a missing attribute which ones there are: of a CSV file's rows, its columns.
func explain(diags hcl.Diagnostics, expr hcl.Expression, ctx *hcl.EvalContext) hcl.Diagnostics {
	diags = collapse(diags)
	for _, d := range diags {
		if d.Summary != "Unsupported attribute" || d.Subject == nil {
			continue
		}
		for _, t := range expr.Variables() {
			if name, candidates := missingAttribute(t, *d.Subject, ctx); candidates != nil {
				d.Detail += didYouMeanOneOf(name, candidates, "attributes it has")
				break
			}
		}
	}
	return diags
}

// missingAttribute returns the attribute that a traversal asks for at a place, and those that the object there has.
func missingAttribute(t hcl.Traversal, at hcl.Range, ctx *hcl.EvalContext) (string, []string) {
	for i, step := range t {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok || !attr.SrcRange.Overlaps(at) {
			continue
		}
		object, diags := t[:i].TraverseAbs(ctx)
		if diags.HasErrors() || !object.Type().IsObjectType() || object.Type().HasAttribute(attr.Name) {
			continue
		}
		return attr.Name, slices.Sorted(maps.Keys(object.Type().AttributeTypes()))
	}
	return "", nil
}
