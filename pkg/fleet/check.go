package fleet

import (
	"github.com/hashicorp/hcl/v2"
)

// A checkBlock warns where one of its conditions fails. It stops nothing.
type checkBlock struct {
	name    string
	asserts []condition
}

var (
	checkShape = shape{
		what: "a check block", blocks: map[string][]string{"assert": nil},
		hints: map[string]string{
			"condition":     "Write it in an assert block: assert { condition = … error_message = … }.",
			"error_message": "Write it in an assert block: assert { condition = … error_message = … }.",
			"data":          "A fleet reads nothing but its own files.",
		},
	}
	assertShape = conditionShape("an assert block")
)

func (l *loader) decodeCheck(b *hcl.Block) *checkBlock {
	c := &checkBlock{name: b.Labels[0]}
	content, whole := l.wholeContent(b.Body, checkShape)
	for _, inner := range content.Blocks {
		if assert, ok := l.decodeCondition(inner, assertShape); ok {
			c.asserts = append(c.asserts, assert)
		}
	}
	if len(content.Blocks) == 0 && whole {
		l.report(mistake(b.DefRange, "Check without an assert",
			"The check %q checks nothing: write assert { condition = … error_message = … } in it.", c.name))
	}
	return c
}

// evaluateCheck warns of each condition that fails, and tells whether all of them are decided. What keeps a condition
// from being evaluated is a warning too, once the fleet is loaded: a check stops nothing.
func (e *evaluator) evaluateCheck(b *checkBlock) (decided bool) {
	decided = true
	for _, c := range b.asserts {
		result, message, diags := c.judge(e.l.scope, e.contextFor(c.holds.Expr, c.message.Expr))
		mistaken := diags.HasErrors()
		for _, d := range e.explain(diags) {
			if !e.trial {
				d.Severity = hcl.DiagWarning
			}
			e.l.report(d)
		}
		switch {
		case result == failing && !e.trial:
			e.l.report(warning(c.holds.Expr.Range(), "Check failed", "%s: %s", b.name, message))
		case result == undecided && !mistaken:
			decided = false
		}
	}
	return decided
}
