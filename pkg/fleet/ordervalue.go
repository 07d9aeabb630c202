package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// chargeType is order.NAME.charge.
var chargeType = cty.Object(map[string]cty.Type{
	"mode": cty.String, "unit": cty.String, "duration": cty.Number,
	"auto_renew": cty.Bool, "auto_pay": cty.Bool, "buy_scenario": cty.String,
})

// orderType is what an expression sees of an order: its attributes as the files have them, null where they are not set,
// and what the state knows of its purchases.
var orderType = cty.Object(map[string]cty.Type{
	"region": cty.String, "az": cty.String, "vpc_id": cty.String, "subnet_id": cty.String, "spec": cty.String,
	"quantity": cty.Number, "ip_version": cty.String, "desc": cty.String, "charge": chargeType,
	"status": cty.String, "buy_id": cty.String, "buy_ids": cty.List(cty.String), "source_ids": cty.List(cty.String),
	"bids": cty.List(cty.String), "request_id": cty.String,
})

func attributesOf(object cty.Type) []string { return slices.Sorted(maps.Keys(object.AttributeTypes())) }

// A use says what of a block's orders expressions name.
type use struct {
	whole bool // all of them; keys don't matter then
	keys  map[order.Key]bool
}

// addUse notes what a checked reference names.
func (w *late) addUse(used map[string]*use, t hcl.Traversal) {
	name := referredName(t)
	u := used[name]
	if u == nil {
		u = &use{keys: map[order.Key]bool{}}
		used[name] = u
	}
	key, ok := w.keyIn(t)
	u.whole = u.whole || !ok
	if ok {
		u.keys[key] = true
	}
}

// blockValue is order.NAME with at least the orders that are used. One that is used by key may not exist: it is missing
// then, so that the expression fails as it does for any other collection, and try can help.
func (e *evaluator) blockValue(name string, u *use) cty.Value {
	b := e.blocks[name]
	switch {
	case b.broken:
		return cty.DynamicVal
	case b.by == noRepetition:
		return e.orderValue(b.first)
	case u.whole:
		return e.wholeBlock(name)
	}
	found := map[string]cty.Value{}
	for key := range u.keys {
		if i, ok := e.find(b, order.Address{Name: name, Key: key}); ok {
			found[key.Text()] = e.orderValue(i)
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

// wholeBlock is order.NAME with all orders: a map by key, or with count a list. It is built once.
func (e *evaluator) wholeBlock(name string) cty.Value {
	if v, ok := e.whole[name]; ok {
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
			list[i] = e.orderValue(b.first + i)
		}
		v = cty.ListVal(list)
	default:
		named := make(map[string]cty.Value, b.n)
		for i := b.first; i < b.first+b.n; i++ {
			named[e.orders[i].Address.Key.Text()] = e.orderValue(i)
		}
		v = cty.MapVal(named)
	}
	if e.whole == nil {
		e.whole = map[string]cty.Value{}
	}
	e.whole[name] = v
	return v
}

func emptyBlock(by repetition) cty.Value {
	if by == byCount {
		return cty.ListValEmpty(orderType)
	}
	return cty.MapValEmpty(orderType)
}

// orderValue is what an expression sees of the i-th order.
func (e *evaluator) orderValue(i int) cty.Value {
	o := &e.orders[i]
	var r order.Record
	if at, found := slices.BinarySearchFunc(e.records, o.Address, func(r order.Record, a order.Address) int {
		return r.Address.Compare(a)
	}); found {
		r = e.records[at]
	}
	v := map[string]cty.Value{
		"region": textOrNull(o.Region), "az": textOrNull(o.AZ), "vpc_id": textOrNull(o.VPCID), "subnet_id": textOrNull(o.SubnetID),
		"spec": textOrNull(o.Spec), "quantity": cty.NumberIntVal(int64(o.Quantity)), "ip_version": textOrNull(o.IPVersion),
		"desc": textOrNull(o.Desc), "charge": chargeValue(o.Charge), "status": cty.UnknownVal(cty.String),
	}
	if !r.Blank() {
		v["status"] = cty.StringVal(string(r.Status()))
	}
	addPurchases(v, r.Purchases)
	markSensitive(v, o.Sensitive|r.Order.Sensitive)
	return cty.ObjectVal(v)
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

// addPurchases adds the ids: those of the last purchase where there can be one only, else those of all.
func addPurchases(v map[string]cty.Value, purchases []order.Purchase) {
	if len(purchases) == 0 {
		for _, name := range []string{"buy_id", "buy_ids", "source_ids", "bids", "request_id"} {
			v[name] = cty.UnknownVal(orderType.AttributeType(name))
		}
		return
	}
	var buyIDs, sourceIDs, bids []cty.Value
	for _, p := range purchases {
		if p.BuyID != "" {
			buyIDs = append(buyIDs, cty.StringVal(p.BuyID))
		}
		sourceIDs = appendTexts(sourceIDs, p.SourceIDs)
		bids = appendTexts(bids, p.BIDs)
	}
	last := purchases[len(purchases)-1]
	v["buy_id"], v["request_id"] = cty.StringVal(last.BuyID), cty.StringVal(last.RequestID)
	v["buy_ids"], v["source_ids"], v["bids"] = listOfTexts(buyIDs), listOfTexts(sourceIDs), listOfTexts(bids)
}

func appendTexts(list []cty.Value, texts []string) []cty.Value {
	for _, text := range texts {
		list = append(list, cty.StringVal(text))
	}
	return list
}

func listOfTexts(texts []cty.Value) cty.Value {
	if len(texts) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	return cty.ListVal(texts)
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
