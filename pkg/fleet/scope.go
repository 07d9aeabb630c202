package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A scope is what expressions may refer to.
type scope struct {
	variables map[string]*variable
	locals    map[string]*local
	context   *hcl.EvalContext // functions, var and local; elements get a child of it with each or count
	files     map[string]*hcl.File

	secretiveElements bool // each.value may hold what is sensitive
	secretiveOrders   bool // and so may order.NAME
	secretiveIterator bool // and so may what a dynamic block's content refers to
}

func (l *loader) newScope(d *document) scope {
	return scope{
		variables: d.variables,
		locals:    d.locals,
		context:   &hcl.EvalContext{Functions: l.functions(), Variables: map[string]cty.Value{inputName: cty.CapsuleVal(inputType, &l.input)}},
		files:     l.files,
	}
}

func (s scope) setVariables(variables map[string]*variable) {
	values := make(map[string]cty.Value, len(variables))
	for name, v := range variables {
		values[name] = v.value
	}
	s.context.Variables["var"] = cty.ObjectVal(values)
}

func (s scope) setLocals(locals map[string]*local) {
	values := make(map[string]cty.Value, len(locals))
	for name, v := range locals {
		values[name] = v.value
	}
	s.context.Variables["local"] = cty.ObjectVal(values)
}

// evaluate returns an attribute's value, after checking what it refers to, or false after reporting why there is none.
// Its value is unknown when it refers to something whose mistake is reported elsewhere, or that has no value.
func (l *loader) evaluate(a *hcl.Attribute, r repetition) (cty.Value, bool) {
	if v, ok := literalOf(a.Expr); ok {
		return v, true
	}
	if !l.checkReferences(a.Expr, r) {
		return cty.DynamicVal, false
	}
	v, diags := valueOf(a.Expr, l.scope.context)
	l.report(l.scope.explained(a.Expr, diags)...)
	if diags.HasErrors() {
		return cty.DynamicVal, false
	}
	return v, v.IsWhollyKnown()
}

// ofElements returns the scope of the expressions of an order block that repeats over forEach, which may be nil.
func (s scope) ofElements(forEach *hcl.Attribute) scope {
	s.secretiveElements = forEach != nil && s.secretive(forEach.Expr)
	return s
}

// narrowed returns a scope that has of the variables and locals those alone that expressions name, so that the others
// need not be kept.
func (s scope) narrowed(exprs []hcl.Expression) scope {
	kept := s
	kept.variables, kept.locals = map[string]*variable{}, map[string]*local{}
	kept.context = &hcl.EvalContext{Functions: s.context.Functions, Variables: map[string]cty.Value{inputName: s.context.Variables[inputName]}}
	for _, expr := range exprs {
		for _, t := range expr.Variables() {
			switch name := referredName(t); {
			case t.RootName() == "var" && s.variables[name] != nil:
				kept.variables[name] = s.variables[name]
			case t.RootName() == "local" && s.locals[name] != nil:
				kept.locals[name] = s.locals[name]
			}
		}
	}
	kept.setVariables(kept.variables)
	kept.setLocals(kept.locals)
	return kept
}

// literalOf returns the value of an expression that is a number, a keyword or a text without interpolations. Most are,
// and asking each what it refers to would take longer than all else that is done for it.
func literalOf(expr hcl.Expression) (cty.Value, bool) {
	if template, ok := expr.(*hclsyntax.TemplateExpr); ok && template.IsStringLiteral() {
		expr = template.Parts[0]
	}
	if literal, ok := expr.(*hclsyntax.LiteralValueExpr); ok {
		return literal.Val, true
	}
	return cty.NilVal, false
}
