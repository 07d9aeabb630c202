package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// HCL's evaluator knows no bounds. So the parts of an expression that can make much of little are put into nodes that
// report to a meter: interpolations, loops, calls and arithmetic.

// A boundedExpression has its meters.
type boundedExpression struct{ node }

// withBounds puts meters into an expression's tree, whose other nodes it changes in place.
func withBounds(expr hcl.Expression) (hcl.Expression, hcl.Diagnostics) {
	if literal, ok := literalOf(expr); ok && !isHuge(literal) {
		return expr, nil
	}
	switch e := expr.(type) {
	case boundedExpression:
		return e, nil
	case hclsyntax.Expression:
		return boundedExpression{nodeOf(metered(e))}, nil
	}
	native, diags := fromJSON(expr)
	if diags.HasErrors() {
		return expr, diags
	}
	return boundedExpression{nodeOf(metered(native))}, nil
}

// A node stands for the one within it. That is its child: HCL's search for what an expression refers to passes over an
// outer node of a type that it does not know.
type node struct{ *hclsyntax.ParenthesesExpr }

func nodeOf(within hclsyntax.Expression) node {
	return node{&hclsyntax.ParenthesesExpr{Expression: within, SrcRange: within.Range()}}
}

// metered does nothing to what has its meters.
func metered(expr hclsyntax.Expression) hclsyntax.Expression {
	switch e := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		if isHuge(e.Val) {
			return &producing{nodeOf(e)}
		}
	case *hclsyntax.TemplateExpr:
		for i, part := range e.Parts {
			e.Parts[i] = producingOf(part)
		}
	case *hclsyntax.TemplateWrapExpr:
		e.Wrapped = metered(e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		if loop, ok := e.Tuple.(*hclsyntax.ForExpr); ok {
			if _, done := loop.ValExpr.(*turn); !done {
				loop.ValExpr = producingOf(loop.ValExpr)
			}
		}
		e.Tuple = metered(e.Tuple)
	case *hclsyntax.ForExpr:
		meterLoop(e)
	case *hclsyntax.SplatExpr:
		e.Source, e.Each = metered(e.Source), turnOf(e.Each)
	case *hclsyntax.FunctionCallExpr:
		for i, argument := range e.Args {
			e.Args[i] = measuredOf(argument)
		}
		return &producing{nodeOf(e)}
	case *hclsyntax.BinaryOpExpr:
		if e.Op == hclsyntax.OpEqual || e.Op == hclsyntax.OpNotEqual {
			e.LHS, e.RHS = measuredOf(e.LHS), measuredOf(e.RHS)
		} else {
			e.LHS, e.RHS = metered(e.LHS), metered(e.RHS)
		}
		return &producing{nodeOf(e)}
	default:
		meterChildren(expr)
	}
	return expr
}

// meterChildren is metered for nodes that make nothing themselves.
func meterChildren(expr hclsyntax.Expression) {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		e.Expression = metered(e.Expression)
	case *hclsyntax.UnaryOpExpr:
		e.Val = metered(e.Val)
	case *hclsyntax.ConditionalExpr:
		e.Condition, e.TrueResult, e.FalseResult = metered(e.Condition), measuredOf(e.TrueResult), measuredOf(e.FalseResult)
	case *hclsyntax.IndexExpr:
		e.Collection, e.Key = metered(e.Collection), metered(e.Key)
	case *hclsyntax.RelativeTraversalExpr:
		e.Source = metered(e.Source)
	case *hclsyntax.TupleConsExpr:
		meterAll(e.Exprs)
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			e.Items[i].KeyExpr, e.Items[i].ValueExpr = metered(e.Items[i].KeyExpr), metered(e.Items[i].ValueExpr)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		e.Wrapped = metered(e.Wrapped)
	}
}

func meterAll(exprs []hclsyntax.Expression) {
	for i, e := range exprs {
		exprs[i] = metered(e)
	}
}

// meterLoop counts each turn once, by the condition where there is one: the value may never be asked for.
func meterLoop(e *hclsyntax.ForExpr) {
	e.CollExpr = metered(e.CollExpr)
	if e.KeyExpr != nil {
		e.KeyExpr = metered(e.KeyExpr)
	}
	if e.CondExpr == nil {
		e.ValExpr = turnOf(e.ValExpr)
		return
	}
	e.ValExpr, e.CondExpr = metered(e.ValExpr), turnOf(e.CondExpr)
}

func turnOf(expr hclsyntax.Expression) hclsyntax.Expression {
	if _, done := expr.(*turn); done {
		return expr
	}
	return &turn{nodeOf(metered(expr))}
}

// A turn is what a loop evaluates once for each element.
type turn struct{ node }

func (e *turn) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	meterOf(ctx).step(1, e.Range())
	return e.node.Value(ctx)
}

// A producing expression may make more than it is given: a part of a template, a call, an operation on numbers.
type producing struct{ node }

func producingOf(expr hclsyntax.Expression) hclsyntax.Expression {
	if _, done := expr.(*producing); done {
		return expr
	}
	return &producing{nodeOf(metered(expr))}
}

func (e *producing) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.node.Value(ctx)
	meterValue(v, ctx, e.Range())
	return v, diags
}

// A measured expression's value is looked at in all its parts: go-cty searches what functions are given for marks, and
// what is compared or chosen from for differences.
type measured struct{ node }

func measuredOf(expr hclsyntax.Expression) hclsyntax.Expression {
	if _, done := expr.(*measured); done {
		return expr
	}
	if _, literal := literalOf(expr); literal {
		return metered(expr)
	}
	return &measured{nodeOf(metered(expr))}
}

func (e *measured) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.node.Value(ctx)
	if v != cty.NilVal && !v.Type().IsPrimitiveType() {
		meterOf(ctx).whole(v, e.Range())
	}
	return v, diags
}

// meterValue counts a value that was made. Of a collection only its own elements count: what they hold was made before.
func meterValue(v cty.Value, ctx *hcl.EvalContext, at hcl.Range) {
	if v == cty.NilVal {
		return
	}
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.String:
		meterOf(ctx).text(len(v.AsString()), at)
	case v.Type() == cty.Number:
		meterOf(ctx).number(v, at)
	case v.CanIterateElements():
		meterOf(ctx).step(v.LengthInt(), at)
	}
}
