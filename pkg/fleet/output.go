package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// An Output is a value that the fleet gives to people and scripts.
type Output struct {
	Name        string
	Description string
	Sensitive   bool // Value is shown only where somebody asks for it by the output's name
	// Value carries no marks. What of it depends on orders that are not bought is unknown. Its size is bounded, and so
	// are its numbers: it can be printed.
	Value cty.Value
}

// An outputBlock is an output before it is evaluated.
type outputBlock struct {
	name, description string
	sensitive         bool
	value             *hcl.Attribute
}

var outputShape = shape{
	what:       "an output block",
	attributes: []string{"value", "description", "sensitive"},
	hints: map[string]string{
		"depends_on":   "An output has its value when the orders that it refers to are bought.",
		"precondition": `To be warned, write check "name" { assert { condition = … error_message = … } }.`,
		"type":         "An output's type is that of its value.",
	},
}

// decodeOutput returns nil after reporting that the output has no value.
func (l *loader) decodeOutput(b *hcl.Block) *outputBlock {
	content := l.content(b.Body, outputShape)
	o := &outputBlock{name: b.Labels[0], value: content.Attributes["value"]}
	if a := content.Attributes["description"]; a != nil {
		o.description = l.literalText(a)
	}
	if a := content.Attributes["sensitive"]; a != nil {
		o.sensitive = l.literalFlag(a, false)
	}
	if o.value == nil {
		l.report(mistake(b.DefRange, "Output without a value", "The output %q has no value: write value = …, such as order.NAME.buy_id.", o.name))
		return nil
	}
	return o
}

// literalText is a text that may refer to nothing, or "" after reporting what it is instead.
func (l *loader) literalText(a *hcl.Attribute) string {
	v, ok := l.literal(a)
	switch {
	case !ok:
		return ""
	case v.IsNull() || v.Type() != cty.String:
		l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be text.", a.Name))
		return ""
	}
	return v.AsString()
}

// evaluateOutput returns false after reporting why the output has no value that can be shown.
func (e *evaluator) evaluateOutput(b *outputBlock) (Output, bool) {
	at := b.value.Expr.Range()
	v, diags := valueOf(b.value.Expr, e.contextFor(b.value.Expr))
	e.l.report(e.explain(e.l.scope.explained(b.value.Expr, diags))...)
	if diags.HasErrors() {
		return Output{}, false
	}
	if v.ContainsMarked() && !b.sensitive {
		e.l.report(mistake(at, "Sensitive output",
			"The output %q comes from a sensitive value: write sensitive = true beside it, or nonsensitive(…) around what may be shown.", b.name))
		return Output{}, false
	}
	v, _ = v.UnmarkDeep()
	if err := checkSize(v); err != nil {
		e.l.report(mistake(at, "Unprintable output", "The output %q can't be shown: %v.", b.name, err))
		return Output{}, false
	}
	return Output{Name: b.name, Description: b.description, Sensitive: b.sensitive, Value: v}, true
}
