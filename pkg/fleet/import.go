package fleet

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var importShape = shape{
	what: "an import block", attributes: []string{"to", "region", "bid", "source_id"},
	hints: map[string]string{
		"id":       "An instance is named by its bid, or by the source_id of its purchase.",
		"buy_id":   "Nothing that can be listed has a buyId: name the instance by its bid, or by the source_id of its purchase.",
		"for_each": "Write an import block for each instance, or use bastion-fleet state import --matching.",
	},
}

// An importBlock says that an instance exists which is to be recorded as bought for an order.
type importBlock struct {
	to                    order.Address
	region, bid, sourceID *hcl.Attribute
	at                    hcl.Range
}

func (l *loader) decodeImports(blocks hcl.Blocks) []importBlock {
	var decoded []importBlock
	for _, b := range blocks {
		content := l.content(b.Body, importShape)
		to, ok := l.addressOf(b, content, "to")
		bid, sourceID := content.Attributes["bid"], content.Attributes["source_id"]
		switch {
		case !ok:
		case (bid == nil) == (sourceID == nil):
			l.report(mistake(b.DefRange, "Import of no one instance", "An import block names one instance: write bid = \"…\", as the console shows it, or source_id = \"…\", and not both."))
		default:
			decoded = append(decoded, importBlock{to: to, region: content.Attributes["region"], bid: bid, sourceID: sourceID, at: headOf(b, content.Attributes["to"])})
		}
	}
	return decoded
}

// imports evaluates the import blocks, and checks them against the orders, unless these have mistakes of their own.
func (l *loader) imports(d *document, orders []order.Order) []order.Import {
	sound := !l.diags.HasErrors()
	var imports []order.Import
	first := map[string]hcl.Range{}
	for _, b := range d.imports {
		i, ok := l.evaluateImport(b)
		if !ok {
			continue
		}
		id := i.BID + " " + i.SourceID
		if at, again := first[id]; again {
			l.report(duplicate(b.at, "Imported twice", "an import block for "+strings.TrimSpace(id), at, "Each instance belongs to one order. Remove one"))
			continue
		}
		first[id] = b.at
		if sound && l.checkImport(d, orders, b) {
			imports = append(imports, i)
		}
	}
	return imports
}

func (l *loader) evaluateImport(b importBlock) (order.Import, bool) {
	i := order.Import{To: b.to, At: place(b.at)}
	a, into := b.bid, &i.BID
	if a == nil {
		a, into = b.sourceID, &i.SourceID
	}
	text, ok := l.plainText(a)
	if !ok {
		return i, false
	}
	if text == "" || len(text) > order.MaxTextLength || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || !strconv.IsPrint(r) }) {
		l.report(mistake(a.Expr.Range(), "Not an id", "%s is %s, which can't be an id. Copy it from the console: one word, without spaces.", a.Name, described(cty.StringVal(text))))
		return i, false
	}
	*into = text
	return i, true
}

// checkImport reports an import for what the files do not order, or in another region than they order it in.
func (l *loader) checkImport(d *document, orders []order.Order, b importBlock) bool {
	at, found := slices.BinarySearchFunc(orders, b.to, func(o order.Order, a order.Address) int { return o.Address.Compare(a) })
	if !found {
		hint := " Its block has other keys: bastion-fleet plan shows them."
		if d.orders[b.to.Name] == nil {
			hint = didYouMeanOneOf(b.to.Name, slices.Sorted(maps.Keys(d.orders)), "order blocks")
		}
		l.report(mistake(b.at, "Import for an unknown order", "The files do not order %s.%s", b.to, hint))
		return false
	}
	if b.region == nil {
		return true
	}
	region, ok := l.plainText(b.region)
	if ok && region != orders[at].Region {
		l.report(mistake(b.region.Expr.Range(), "Import in another region", "%s is ordered in %s, and the instance is said to be in %s. Set the one to the other, or name another order.",
			b.to, orders[at].Region, described(cty.StringVal(region))))
		return false
	}
	return ok
}

// plainText evaluates an attribute that must be a text, and no secret: it is shown in plans.
func (l *loader) plainText(a *hcl.Attribute) (string, bool) {
	v, ok := l.evaluate(a, noRepetition)
	if !ok {
		return "", false
	}
	switch {
	case l.refuseSensitive(v, a.Expr.Range(), a.Name):
		return "", false
	case v.IsNull() || v.Type() != cty.String:
		l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be text, not %s.", a.Name, described(v)))
		return "", false
	}
	return v.AsString(), true
}
