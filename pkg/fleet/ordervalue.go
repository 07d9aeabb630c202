package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// chargeType is order.NAME.charge.
var chargeType = cty.Object(map[string]cty.Type{
	"mode": cty.String, "unit": cty.String, "duration": cty.Number,
	"auto_renew": cty.Bool, "auto_pay": cty.Bool, "buy_scenario": cty.String,
})

// orderAttributes are what an expression sees of an order: its attributes as the files have them, null where they are not
// set, and what the state knows of its purchases. Where there can be one id only, it is the last purchase's.
var orderAttributes = map[string]struct {
	typ cty.Type
	of  func(o *order.Order, r *order.Record) cty.Value
}{
	"region":     {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.Region) }},
	"az":         {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.AZ) }},
	"vpc_id":     {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.VPCID) }},
	"subnet_id":  {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.SubnetID) }},
	"spec":       {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.Spec) }},
	"quantity":   {cty.Number, func(o *order.Order, _ *order.Record) cty.Value { return cty.NumberIntVal(int64(o.Quantity)) }},
	"ip_version": {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.IPVersion) }},
	"desc":       {cty.String, func(o *order.Order, _ *order.Record) cty.Value { return textOrNull(o.Desc) }},
	"charge":     {chargeType, func(o *order.Order, _ *order.Record) cty.Value { return chargeValue(o.Charge) }},
	"status":     {cty.String, func(_ *order.Order, r *order.Record) cty.Value { return statusValue(r) }},
	"buy_id":     {cty.String, ofLast(func(p *order.Purchase) string { return p.BuyID })},
	"request_id": {cty.String, ofLast(func(p *order.Purchase) string { return p.RequestID })},
	"buy_ids":    {cty.List(cty.String), ofAll(func(p *order.Purchase) []string { return nonEmpty(p.BuyID) })},
	"source_ids": {cty.List(cty.String), ofAll(func(p *order.Purchase) []string { return p.SourceIDs })},
	"bids":       {cty.List(cty.String), ofAll(func(p *order.Purchase) []string { return p.BIDs })},
}

// orderType is an order's type.
var orderType = func() cty.Type {
	types := make(map[string]cty.Type, len(orderAttributes))
	for name, attribute := range orderAttributes {
		types[name] = attribute.typ
	}
	return cty.Object(types)
}()

func attributesOf(object cty.Type) []string { return slices.Sorted(maps.Keys(object.AttributeTypes())) }

// blockValue is order.NAME with at least the orders that are used. One that is used by key may not exist: it is missing
// then, so that the expression fails as it does for any other collection, and try can help.
func (e *evaluator) blockValue(name string, u *use) cty.Value {
	b := e.blocks[name]
	switch {
	case b.broken:
		return cty.DynamicVal
	case b.by == noRepetition:
		return e.orderValue(b.first, nil)
	case u.whole:
		return e.wholeBlock(name, u.attributes)
	}
	found := map[string]cty.Value{}
	for key := range u.keys {
		if i, ok := e.find(b, order.Address{Name: name, Key: key}); ok {
			found[key.Text()] = e.orderValue(i, nil)
		}
	}
	if len(found) == 0 {
		return cty.MapValEmpty(orderType)
	}
	return cty.MapVal(found) // with count too: an index finds its text
}

// find returns the index of the block's order at an address.
func (w *late) find(b repeated, a order.Address) (int, bool) {
	i, found := slices.BinarySearchFunc(w.orders[b.first:b.first+b.n], a, func(o order.Order, a order.Address) int {
		return o.Address.Compare(a)
	})
	return b.first + i, found
}

