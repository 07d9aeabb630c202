package fleet

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A dynamicBlock writes a charge or activity block if its for_each has an element, and none if it is empty. HCL's own
// expansion of dynamic blocks makes bodies, whose attributes would have to be decoded anew for each of an order block's
// elements; this one only evaluates the attributes that it holds.
type dynamicBlock struct {
	makes    string // inCharge or inActivity
	header   hcl.Range
	forEach  *hcl.Attribute
	iterator string // what the element is named in the content
	content  written
	number   uint8 // its place among the layer's, counted from 1
}

const dynamicType = "dynamic"

// maxDynamic bounds the dynamic blocks of an order, region or defaults block. A setting remembers in a byte which of them
// wrote it.
const maxDynamic = 100

var dynamicShape = shape{
	what: "a dynamic block", attributes: []string{"for_each", "iterator"}, blocks: map[string][]string{"content": nil},
	hints: map[string]string{"labels": "What it makes has no labels."},
}

// decodeDynamics reads the dynamic blocks of a body. makes is the kind of block that may be dynamic in it; what names the
// body in details.
func (l *loader) decodeDynamics(of *layer, into *written, blocks hcl.Blocks, makes, what string) {
	for _, b := range blocks {
		switch {
		case b.Type != dynamicType:
		case b.Labels[0] != makes:
			l.report(mistake(b.LabelRanges[0], "Invalid dynamic block",
				"In %s, the one block that can be dynamic is %s: write dynamic %q { for_each = … content { … } }.", what, makes, makes))
		case len(of.numbered) == maxDynamic:
			l.report(mistake(b.DefRange, "Too many dynamic blocks", "An order, region or defaults block may hold %d dynamic blocks.", maxDynamic))
			return
		default:
			if d := l.decodeDynamic(of, b); d != nil {
				into.dynamics = append(into.dynamics, d)
			}
		}
	}
}

// decodeDynamic returns nil after reporting what the block lacks.
func (l *loader) decodeDynamic(of *layer, b *hcl.Block) *dynamicBlock {
	held := l.content(b.Body, dynamicShape)
	content := l.single(held.Blocks, "Duplicate content block")
	forEach := held.Attributes["for_each"]
	if forEach == nil || content == nil {
		l.report(mistake(b.DefRange, "Incomplete dynamic block",
			"A dynamic block says when there is a block and what it holds: write for_each = … and content { … }."))
		return nil
	}
	d := &dynamicBlock{makes: b.Labels[0], header: b.DefRange, forEach: forEach, iterator: b.Labels[0]}
	if a := held.Attributes["iterator"]; a != nil {
		d.iterator = l.iteratorName(a, d.iterator)
	}
	of.numbered = append(of.numbered, d)
	d.number = uint8(len(of.numbered))
	if d.makes == inCharge {
		l.decodeCharge(of, &d.content, content)
	} else {
		d.content.take(inActivity, l.content(content.Body, activityShape))
	}
	l.prepareExpression(d.forEach)
	for _, a := range d.content.attrs {
		l.prepareExpression(a)
	}
	return d
}

func (l *loader) iteratorName(a *hcl.Attribute, otherwise string) string {
	name := hcl.ExprAsKeyword(a.Expr)
	if !hclsyntax.ValidIdentifier(name) || slices.Contains(roots, name) || slices.Contains(lateRoots, name) {
		l.report(mistake(a.Expr.Range(), "Invalid iterator",
			"iterator is a name, without quotes, that nothing else has: not var, local, each, count or order."))
		return otherwise
	}
	return name
}

// checkDynamics reports references that lead nowhere, as checkReferences does. iterators are those of the blocks around.
func (l *loader) checkDynamics(blocks []*dynamicBlock, r repetition, iterators []string) bool {
	clean := true
	for _, d := range blocks {
		clean = l.checkReferences(d.forEach.Expr, r, iterators...) && clean
		within := append(slices.Clip(iterators), d.iterator)
		for _, a := range d.content.attrs {
			clean = (a == nil || l.checkReferences(a.Expr, r, within...)) && clean
		}
		clean = l.checkDynamics(d.content.dynamics, r, within) && clean
	}
	return clean
}

// varies tells whether what the block writes depends on an order block's element.
func (d *dynamicBlock) varies() bool {
	written := func(a *hcl.Attribute) bool { return a != nil && dependsOnElement(a.Expr) }
	return written(d.forEach) || slices.ContainsFunc(d.content.attrs[:], written) ||
		slices.ContainsFunc(d.content.dynamics, (*dynamicBlock).varies)
}

// soundDynamics checks the references of a layer's dynamic blocks. Where some lead nowhere, what the blocks write is
// unknown.
func (l *loader) soundDynamics(of *layer, values *settings, r repetition) bool {
	if l.checkDynamics(of.dynamics, r, nil) {
		return true
	}
	for _, d := range of.dynamics {
		d.fail(values)
	}
	return false
}

