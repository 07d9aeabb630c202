package fleet

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A builder builds orders of one block, one after the other.
type builder struct {
	block     *orderBlock
	inherited *inherited
	scope     scope
	findings  *findings
	own       settings         // what the block writes of the order that is being built
	element   *hcl.EvalContext // of that order; nil until an expression needs it

	activity order.Activity // the last one encoded, for orders mostly share theirs
	scenario string
}

// build returns the order of the i-th element, and notes what is wrong with it.
func (b *builder) build(i int) order.Order {
	address := b.block.elements.address(b.block.name, i)
	b.element = nil
	b.own = b.block.constant
	if len(b.block.varying) > 0 {
		b.evaluateVarying(i, address)
	}
	if b.block.makesEach {
		b.findings.addDiagnostics(b.block.layer.makeDynamic(&b.own, b.scope, b.context(i)), address)
	}
	m := *b.inherited.of(b.own[fieldRegion])
	m.overlay(&b.own, fromOrder)
	o := m.order(address)
	b.encodeActivity(&m, &o)
	b.check(&m, o)
	b.checkPreconditions(i, address)
	return o
}

// context is what the expressions of the i-th element may refer to. It is made only where it is needed: that costs more
// than all else that is done for most orders.
func (b *builder) context(i int) *hcl.EvalContext {
	if b.element == nil {
		b.element = b.scope.context.NewChild()
		b.element.Variables = b.block.elements.variables(i)
	}
	return b.element
}

// evaluateVarying evaluates the attributes that depend on the element.
func (b *builder) evaluateVarying(i int, address order.Address) {
	for _, f := range b.block.varying {
		a := b.block.layer.attrs[f]
		v, ok := b.takeShortcut(f, i)
		if !ok {
			var diags hcl.Diagnostics
			if v, diags = valueOf(a.Expr, b.context(i)); diags.HasErrors() {
				b.own[f].state = failed
				b.findings.addDiagnostics(b.scope.explained(a.Expr, diags), address)
				continue
			}
		}
		value, d := readField(f, a, v)
		b.own[f] = value
		if d != nil {
			b.findings.addDiagnostics(hcl.Diagnostics{d}, address)
		}
	}
}

func (b *builder) takeShortcut(f field, i int) (cty.Value, bool) {
	take := b.block.shortcuts[f]
	if e := &b.block.elements; take != nil && e.by == byForEach {
		return take(e.keys[i], e.values[i])
	}
	return cty.NilVal, false
}

// encodeActivity gives the order the voucher that its activity block describes.
func (b *builder) encodeActivity(m *merged, o *order.Order) {
	name, identifier := m.settings[fieldActivityType], m.settings[fieldActivityIdentifier]
	if name.state == unset && identifier.state == unset || name.state == failed || identifier.state == failed {
		return
	}
	activity := order.Activity{Type: name.text, Identifier: identifier.text}
	if b.scenario == "" || activity != b.activity {
		scenario, err := order.EncodeScenario(order.Scenario{Activity: activity})
		if err != nil {
			at := b.activityRange(m)
			b.findings.add(findingKey{summary: "Invalid activity", subject: at}, o.Address, func() *hcl.Diagnostic {
				return mistake(at, "Invalid activity", "%s. Write activity { type = …, identifier = … }.", capitalized(err.Error()))
			})
			return
		}
		b.activity, b.scenario = activity, scenario
	}
	o.Charge.BuyScenario = b.scenario
}

// activityRange is where the activity is written, by the strongest block that writes some of it.
func (b *builder) activityRange(m *merged) hcl.Range {
	f := fieldActivityType
	if m.from[fieldActivityIdentifier] > m.from[f] {
		f = fieldActivityIdentifier
	}
	return b.layer(m, m.from[f]).voucher(m.settings[f])
}

// layer returns the block that a level stands for, for an order with these settings.
func (b *builder) layer(m *merged, from level) *layer {
	switch from {
	case fromDefaults:
		return b.inherited.defaults
	case fromRegion:
		return b.inherited.regions[m.settings[fieldRegion].text]
	default:
		return b.block.layer
	}
}

// rangeOf is where a field's value is written, or the order's header where it isn't.
func (b *builder) rangeOf(m *merged, f field) hcl.Range {
	if m.from[f] == nowhere {
		return b.block.layer.header
	}
	return b.layer(m, m.from[f]).attribute(f, m.settings[f]).Expr.Range()
}

// check notes what the API would refuse, and what is probably not meant.
func (b *builder) check(m *merged, o order.Order) {
	b.checkRegion(m, o)
	problems := o.Problems()
	if len(problems) == 0 {
		return
	}
	broken := m.anyFailed()
	for _, p := range problems {
		f := fieldOf(p.Field)
		if state := m.settings[f].state; broken && state != set {
			continue // what is missing may be what failed, or come from the region that did
		}
		at := b.rangeOf(m, f)
		if f == fieldBuyScenario && m.settings[f].state == unset {
			at = b.activityRange(m)
		}
		b.findings.add(findingKey{summary: p.Summary, subject: at, field: f}, o.Address, func() *hcl.Diagnostic {
			if p.Warning {
				return warning(at, p.Summary, "%s", p.Detail)
			}
			return mistake(at, p.Summary, "%s%s", p.Detail, meantChoice(p, o, m.settings[f].text))
		})
	}
}

// meantChoice suggests which of a field's choices was written some other way.
func meantChoice(p order.Problem, o order.Order, text string) string {
	if o.Sensitive.Has(p.Field) {
		return ""
	}
	meant := cmp.Or(closestName(text, p.Choices), closestName(strings.ToUpper(text), p.Choices))
	if meant == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", meant)
}