// wholeBlock is order.NAME with all orders, of which expressions name these attributes; nil is all. It is a map by key, or
// with count a list. It is built once.
func (e *evaluator) wholeBlock(name string, attributes []string) cty.Value {
	known := name + " " + strings.Join(attributes, " ")
	if v, ok := e.whole[known]; ok {
		return v
	}
	b := e.blocks[name]
	v := emptyBlock(b.by)
	switch {
	case b.n == 0:
	case e.trial:
		v = cty.UnknownVal(v.Type()).RefineNotNull() // the orders' values would tell nothing yet, and take long
	case b.by == byCount:
		list := make([]cty.Value, b.n)
		for i := range list {
			list[i] = e.orderValue(b.first+i, attributes)
		}
		v = cty.ListVal(list)
	default:
		named := make(map[string]cty.Value, b.n)
		for i := b.first; i < b.first+b.n; i++ {
			named[e.orders[i].Address.Key.Text()] = e.orderValue(i, attributes)
		}
		v = cty.MapVal(named)
	}
	if e.whole == nil {
		e.whole = map[string]cty.Value{}
	}
	e.whole[known] = v
	return v
}

func emptyBlock(by repetition) cty.Value {
	if by == byCount {
		return cty.ListValEmpty(orderType)
	}
	return cty.MapValEmpty(orderType)
}

// orderValue is what an expression sees of the i-th order, or of it these attributes alone; nil is all.
func (e *evaluator) orderValue(i int, attributes []string) cty.Value {
	o := &e.orders[i]
	var r order.Record
	if at, found := slices.BinarySearchFunc(e.records, o.Address, func(r order.Record, a order.Address) int {
		return r.Address.Compare(a)
	}); found {
		r = e.records[at]
	}
	if attributes == nil {
		attributes = allAttributes
	}
	v := make(map[string]cty.Value, len(attributes))
	for _, name := range attributes {
		v[name] = orderAttributes[name].of(o, &r)
	}
	markSensitive(v, o.Sensitive|r.Order.Sensitive)
	return cty.ObjectVal(v)
}

var allAttributes = attributesOf(orderType)

func statusValue(r *order.Record) cty.Value {
	if r.Vacant() {
		return cty.UnknownVal(cty.String)
	}
	return cty.StringVal(string(r.Status()))
}

// ofLast is a text of the last purchase, empty where it has none.
func ofLast(text func(*order.Purchase) string) func(*order.Order, *order.Record) cty.Value {
	return func(_ *order.Order, r *order.Record) cty.Value {
		if len(r.Purchases) == 0 {
			return cty.UnknownVal(cty.String)
		}
		return cty.StringVal(text(&r.Purchases[len(r.Purchases)-1]))
	}
}

// ofAll are texts of all purchases.
func ofAll(texts func(*order.Purchase) []string) func(*order.Order, *order.Record) cty.Value {
	return func(_ *order.Order, r *order.Record) cty.Value {
		if len(r.Purchases) == 0 {
			return cty.UnknownVal(cty.List(cty.String))
		}
		var list []cty.Value
		for i := range r.Purchases {
			for _, text := range texts(&r.Purchases[i]) {
				list = append(list, cty.StringVal(text))
			}
		}
		if len(list) == 0 {
			return cty.ListValEmpty(cty.String)
		}
		return cty.ListVal(list)
	}
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// markSensitive marks what came from sensitive values, in the files or in those that the state was made from.
func markSensitive(v map[string]cty.Value, fields order.FieldSet) {
	for _, f := range fields.Fields() {
		if charge := v["charge"]; f == order.FieldBuyScenario && !charge.IsNull() {
			parts := charge.AsValueMap()
			parts["buy_scenario"] = parts["buy_scenario"].Mark(sensitive)
			v["charge"] = cty.ObjectVal(parts)
		} else if whole, ok := v[string(f)]; ok {
			v[string(f)] = whole.Mark(sensitive)
		}
	}
}

func textOrNull(s string) cty.Value {
	if s == "" {
		return cty.NullVal(cty.String)
	}
	return cty.StringVal(s)
}

func chargeValue(c order.Charge) cty.Value {
	if c == (order.Charge{}) {
		return cty.NullVal(chargeType)
	}
	duration := cty.NullVal(cty.Number)
	if c.Duration != 0 {
		duration = cty.NumberIntVal(int64(c.Duration))
	}
	return cty.ObjectVal(map[string]cty.Value{
		"mode": textOrNull(c.Mode), "unit": textOrNull(c.Unit), "duration": duration,
		"auto_renew": cty.BoolVal(c.AutoRenew), "auto_pay": cty.BoolVal(c.AutoPay), "buy_scenario": textOrNull(c.BuyScenario),
	})
}