// prepareDynamics makes the dynamic blocks now that are the same for all of an order block's elements.
func (l *loader) prepareDynamics(b *orderBlock, by repetition) {
	if len(b.layer.dynamics) == 0 || !l.soundDynamics(b.layer, &b.constant, by) {
		return
	}
	// A voucher in its other form may be there for some elements alone.
	b.makesEach = slices.ContainsFunc(b.layer.dynamics, (*dynamicBlock).varies) || slices.Contains(b.varying, fieldBuyScenario)
	if !b.makesEach {
		l.report(b.layer.makeDynamic(&b.constant, l.scope, l.scope.context)...)
	}
}

// A making is the evaluation of a layer's dynamic blocks for one order.
type making struct {
	scope            scope
	into             *settings
	charge, activity *hcl.Range // of the blocks that there are by now
	diags            hcl.Diagnostics
}

// makeDynamic evaluates the layer's dynamic blocks, whose references must have been checked, and adds what they write to
// the settings that the rest of the layer has written.
func (of *layer) makeDynamic(into *settings, s scope, ctx *hcl.EvalContext) hcl.Diagnostics {
	m := making{scope: s, into: into, charge: of.charge}
	m.write(ctx, &of.written)
	return m.diags
}

// write evaluates the dynamic blocks of a body that is there.
func (m *making) write(ctx *hcl.EvalContext, body *written) {
	if body.activity != nil {
		m.claim(inActivity, *body.activity)
	}
	for _, d := range body.dynamics {
		element, ok := m.element(ctx, d)
		if !ok || !m.claim(d.makes, d.header) {
			continue
		}
		child := ctx.NewChild()
		child.Variables = map[string]cty.Value{d.iterator: element}
		outer := m.scope.secretiveIterator
		m.scope.secretiveIterator = outer || m.scope.secretive(d.forEach.Expr)
		m.assign(child, d)
		m.write(child, &d.content)
		m.scope.secretiveIterator = outer
	}
}

// claim notes a block, or reports that there is another one already.
func (m *making) claim(makes string, at hcl.Range) bool {
	first := &m.charge
	if makes == inActivity {
		first = &m.activity
	}
	if *first != nil {
		m.diags = append(m.diags, mistake(at, "Duplicate "+makes+" block",
			"There is another one, at %s. Let for_each be empty where the other one stands.", place(**first)))
		return false
	}
	*first = &at
	return true
}

// element returns the element that a dynamic block is written for, or false if there is none.
func (m *making) element(ctx *hcl.EvalContext, d *dynamicBlock) (cty.Value, bool) {
	v, diags := valueOf(d.forEach.Expr, ctx)
	at := d.forEach.Expr.Range()
	var wrong *hcl.Diagnostic
	switch {
	case diags.HasErrors():
		m.diags = append(m.diags, m.scope.explained(d.forEach.Expr, diags)...)
	case v.IsMarked():
		wrong = sensitiveMistake(at, "for_each")
	case v.IsNull():
		wrong = mistake(at, "Invalid for_each", "for_each is null. Write [] for no %s block.", d.makes)
	case !v.IsKnown(): // because of a mistake that is reported elsewhere
	case !v.CanIterateElements():
		wrong = mistake(at, "Invalid for_each", "for_each must be a list, a set, a map or an object, not %s: [1] for a %s block, [] for none.", described(v), d.makes)
	case v.LengthInt() > 1:
		wrong = mistake(at, "Duplicate "+d.makes+" block", "for_each has %s elements, and each would make a %s block, of which there may be one.", thousands(v.LengthInt()), d.makes)
	case v.LengthInt() == 0:
		return cty.NilVal, false
	default:
		return onlyElement(v), true
	}
	if wrong != nil {
		m.diags = append(m.diags, wrong)
	}
	d.fail(m.into)
	return cty.NilVal, false
}

// onlyElement is what the iterator stands for, when for_each has one element.
func onlyElement(v cty.Value) cty.Value {
	it := v.ElementIterator()
	it.Next()
	key, value := it.Element()
	if v.Type().IsSetType() {
		key = value
	}
	return cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
}

// assign evaluates the attributes of a dynamic block's content.
func (m *making) assign(ctx *hcl.EvalContext, d *dynamicBlock) {
	for f := range fieldCount {
		a := d.content.attrs[f]
		if a == nil {
			continue
		}
		v, diags := valueOf(a.Expr, ctx)
		if diags.HasErrors() {
			m.diags = append(m.diags, m.scope.explained(a.Expr, diags)...)
			m.into[f] = setting{state: failed}
			continue
		}
		value, wrong := readField(f, a, v)
		value.dynamic = d.number
		m.into[f] = value
		if wrong != nil {
			m.diags = append(m.diags, wrong)
		}
	}
	if d.makes == inActivity && m.into[fieldBuyScenario].state != unset {
		m.diags = append(m.diags, mistake(d.header, "Two vouchers",
			"An order carries one voucher: write activity, or buy_scenario, which is its encoded form."))
	}
}

// fail makes unknown what the block would write if anybody knew whether it is there.
func (d *dynamicBlock) fail(into *settings) {
	for f, a := range d.content.attrs {
		if a != nil {
			into[f] = setting{state: failed}
		}
	}
	for _, inner := range d.content.dynamics {
		inner.fail(into)
	}
}
