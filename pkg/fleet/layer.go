package fleet

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// A layer is a defaults, region or order block: what it writes of an order.
type layer struct {
	header hcl.Range
	written
	numbered []*dynamicBlock // all that stand in the block, those in others included
}

// written is what a body writes.
type written struct {
	attrs    [fieldCount]*hcl.Attribute
	charge   *hcl.Range // of the block; nil if there is none, or a dynamic one alone
	activity *hcl.Range
	dynamics []*dynamicBlock
}

const ofRollout = `How fast orders of the region are bought is said in the rollout: rollout { region "ID" { … } }.`

var (
	defaultsShape = layerShape("the defaults block", names(inOrder), nil)
	regionShape   = layerShape("a region block", names(inOrder)[1:], map[string]string{
		"region": "The block's label is the region.",

		"parallelism": ofRollout, "rate": ofRollout, "failure_tolerance": ofRollout, "max_in_doubt": ofRollout,
	})
	orderShape = func() shape {
		s := layerShape("an order block", append(names(inOrder), "for_each", "count"), nil)
		s.blocks["precondition"], s.blocks["lifecycle"] = nil, nil
		s.hints["depends_on"] = "Orders don't depend on each other: all are bought at one time."
		s.hints["provider"] = "The region attribute says where to buy."
		return s
	}()
	chargeShape = shape{
		what: "a charge block", attributes: names(inCharge), blocks: map[string][]string{inActivity: nil, dynamicType: {"block"}},
	}
	activityShape = shape{what: "an activity block", attributes: names(inActivity)}
)

// layerShape is the shape of a block with an order's attributes. Those of charge are often written one block too far out.
func layerShape(what string, attributes []string, hints map[string]string) shape {
	s := shape{what: what, attributes: attributes, blocks: map[string][]string{inCharge: nil, dynamicType: {"block"}}, hints: map[string]string{
		inActivity: "Write it in the charge block.",
	}}
	for _, name := range names(inCharge) {
		s.hints[name] = "Write it in the charge block: charge { " + name + " = … }."
	}
	for name, hint := range hints {
		s.hints[name] = hint
	}
	return s
}

func (l *loader) decodeLayer(b *hcl.Block, s shape) *layer {
	decoded, _ := l.decodeLayerContent(b, s)
	return decoded
}

func (l *loader) decodeLayerContent(b *hcl.Block, s shape) (*layer, *hcl.BodyContent) {
	decoded := &layer{header: b.DefRange}
	content := l.content(b.Body, s)
	decoded.take(inOrder, content)
	if charge := l.single(content.Blocks.OfType(inCharge), "Duplicate charge block"); charge != nil {
		decoded.charge = &charge.DefRange
		l.decodeCharge(decoded, &decoded.written, charge)
	}
	l.decodeDynamics(decoded, &decoded.written, content.Blocks, inCharge, s.what)
	return decoded, content
}

// decodeCharge reads a charge block of the layer, or the content of a dynamic one.
func (l *loader) decodeCharge(of *layer, into *written, charge *hcl.Block) {
	content := l.content(charge.Body, chargeShape)
	into.take(inCharge, content)
	l.decodeDynamics(of, into, content.Blocks, inActivity, chargeShape.what)
	activity := l.single(content.Blocks.OfType(inActivity), "Duplicate activity block")
	if activity == nil {
		return
	}
	into.activity = &activity.DefRange
	if into.attrs[fieldBuyScenario] != nil {
		l.report(twoVouchers(activity.DefRange, into.attrs[fieldBuyScenario]))
		into.attrs[fieldBuyScenario] = nil
	}
	into.take(inActivity, l.content(activity.Body, activityShape))
}

func twoVouchers(activity hcl.Range, scenario *hcl.Attribute) *hcl.Diagnostic {
	return mistake(activity, "Two vouchers",
		"An order carries one voucher: write activity, or the buy_scenario of %s, which is its encoded form.", place(scenario.Range))
}

// attribute is what wrote a setting of the layer.
func (of *layer) attribute(f field, s setting) *hcl.Attribute {
	if s.dynamic > 0 {
		return of.numbered[s.dynamic-1].content.attrs[f]
	}
	return of.attrs[f]
}

// attributes returns all that the layer writes, in dynamic blocks too, with their for_each.
func (of *layer) attributes() []*hcl.Attribute {
	all := slices.Clone(of.attrs[:])
	for _, d := range of.numbered {
		all = append(append(all, d.forEach), d.content.attrs[:]...)
	}
	return all
}

// voucher is where the activity is that wrote a setting of the layer.
func (of *layer) voucher(s setting) hcl.Range {
	switch {
	case s.dynamic > 0:
		return of.numbered[s.dynamic-1].header
	case of.activity != nil:
		return *of.activity
	default:
		return of.header
	}
}

// take keeps the attributes that stand in a block.
func (into *written) take(block string, content *hcl.BodyContent) {
	for f := range fieldCount {
		if fields[f].block == block {
			into.attrs[f] = content.Attributes[fields[f].name]
		}
	}
}

// evaluateLayer evaluates a layer whose attributes depend on no element. A missing layer sets nothing.
func (l *loader) evaluateLayer(written *layer) *settings {
	values := &settings{}
	if written == nil {
		return values
	}
	for f := range fieldCount {
		if a := written.attrs[f]; a != nil {
			values[f] = l.evaluateField(f, a, noRepetition)
		}
	}
	if l.soundDynamics(written, values, noRepetition) {
		l.report(written.makeDynamic(values, l.scope, l.scope.context)...)
	}
	return values
}

func (l *loader) evaluateField(f field, a *hcl.Attribute, r repetition) setting {
	v, ok := l.evaluate(a, r)
	if !ok && isNothing(v) {
		return setting{state: failed}
	}
	value, d := readField(f, a, v)
	if d != nil {
		l.report(d)
	}
	return value
}

// readField turns the value of an attribute into a setting, or says why it can't.
func readField(f field, a *hcl.Attribute, v cty.Value) (setting, *hcl.Diagnostic) {
	value, err := fields[f].kind.read(v)
	switch {
	case err != nil:
		return value, mistake(a.Expr.Range(), "Wrong type", "%s %v.", fields[f].path, err)
	case value.sensitive && hiddenAs(f) == 0:
		return setting{state: failed}, sensitiveMistake(a.Expr.Range(), string(fields[f].path))
	}
	return value, nil
}
