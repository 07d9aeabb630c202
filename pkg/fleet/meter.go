package fleet

import (
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Bounds of what evaluating one expression may take. A few lines of a fleet, which may be planned before anybody has read
// them, can ask for more memory and time than there is: every interpolation may double a text, and every loop stand in
// another one. What grows with the data that is read is bounded by it, so that large fleets need no larger bounds.
const (
	MaxText  = 64 << 20  // bytes of one text
	MaxSteps = 1_000_000 // turns of loops, elements of what functions return, or values of a local; and as many again …
	PerByte  = 8         // … for each byte of the fleet's files and of those that its expressions read

	maxMade = 8 * MaxText // bytes of all texts that are made on the way
)

// An input counts the bytes that a fleet is made from.
type input struct{ bytes atomic.Int64 }

func (i *input) read(bytes int) { i.bytes.Add(int64(bytes)) }

// steps is how much may be made from what was read so far.
func (i *input) steps() int { return MaxSteps + PerByte*int(i.bytes.Load()) }

// A meter counts what evaluating an expression takes. What exceeds a bound ends the evaluation with a panic, which
// [valueOf] turns into a diagnostic: an error would let HCL's loops go on, and gather one for each of their turns.
type meter struct {
	input *input
	limit int // of steps, as far as was asked
	steps int
	made  int // bytes
	over  *excess
}

// An excess is a bound that an expression went beyond.
type excess struct {
	at     hcl.Range
	detail string
}

// step counts turns of a loop, or elements.
func (m *meter) step(n int, at hcl.Range) {
	if m.steps += n; m.steps <= m.limit {
		return
	}
	if m.limit = m.input.steps(); m.steps > m.limit {
		m.end(at, "It takes more than %s turns of loops, or elements that functions return. Loop over less, or fewer times within each other.", thousands(m.limit))
	}
}

// text counts a text that was made.
func (m *meter) text(bytes int, at hcl.Range) {
	if m.made += bytes; bytes > MaxText {
		m.end(at, "It makes a text of more than %d MiB. Put less together.", MaxText>>20)
	}
	if m.made > maxMade {
		m.end(at, "Its texts come to more than %d MiB. Make fewer, or shorter ones.", maxMade>>20)
	}
}

// whole refuses a value that is too much to be walked through. Parts that are the same share their memory, so that
// billions of them cost nothing to make: it is whatever looks at the value that never ends.
func (m *meter) whole(v cty.Value, at hcl.Range) {
	if err := checkSizeWithin(v, max(MaxShownValues, m.input.steps()), maxValueText); err != nil {
		m.end(at, "Its value is too large: %v. Parts that are the same count as often as they stand in it.", err)
	}
}

// number refuses a number that can't be written out.
func (m *meter) number(v cty.Value, at hcl.Range) {
	if v.AsBigFloat().IsInf() {
		m.end(at, "It divides by 0, or is infinite for another reason.")
	}
	if isHuge(v) {
		m.end(at, "It makes a number of more than %d bits, or as near to 0.", MaxBits)
	}
}

func (m *meter) end(at hcl.Range, format string, args ...any) {
	m.over = &excess{at: at, detail: fmt.Sprintf(format, args...)}
	panic(m.over)
}

// What a context calls its meter, and its fleet's input. No expression can name them.
const (
	meterName = "\x00meter"
	inputName = "\x00input"
)

var (
	meterType = cty.Capsule("meter", reflect.TypeFor[meter]())
	inputType = cty.Capsule("input", reflect.TypeFor[input]())
)

// meterOf returns the meter of the evaluation that a context belongs to.
func meterOf(ctx *hcl.EvalContext) *meter {
	if v, ok := hidden(ctx, meterName); ok {
		return v.EncapsulatedValue().(*meter)
	}
	return &meter{input: new(input)} // of HCL's own look at an expression's type, without a context
}

// inputOf returns the input of the fleet that a context belongs to. Where there is none to speak of, as for a literal, it
// is empty.
func inputOf(ctx *hcl.EvalContext) *input {
	if v, ok := hidden(ctx, inputName); ok {
		return v.EncapsulatedValue().(*input)
	}
	return new(input)
}

func hidden(ctx *hcl.EvalContext, name string) (cty.Value, bool) {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[name]; ok {
			return v, true
		}
	}
	return cty.NilVal, false
}

// prepareExpression lets cores share an attribute's expression. There may be no attribute.
func (l *loader) prepareExpression(a *hcl.Attribute) {
	if a == nil {
		return
	}
	expr, diags := withBounds(a.Expr)
	l.report(collapse(diags)...)
	a.Expr = expr
}

// valueOf returns an expression's value within bounds. Every expression of a fleet must be evaluated by it. Several cores
// may share an expression only after [withBounds] prepared it.
func valueOf(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return evaluateWithin(expr, ctx, func(m *meter, v cty.Value) {
		if !v.Type().IsPrimitiveType() && !isReference(expr) {
			m.whole(v, expr.Range())
		}
	})
}

// unmeasuredValueOf is valueOf for a value whose size the caller bounds before anything walks through it.
func unmeasuredValueOf(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return evaluateWithin(expr, ctx, func(*meter, cty.Value) {})
}

// isReference tells whether an expression is nothing but a reference to what was bounded before.
func isReference(expr hcl.Expression) bool {
	if prepared, ok := expr.(boundedExpression); ok {
		expr = prepared.Expression
	}
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	return ok && slices.Contains(roots, t.Traversal.RootName())
}

// evaluateWithin evaluates an expression. What bound says of its value counts as if the expression itself went beyond it.
func evaluateWithin(expr hcl.Expression, ctx *hcl.EvalContext, bound func(*meter, cty.Value)) (v cty.Value, diags hcl.Diagnostics) {
	if literal, ok := literalOf(expr); ok && !isHuge(literal) {
		return literal, nil
	}
	m := &meter{input: inputOf(ctx)}
	own := ctx.NewChild()
	own.Variables = map[string]cty.Value{meterName: cty.CapsuleVal(meterType, m)}
	defer func() {
		if reason := recover(); reason != nil && reason != any(m.over) {
			panic(reason)
		}
		if m.over != nil { // try and can make nothing of it
			v, diags = cty.DynamicVal, hcl.Diagnostics{mistake(m.over.at, "Expression out of bounds", "%s", m.over.detail)}
		}
	}()
	expr, diags = withBounds(expr)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if v, diags = expr.Value(own); !diags.HasErrors() {
		bound(m, v)
	}
	return v, diags
}
