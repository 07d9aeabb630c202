package fleet

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var preconditionShape = conditionShape("a precondition block")

func (l *loader) decodePreconditions(blocks hcl.Blocks) []condition {
	var decoded []condition
	for _, b := range blocks {
		if c, ok := l.decodeCondition(b, preconditionShape); ok {
			decoded = append(decoded, c)
		}
	}
	return decoded
}

// preparePreconditions opens those that must be looked at for each order: not the ones that refer to what doesn't exist,
// nor those that hold whichever the order is.
func (l *loader) preparePreconditions(b *orderBlock, by repetition) {
	b.open = slices.DeleteFunc(slices.Clone(b.preconditions), func(c condition) bool {
		sound := l.checkReferences(c.holds.Expr, by)
		if !l.checkReferences(c.message.Expr, by) || !sound {
			return true
		}
		if dependsOnElement(c.holds.Expr) {
			return false
		}
		v, _, _ := c.judge(l.scope, l.scope.context)
		return v == holding
	})
}

// checkPreconditions refuses an order that violates one of its block's. The message shown is that of the first order.
func (b *builder) checkPreconditions(i int, address order.Address) {
	for _, c := range b.block.open {
		verdict, message, diags := c.judge(b.scope, b.context(i))
		b.findings.addDiagnostics(diags, address)
		if verdict == failing {
			key := findingKey{summary: "Precondition failed", subject: c.holds.Expr.Range()}
			b.findings.add(key, address, func() *hcl.Diagnostic {
				return mistake(key.subject, key.summary, "%s", cmp.Or(message, "The condition is false."))
			})
		}
	}
}
