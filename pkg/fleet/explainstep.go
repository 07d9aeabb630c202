package fleet

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxListed bounds how many attributes or keys are looked at to say which were meant: each order may have such a mistake.
const maxListed = 100

// explainStep says of an attribute or index that leads nowhere what there is instead: of a CSV file's rows, its columns.
func explainStep(d *hcl.Diagnostic) string {
	if d.Subject == nil || d.Expression == nil || d.EvalContext == nil {
		return ""
	}
	for _, t := range d.Expression.Variables() {
		for i, step := range t {
			if i == 0 || !stepRange(step).Overlaps(*d.Subject) {
				continue
			}
			from, diags := t[:i].TraverseAbs(d.EvalContext)
			if _, itself := t[:i+1].TraverseAbs(d.EvalContext); diags.HasErrors() || !itself.HasErrors() {
				continue // it is another step that fails
			}
			if detail := missing(from, step, t[:i]); detail != "" {
				return detail
			}
		}
	}
	return explainIndex(d)
}

// explainIndex is explainStep for an index that is an expression, as in local.sizes[each.key]. Nothing but references is
// evaluated: all else was stopped by its bounds, perhaps.
func explainIndex(d *hcl.Diagnostic) string {
	index, ok := d.Expression.(*hclsyntax.IndexExpr)
	if !ok {
		return ""
	}
	collection, isReference := index.Collection.(*hclsyntax.ScopeTraversalExpr)
	key, alsoReference := index.Key.(*hclsyntax.ScopeTraversalExpr)
	if !isReference || !alsoReference {
		return ""
	}
	from, diags := collection.Value(d.EvalContext)
	at, more := key.Value(d.EvalContext)
	if diags.HasErrors() || more.HasErrors() {
		return ""
	}
	return missing(from, hcl.TraverseIndex{Key: at}, collection.Traversal)
}

func stepRange(step hcl.Traverser) hcl.Range {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.SrcRange
	case hcl.TraverseIndex:
		return step.SrcRange
	}
	return hcl.Range{}
}

// missing says why a value has no such attribute or element, or "" where that is not known. path leads to the value.
func missing(from cty.Value, step hcl.Traverser, path hcl.Traversal) string {
	from, _ = from.Unmark()
	name, named := askedName(step)
	t := from.Type()
	switch {
	case t.IsObjectType() && named: // whose attributes are known also where no value is
		return missingName(name, step, len(t.AttributeTypes()), maps.Keys(t.AttributeTypes()))
	case !from.IsKnown() || from.IsNull():
		return ""
	case t.IsMapType() && named && from.LengthInt() > maxListed:
		return missingName(name, step, from.LengthInt(), nil)
	case t.IsMapType() && named:
		return missingName(name, step, from.LengthInt(), maps.Keys(from.AsValueMap()))
	case (t.IsListType() || t.IsTupleType()) && named:
		return "This is a list: write [0] for its first element, [*] for all, or a for expression."
	case t.IsListType() || t.IsTupleType():
		return countedElements(from.LengthInt())
	case t.IsSetType():
		return "This is a set, whose elements have no places: write a for expression, or tolist(…)."
	case t == cty.String && named:
		if path.RootName() == "each" {
			return "The elements of this for_each are texts, which have no attributes: each.value is the text."
		}
		return "This is a text, which has no attributes."
	}
	return ""
}

// missingName is missing for a value that has n names, of which this is none.
func missingName(name string, step hcl.Traverser, n int, names iter.Seq[string]) string {
	is, what := "object", "attribute"
	if _, isIndex := step.(hcl.TraverseIndex); isIndex {
		is, what = "map", "key"
	}
	detail := fmt.Sprintf("This %s has no %s %q.", is, what, name)
	switch {
	case n == 0:
		return detail + " It has none."
	case n > maxListed:
		return fmt.Sprintf("%s It has %s others.", detail, thousands(n))
	}
	all := slices.Sorted(names)
	if n == 1 && strings.ContainsAny(all[0], ";\t") {
		return fmt.Sprintf("%s Its only one is %q: the columns of a CSV text are separated by commas.", detail, all[0])
	}
	return detail + didYouMeanOneOf(name, all, what+"s it has")
}

// askedName is the attribute or key that a step asks for, if it is a name.
func askedName(step hcl.Traverser) (string, bool) {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if key, _ := step.Key.Unmark(); key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
			return key.AsString(), true
		}
	}
	return "", false
}

func countedElements(n int) string {
	switch n {
	case 0:
		return "The list is empty."
	case 1:
		return "The list has 1 element, [0]."
	}
	return fmt.Sprintf("The list has %s elements, [0] to [%d].", thousands(n), n-1)
}
