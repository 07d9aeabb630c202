package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// validate looks at the validations of all variables. A mistake is reported where the value is written, for there it can
// be put right, and names the place of the validation.
func (l *loader) validate(d *document) {
	for _, name := range slices.Sorted(maps.Keys(d.variables)) {
		v := d.variables[name]
		for _, c := range v.validations {
			sound := l.checkValidation(v, c.holds.Expr)
			if !l.checkValidation(v, c.message.Expr) || !sound {
				continue
			}
			result, message, diags := c.judge(l.scope, l.scope.context)
			l.report(diags...)
			if result == failing {
				l.report(mistake(v.at, "Invalid value for variable", "%s\nThe validation of var.%s at %s says so.", message, name, place(c.holds.Expr.Range())))
			}
		}
	}
}

// checkValidation reports what a validation must not refer to: variables have their values before anything else has one.
func (l *loader) checkValidation(v *variable, expr hcl.Expression) bool {
	clean := true
	for _, t := range expr.Variables() {
		root := t.RootName()
		d := l.checkReference(t, noRepetition)
		if root != "var" && (root == "order" || slices.Contains(roots, root)) {
			d = mistake(t.SourceRange(), "Reference not allowed",
				"A validation may refer to variables alone, as in var.%s: they have their values before %s has one.", v.name, root)
		}
		if d != nil {
			l.report(d)
			clean = false
		}
	}
	return clean
}
