package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A lifecycle block says what a plan makes of differences between an order and what was bought for it.
var lifecycleShape = shape{
	what:       "a lifecycle block",
	attributes: []string{"ignore_changes", "prevent_change"},
	hints: map[string]string{
		"prevent_destroy":       "Nothing is ever deleted; prevent_change = true refuses plans that change what was bought.",
		"create_before_destroy": "Nothing is ever deleted.",
		"replace_triggered_by":  "Nothing is ever replaced: what was bought stays.",
		"precondition":          "Write it beside the lifecycle block, in the order block.",
		"postcondition":         "A check block says what must hold of what was bought.",
	},
}

// lifecycles returns the lifecycle of each order block that has one.
func (l *loader) lifecycles(d *document) map[string]order.Lifecycle {
	found := map[string]order.Lifecycle{}
	for _, name := range slices.Sorted(maps.Keys(d.orders)) {
		block := d.orders[name].lifecycle
		if block == nil {
			continue
		}
		attrs := l.content(block.Body, lifecycleShape).Attributes
		found[name] = order.Lifecycle{
			Ignore:        l.ignoredFields(attrs["ignore_changes"]),
			PreventChange: l.preventsChange(attrs["prevent_change"]),
		}
	}
	return found
}

// preventsChange reads a flag that holds for all of a block's orders, those too that are no longer among its elements.
func (l *loader) preventsChange(a *hcl.Attribute) bool {
	if a != nil && dependsOnElement(a.Expr) {
		l.report(mistake(a.Expr.Range(), "Invalid prevent_change", "prevent_change holds for a whole block, so it can't depend on an element. Make two blocks of this one."))
		return false
	}
	v, ok := l.scalar(a, cty.Bool, "true or false")
	return ok && v.True()
}

// ignoredFields reads names of fields, which are no references: they have no value to be evaluated.
func (l *loader) ignoredFields(a *hcl.Attribute) order.FieldSet {
	if a == nil {
		return 0
	}
	if hcl.ExprAsKeyword(a.Expr) == everyField {
		return order.AllFields
	}
	listed, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		l.report(mistake(a.Expr.Range(), "Invalid ignore_changes",
			"ignore_changes is a list of attributes, as in [desc, charge.duration], or the word all."))
		return 0
	}
	var ignored order.FieldSet
	for _, expr := range listed {
		ignored |= l.ignoredField(expr)
	}
	return ignored
}

// everyField is what ignore_changes says for all attributes.
const everyField = "all"

// ignoredField reads a name: that of a field, or that of a block for all fields in it.
func (l *loader) ignoredField(expr hcl.Expression) order.FieldSet {
	name, ok := dottedName(expr)
	if !ok {
		l.report(mistake(expr.Range(), "Invalid ignore_changes", "Attributes are named without quotes, as in desc or charge.duration."))
		return 0
	}
	if fields, ok := fieldsNamed(name); ok {
		return fields
	}
	detail := didYouMeanOneOf(name, fieldNames(), "attributes")
	if name == everyField {
		detail = " For all of them, write ignore_changes = all, without brackets."
	}
	l.report(mistake(expr.Range(), "Invalid ignore_changes", "An order has no attribute %q.%s", name, detail))
	return 0
}

// dottedName is a name such as charge.duration, or false if the expression is something else.
func dottedName(expr hcl.Expression) (string, bool) {
	if _, quoted := expr.(*hclsyntax.TemplateExpr); quoted {
		return "", false
	}
	t, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		return "", false
	}
	parts := []string{t.RootName()}
	for _, step := range t[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			return "", false
		}
		parts = append(parts, attr.Name)
	}
	return strings.Join(parts, "."), true
}

// fieldsNamed returns the field of that name, or those in the block of that name. A voucher is one field, in
// whichever of its forms it is written.
func fieldsNamed(name string) (order.FieldSet, bool) {
	var found order.FieldSet
	for _, f := range fields {
		path := string(f.path)
		if path != name && !strings.HasPrefix(path, name+".") {
			continue
		}
		if f.block == inActivity {
			found |= order.FieldSetOf(order.FieldBuyScenario)
		} else {
			found |= order.FieldSetOf(f.path)
		}
	}
	return found, found != 0
}

func fieldNames() []string {
	names := make([]string, 0, fieldCount)
	for _, f := range fields {
		names = append(names, string(f.path))
	}
	return names
}
