package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A variable is a value that comes from outside of the fleet's files.
type variable struct {
	name        string
	header      hcl.Range
	typ         cty.Type           // cty.DynamicPseudoType: anything
	optional    *typeexpr.Defaults // what optional() attributes default to
	fallback    *hcl.Attribute     // the default; nil: a value must be given
	nullable    bool
	sensitive   bool // its value carries the mark
	validations []condition

	value cty.Value // cty.DynamicVal when it has a mistake, which silences what follows from it
	at    hcl.Range // where the value is written
}

var variableShape = shape{
	what:       "a variable block",
	attributes: []string{"type", "default", "description", "nullable", "sensitive"},
	blocks:     map[string][]string{"validation": nil},
	hints: map[string]string{
		"ephemeral":    "Nothing of a value is kept, but what orders are made of. To have it shown nowhere, write sensitive = true.",
		"condition":    "Write it in a validation block: validation { condition = … error_message = … }.",
		"precondition": "Write validation { condition = … error_message = … }.",
	},
}

var validationShape = conditionShape("a validation block")

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
		v.typ, v.optional = l.typeConstraint(a.Expr)
	}
	if a := content.Attributes["nullable"]; a != nil {
		v.nullable = l.literalFlag(a, true)
	}
	if a := content.Attributes["sensitive"]; a != nil {
		v.sensitive = l.literalFlag(a, false)
	}
	if a := content.Attributes["description"]; a != nil {
		if text, ok := l.literal(a); ok && text.Type() != cty.String {
			l.report(mistake(a.Expr.Range(), "Wrong type", "description must be text."))
		}
	}
	v.fallback = content.Attributes["default"]
	for _, inner := range content.Blocks {
		if c, ok := l.decodeCondition(inner, validationShape); ok {
			v.validations = append(v.validations, c)
		}
	}
	return v
}

// plainVariables names those that are not sensitive, sorted.
func plainVariables(d *document) []string {
	var plain []string
	for name, v := range d.variables {
		if !v.sensitive {
			plain = append(plain, name)
		}
	}
	slices.Sort(plain)
	return plain
}

// typeNames are the words that a type is made of.
var typeNames = []string{"string", "number", "bool", "any", "list", "set", "map", "object", "tuple", "optional"}

// typeSlips are the words that other languages have for the same.
var typeSlips = map[string]string{
	"text": "string", "str": "string", "int": "number", "integer": "number", "float": "number", "boolean": "bool",
	"array": "list", "dict": "map",
}

// typeConstraint reads a type, which is anything after a mistake is reported.
func (l *loader) typeConstraint(expr hcl.Expression) (cty.Type, *typeexpr.Defaults) {
	typ, optional, diags := typeexpr.TypeConstraintWithDefaults(expr)
	for _, d := range diags {
		d.Detail += l.typeAdvice(d.Subject)
	}
	l.report(diags...)
	if diags.HasErrors() {
		return cty.DynamicPseudoType, nil
	}
	return typ, optional
}

// typeAdvice is a sentence about what stands in the place of a type, or "".
func (l *loader) typeAdvice(at *hcl.Range) string {
	if at == nil || l.files[at.Filename] == nil || !at.CanSliceBytes(l.files[at.Filename].Bytes) {
		return ""
	}
	text := string(at.SliceBytes(l.files[at.Filename].Bytes))
	if word := strings.Trim(text, `"`); word != text && slices.Contains(typeNames, word) {
		return fmt.Sprintf(" Types are written without quotes: type = %s.", word)
	}
	word, _, _ := strings.Cut(text, "(")
	if !hclsyntax.ValidIdentifier(word) || slices.Contains(typeNames, word) {
		return ""
	}
	return didYouMeanOneOf(cmp.Or(typeSlips[word], word), typeNames, "types")
}

// literal evaluates an attribute that may refer to nothing: it is read before there is anything to refer to.
func (l *loader) literal(a *hcl.Attribute) (cty.Value, bool) {
	v, diags := literalValue(a)
	l.report(diags...)
	return v, !diags.HasErrors() && v.IsWhollyKnown()
}

func literalValue(a *hcl.Attribute) (cty.Value, hcl.Diagnostics) {
	if traversals := a.Expr.Variables(); len(traversals) > 0 {
		return cty.DynamicVal, hcl.Diagnostics{mistake(traversals[0].SourceRange(), "Reference not allowed", "%s must be a literal value: it can't refer to anything.", a.Name)}
	}
	v, diags := valueOf(a.Expr, &hcl.EvalContext{})
	return v, collapse(diags)
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
