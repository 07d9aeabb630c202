package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// MaxExpression bounds an expression that is typed into a console, in bytes.
const MaxExpression = 64 << 10

// A Console evaluates expressions over a fleet and what its state knows. It is used by one goroutine, and closed.
type Console struct {
	evaluator *evaluator
	origin    string // of the last expression
}

// Console returns a console over a fleet that was loaded for one, with records sorted by address.
func (f Fleet) Console(records []order.Record) (*Console, hcl.Diagnostics) {
	e, d := f.late.open(records)
	if d != nil {
		return nil, hcl.Diagnostics{d}
	}
	return &Console{evaluator: e}, nil
}

// Close lets go of the fleet's directory.
func (c *Console) Close() { c.evaluator.close() }

// Evaluate evaluates an expression, whose diagnostics name origin as their file until the next is evaluated. Marks in the
// value stand for what is sensitive; its size is bounded, so that it can be printed.
func (c *Console) Evaluate(text, origin string) (cty.Value, hcl.Diagnostics) {
	e := c.evaluator
	e.l.diags = nil
	delete(e.l.files, c.origin)
	c.origin = origin
	if len(text) > MaxExpression {
		e.l.report(failure("Expression too long", "An expression may have %s bytes in the console. Write it into locals.", thousands(MaxExpression)))
		return cty.NilVal, e.l.diags
	}
	e.l.keep(origin, &hcl.File{Bytes: []byte(text)})
	if at := notText([]byte(text), origin); at != nil {
		e.l.report(mistake(*at, "Not a text", "An expression is UTF-8 text."))
		return cty.NilVal, e.l.diags
	}
	expr, diags := parseExpression(text, origin)
	e.l.report(diags...)
	if diags.HasErrors() || !e.check(e.l, expr) {
		return cty.NilVal, e.l.sorted()
	}
	v, diags := valueOf(expr, e.contextFor(expr))
	e.l.report(e.explain(e.l.scope.explained(expr, diags))...)
	if !diags.HasErrors() {
		if err := checkSize(v); err != nil {
			e.l.report(mistake(expr.Range(), "Unprintable result", "The result can't be shown: %v.", err))
		}
	}
	return v, e.l.sorted()
}

// Unfinished tells whether a bracket, a sequence of a template or a heredoc of an expression is still open, so that it may
// go on with the next line. A text in quotes ends with its line.
func Unfinished(text string) bool {
	if len(text) > MaxExpression {
		return false
	}
	tokens, _ := hclsyntax.LexExpression([]byte(text+"\n"), "", hcl.InitialPos)
	var open []hclsyntax.TokenType // their closers
	for _, t := range tokens {
		closer, opens := closers[t.Type]
		switch {
		case len(open) > 0 && t.Type == open[len(open)-1]:
			open = open[:len(open)-1]
		case opens:
			open = append(open, closer)
		case t.Type == hclsyntax.TokenQuotedNewline:
			return false
		}
	}
	return len(open) > 0 && open[len(open)-1] != hclsyntax.TokenCQuote
}
