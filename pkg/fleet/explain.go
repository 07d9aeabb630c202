package fleet

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
)

// explain adds to a complaint about a missing attribute which ones there are: of a CSV file's rows, its columns. Of an
// unknown function it says which was probably meant.
func explain(d *hcl.Diagnostic) *hcl.Diagnostic {
	if unknown, ok := d.Extra.(hclsyntax.FunctionCallUnknownDiagExtra); ok {
		explained := *d
		explained.Detail = fmt.Sprintf("There is no function named %q.%s", unknown.CalledFunctionName(), didYouMean(unknown.CalledFunctionName(), functionNames(d.EvalContext)))
		return &explained
	}
	if panicked(d) {
		explained := *d
		explained.Detail = "The function has no value for these arguments: one of them is not what it takes, or out of its range."
		return &explained
	}
	if d.Summary != "Unsupported attribute" || d.Subject == nil || d.Expression == nil || d.EvalContext == nil {
		return d
	}
	for _, t := range d.Expression.Variables() {
		if name, candidates := missingAttribute(t, *d.Subject, d.EvalContext); candidates != nil {
			explained := *d
			explained.Detail += didYouMeanOneOf(name, candidates, "attributes it has")
			return &explained
		}
	}
	return d
}

// panicked tells of go-cty's functions that end with a panic for some arguments, as pow(-1, 0.5) does: their errors are stack
// traces, which are nobody's business.
func panicked(d *hcl.Diagnostic) bool {
	call, ok := d.Extra.(hclsyntax.FunctionCallDiagExtra)
	return ok && errors.As(call.FunctionCallError(), new(function.PanicError))
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

// functionNames returns the names of the functions that a context offers.
func functionNames(ctx *hcl.EvalContext) []string {
	for ; ctx != nil; ctx = ctx.Parent() {
		if ctx.Functions != nil {
			return slices.Sorted(maps.Keys(ctx.Functions))
		}
	}
	return nil
}
