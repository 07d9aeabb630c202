package fleet

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// A condition is what must hold, and what to say where it doesn't.
type condition struct {
	holds, message *hcl.Attribute
}

// conditionShape is the shape of a block that holds a condition; what names the block in details.
func conditionShape(what string) shape {
	return shape{what: what, attributes: []string{"condition", "error_message"}}
}

// decodeCondition returns the condition that a block holds, or false after reporting what it lacks.
func (l *loader) decodeCondition(b *hcl.Block, s shape) (condition, bool) {
	content := l.content(b.Body, s)
	c := condition{content.Attributes["condition"], content.Attributes["error_message"]}
	var missing []string
	if c.holds == nil {
		missing = append(missing, "condition = …")
	}
	if c.message == nil {
		missing = append(missing, `error_message = "…"`)
	}
	l.prepareExpression(c.holds)
	l.prepareExpression(c.message)
	if len(missing) > 0 {
		l.report(mistake(b.DefRange, "Incomplete condition",
			"%s says what must hold and what to say where it doesn't: write %s.", capitalized(s.what), strings.Join(missing, " and ")))
	}
	return c, len(missing) == 0
}

// A verdict is what a condition comes to.
type verdict uint8

const (
	undecided verdict = iota // it depends on what is unknown, or has a mistake
	holding
	failing
)

// judge evaluates the condition in ctx, which is the scope's or a child of it, and, where it fails, its message, which is
// never a sensitive one. References must have been checked. The diagnostics hold why one of both could not be evaluated.
func (c condition) judge(s scope, ctx *hcl.EvalContext) (verdict, string, hcl.Diagnostics) {
	v, diags := valueOf(c.holds.Expr, ctx)
	if diags.HasErrors() {
		return undecided, "", s.explained(c.holds.Expr, diags)
	}
	plain, _ := v.Unmark()
	converted, err := convertScalar(plain, cty.Bool)
	switch {
	case err != nil:
		return undecided, "", hcl.Diagnostics{mistake(c.holds.Expr.Range(), "Invalid condition",
			"A condition must be true or false, not %s. Compare it with something, as in … != \"\".", described(v))}
	case !converted.IsKnown():
		return undecided, "", nil
	case converted.IsNull():
		return undecided, "", hcl.Diagnostics{mistake(c.holds.Expr.Range(), "Invalid condition", "A condition must be true or false, and this one is null.")}
	case converted.True():
		return holding, "", nil
	}
	message, diags := c.say(s, ctx)
	return failing, message, diags
}

const (
	unknownMessage   = "(The message is not known yet.)"
	mistakenMessage  = "(The message has a mistake.)"
	sensitiveMessage = "(The message is not shown: it has sensitive values.)"
)

// say returns the message.
func (c condition) say(s scope, ctx *hcl.EvalContext) (string, hcl.Diagnostics) {
	at := c.message.Expr.Range()
	v, diags := valueOf(c.message.Expr, ctx)
	if diags.HasErrors() {
		return mistakenMessage, s.explained(c.message.Expr, diags)
	}
	if v.ContainsMarked() {
		return sensitiveMessage, nil
	}
	converted, err := convertScalar(v, cty.String)
	switch {
	case err != nil:
		return mistakenMessage, hcl.Diagnostics{mistake(at, "Invalid error_message", "error_message must be text, not %s.", described(v))}
	case !converted.IsKnown():
		return unknownMessage, nil
	case converted.IsNull() || strings.TrimSpace(converted.AsString()) == "":
		return mistakenMessage, hcl.Diagnostics{mistake(at, "Invalid error_message", "error_message is empty. Write a sentence that says what is wrong and what to do.")}
	}
	return bounded(converted.AsString(), maxMessage), nil
}

// maxMessage bounds a message, in bytes: it is for people.
const maxMessage = 4096

// bounded returns text with at most so many of its bytes.
func bounded(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%s bytes)", strings.ToValidUTF8(text[:most], ""), thousands(len(text)))
}
