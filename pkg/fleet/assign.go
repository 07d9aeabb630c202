package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
)

// assignVariables gives every variable its value: the strongest that was given, or else its default. Then it looks at
// the validations, which may compare variables with each other.
func (l *loader) assignVariables(d *document, varsFiles []string) {
	given := l.givenValues(d, varsFiles)
	l.hideDefaults(d)
	for _, name := range slices.Sorted(maps.Keys(d.variables)) {
		v := d.variables[name]
		fallback := l.fallback(v) // whether it is needed or not: its mistakes are to come to light
		switch g, ok := given[name]; {
		case ok:
			v.value = l.assign(v, g, fallback)
		case v.fallback != nil:
			v.value, v.at = fallback, v.fallback.Expr.Range()
		case l.options.Unvalued:
			v.value = cty.UnknownVal(v.typ)
			l.unvalued = append(l.unvalued, name)
		default:
			l.report(mistake(v.header, "Missing value for variable",
				"The variable %q has no default and no value. Write --var %s=…, set %s%s, or put it in %s.", name, name, environPrefix, name, varsName))
		}
		if v.sensitive {
			v.value = v.value.Mark(sensitive)
		}
	}
	l.scope.setVariables(d.variables)
	l.validate(d)
}

// fallback returns the variable's default in its type; cty.DynamicVal without one.
func (l *loader) fallback(v *variable) cty.Value {
	if v.fallback == nil {
		return cty.DynamicVal
	}
	value, ok := l.literalOf(v, v.fallback)
	if !ok {
		return cty.DynamicVal
	}
	if value = l.conform(v, value, "its default", v.fallback.Expr.Range()); value.IsNull() && !v.nullable {
		l.report(mistake(v.fallback.Expr.Range(), "Null not allowed", "The variable %q is not nullable, so its default can't be null. Leave the default out to have a value demanded.", v.name))
		return cty.DynamicVal
	}
	return value
}

// hideDefaults hides the defaults of sensitive variables, those of a file at one time: each time copies its text.
func (l *loader) hideDefaults(d *document) {
	secrets := map[string][]hcl.Range{}
	for _, v := range d.variables {
		if v.sensitive && v.fallback != nil {
			at := v.fallback.Expr.Range()
			secrets[at.Filename] = append(secrets[at.Filename], at)
		}
	}
	for path, places := range secrets {
		l.hide(path, places...)
	}
}

// assign returns the variable's value as it was given. A text given for a variable of a type with parts is an expression;
// for any other it is the value itself, so that no quotes within quotes are needed on the command line. A null given for
// a variable that is not nullable asks for the default.
func (l *loader) assign(v *variable, g given, fallback cty.Value) cty.Value {
	value, ok := l.valueOf(v, g)
	if !ok {
		return cty.DynamicVal
	}
	value = l.conform(v, value, "its value from "+g.source, v.at)
	switch {
	case !value.IsNull() || v.nullable:
		return value
	case v.fallback != nil:
		v.at = v.fallback.Expr.Range()
		return fallback
	}
	l.report(mistake(v.at, "Null not allowed", "The variable %q is not nullable, and %s is null. Give it a value.", v.name, g.source))
	return cty.DynamicVal
}

// valueOf evaluates what was given.
func (l *loader) valueOf(v *variable, g given) (cty.Value, bool) {
	if g.expr != nil {
		v.at = g.expr.Range()
		return l.literalOf(v, &hcl.Attribute{Name: v.name, Expr: g.expr})
	}
	v.at = l.virtualSource(g, v.sensitive)
	if v.typ.IsPrimitiveType() || v.typ == cty.DynamicPseudoType {
		return cty.StringVal(g.text), true
	}
	expr, diags := parseExpression(g.text, g.origin)
	if l.report(v.concealed(v.at, diags)...); diags.HasErrors() {
		return cty.DynamicVal, false
	}
	return l.literalOf(v, &hcl.Attribute{Name: v.name, Expr: expr})
}

// literalOf is literal for a variable's value.
func (l *loader) literalOf(v *variable, a *hcl.Attribute) (cty.Value, bool) {
	value, diags := literalValue(a)
	l.report(v.concealed(a.Expr.Range(), diags)...)
	return value, !diags.HasErrors() && value.IsWhollyKnown()
}

// concealed are diagnostics about the text of a value, without their details if the variable is sensitive.
func (v *variable) concealed(at hcl.Range, diags hcl.Diagnostics) hcl.Diagnostics {
	if !v.sensitive {
		return diags
	}
	hidden := make(hcl.Diagnostics, len(diags))
	for i, d := range diags {
		hidden[i] = mistake(at, d.Summary, "The value of the variable %q can't be read. Why is not shown: the variable is sensitive.", v.name)
	}
	return collapse(hidden)
}

// conform returns value in the variable's type, or cty.DynamicVal after reporting why it has none. what names the value
// in the detail.
func (l *loader) conform(v *variable, value cty.Value, what string, at hcl.Range) cty.Value {
	if v.optional != nil && !value.IsNull() {
		value = v.optional.Apply(value)
	}
	converted, err := convertEach(value, v.typ)
	if err == nil {
		err = boundedValue(converted)
	}
	switch want := typeexpr.TypeString(v.typ); {
	case err == nil:
		return converted
	case v.sensitive:
		l.report(mistake(at, "Wrong type", "The variable %q must be %s, and %s is not.", v.name, want, what))
	default:
		l.report(mistake(at, "Wrong type", "The variable %q must be %s, and %s is not: %s.", v.name, want, what, atPath("var."+v.name, err)))
	}
	return cty.DynamicVal
}

// virtualSource makes a given text a file of its own, so that a diagnostic can show it. Of a secret it shows nothing.
func (l *loader) virtualSource(g given, secret bool) hcl.Range {
	src := []byte(g.text)
	end := hcl.Pos{Line: 1, Column: len(src) + 1, Byte: len(src)}
	if i := strings.IndexByte(g.text, '\n'); i >= 0 {
		end = hcl.Pos{Line: 1, Column: i + 1, Byte: i}
	}
	if secret {
		src, end = nil, hcl.InitialPos
	}
	l.keep(g.origin, &hcl.File{Bytes: src})
	return hcl.Range{Filename: g.origin, Start: hcl.InitialPos, End: end}
}
