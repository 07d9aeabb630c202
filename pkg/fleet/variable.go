package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A variable is a value that comes from outside of the fleet's files.
type variable struct {
	name     string
	header   hcl.Range
	typ      cty.Type           // cty.DynamicPseudoType: anything
	optional *typeexpr.Defaults // what optional() attributes default to
	fallback cty.Value          // the default; cty.NilVal: a value must be given
	nullable bool
	value    cty.Value // cty.DynamicVal when it has a mistake, which silences what follows from it
}

var variableShape = shape{
	what:       "a variable block",
	attributes: []string{"type", "default", "description", "nullable"},
	later:      []string{"sensitive", "validation"},
}

func (l *loader) declareVariable(d *document, b *hcl.Block) {
	name := b.Labels[0]
	if !hclsyntax.ValidIdentifier(name) {
		l.report(mistake(b.LabelRanges[0], "Invalid name",
			"A variable can't be named %q: use a letter or _ first, then letters, digits, _ and -.", name))
		return
	}
	if first, ok := d.variables[name]; ok {
		l.report(duplicate(b.DefRange, "Duplicate variable", quoted("a variable", name), first.header, "Rename one"))
		return
	}
	d.variables[name] = l.decodeVariable(name, b)
}

func (l *loader) decodeVariable(name string, b *hcl.Block) *variable {
	v := &variable{name: name, header: b.DefRange, typ: cty.DynamicPseudoType, nullable: true, value: cty.DynamicVal}
	content := l.content(b.Body, variableShape)
	if a := content.Attributes["type"]; a != nil {
		typ, optional, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		l.report(diags...)
		if !diags.HasErrors() {
			v.typ, v.optional = typ, optional
		}
	}
	if a := content.Attributes["nullable"]; a != nil {
		v.nullable = l.literalFlag(a, true)
	}
	if a := content.Attributes["description"]; a != nil {
		if text, ok := l.literal(a); ok && text.Type() != cty.String {
			l.report(mistake(a.Expr.Range(), "Wrong type", "description must be text."))
		}
	}
	if a := content.Attributes["default"]; a != nil {
		v.fallback = cty.DynamicVal
		if value, ok := l.literal(a); ok {
			v.fallback = l.conform(v, value, a.Expr.Range())
		}
	}
	return v
}

// literal evaluates an attribute that may refer to nothing: it is read before there is anything to refer to.
func (l *loader) literal(a *hcl.Attribute) (cty.Value, bool) {
	if traversals := a.Expr.Variables(); len(traversals) > 0 {
		l.report(mistake(traversals[0].SourceRange(), "Reference not allowed", "%s must be a literal value: it can't refer to anything.", a.Name))
		return cty.DynamicVal, false
	}
	v, diags := a.Expr.Value(&hcl.EvalContext{})
	l.report(collapse(diags)...)
	return v, !diags.HasErrors() && v.IsWhollyKnown()
}

func (l *loader) literalFlag(a *hcl.Attribute, otherwise bool) bool {
	v, ok := l.literal(a)
	if !ok {
		return otherwise
	}
	if v.IsNull() || v.Type() != cty.Bool {
		l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be true or false.", a.Name))
		return otherwise
	}
	return v.True()
}

// conform returns value in the variable's type, or cty.DynamicVal after reporting why it has none.
func (l *loader) conform(v *variable, value cty.Value, at hcl.Range) cty.Value {
	if v.optional != nil && !value.IsNull() {
		value = v.optional.Apply(value)
	}
	converted, err := convertEach(value, v.typ)
	if err != nil {
		l.report(mistake(at, "Wrong type", "The variable %q must be %s: %v.", v.name, typeexpr.TypeString(v.typ), err))
		return cty.DynamicVal
	}
	if converted.IsNull() && !v.nullable {
		l.report(mistake(at, "Null not allowed", "The variable %q is not nullable. Give it a value, or leave it out.", v.name))
		return cty.DynamicVal
	}
	return converted
}

// assignVariables gives every variable its value: the strongest that was given, or else its default.
func (l *loader) assignVariables(d *document, varsFiles []string) {
	given := l.givenValues(d, varsFiles)
	for _, name := range slices.Sorted(maps.Keys(d.variables)) {
		v := d.variables[name]
		switch g, ok := given[name]; {
		case ok:
			v.value = l.conformGiven(v, g)
		case v.fallback != cty.NilVal:
			v.value = v.fallback
		case l.options.Unvalued:
			v.value = cty.UnknownVal(v.typ)
			l.unvalued = append(l.unvalued, name)
		default:
			l.report(mistake(v.header, "Missing value for variable",
				"The variable %q has no default and no value. Write --var %s=…, set %s%s, or put it in %s.", name, name, environPrefix, name, varsName))
		}
	}
	l.scope.setVariables(d.variables)
}

// conformGiven reads a given value. A text given for a variable of a type with parts is an expression; for any
// other it is the value itself, so that no quotes within quotes are needed on the command line.
func (l *loader) conformGiven(v *variable, g given) cty.Value {
	expr := g.expr
	if expr == nil {
		if v.typ.IsPrimitiveType() || v.typ == cty.DynamicPseudoType {
			return l.conform(v, cty.StringVal(g.text), l.virtualSource(g))
		}
		if expr = l.parseExpression(g.text, g.origin); expr == nil {
			return cty.DynamicVal
		}
	}
	value, ok := l.literal(&hcl.Attribute{Name: v.name, Expr: expr})
	if !ok {
		return cty.DynamicVal
	}
	return l.conform(v, value, expr.Range())
}

// virtualSource makes a given text a file of its own, so that a diagnostic can show it.
func (l *loader) virtualSource(g given) hcl.Range {
	src := []byte(g.text)
	l.keep(g.origin, &hcl.File{Bytes: src})
	end := hcl.Pos{Line: 1, Column: len(src) + 1, Byte: len(src)}
	if i := strings.IndexByte(g.text, '\n'); i >= 0 {
		end = hcl.Pos{Line: 1, Column: i + 1, Byte: i}
	}
	return hcl.Range{Filename: g.origin, Start: hcl.InitialPos, End: end}
}
