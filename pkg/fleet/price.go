package fleet

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A priceBlock is the prices block.
type priceBlock struct {
	block   *hcl.Block
	regions hcl.Blocks
	specs   []specPrice
}

// A specPrice is a spec block: what an instance of a spec costs, in one region or, with region empty, in all.
type specPrice struct {
	region, spec string
	header       hcl.Range
	month, year  *hcl.Attribute
}

var (
	pricesShape = shape{
		what: "the prices block", blocks: map[string][]string{"spec": {"name"}, "region": {"id"}},
		hints: map[string]string{
			"month":    `Write it in a spec block: spec "bastion-50" { month = … }.`,
			"year":     `Write it in a spec block: spec "bastion-50" { year = … }.`,
			"currency": "The block's label is the currency.",
		},
	}
	regionPricesShape = shape{what: "a region block of prices", blocks: map[string][]string{"spec": {"name"}}, hints: pricesShape.hints}
	specShape         = shape{
		what: "a spec block", attributes: []string{"month", "year"},
		hints: map[string]string{"hour": "What is paid for by the hour has no price here: nobody knows how long it will run."},
	}
)

func (l *loader) decodePrices(b *hcl.Block) *priceBlock {
	p := &priceBlock{block: b}
	content := l.content(b.Body, pricesShape)
	for _, inner := range content.Blocks {
		switch inner.Type {
		case "spec":
			l.decodeSpec(p, "", inner)
		case "region":
			p.regions = append(p.regions, inner)
			for _, spec := range l.content(inner.Body, regionPricesShape).Blocks {
				l.decodeSpec(p, inner.Labels[0], spec)
			}
		}
	}
	return p
}

func (l *loader) decodeSpec(p *priceBlock, region string, b *hcl.Block) {
	attrs := l.content(b.Body, specShape).Attributes
	s := specPrice{region: region, spec: b.Labels[0], header: b.DefRange, month: attrs["month"], year: attrs["year"]}
	if s.month == nil && s.year == nil {
		l.report(mistake(b.DefRange, "Empty price", "The spec block names no price. Write month = …, year = … or both."))
	}
	p.specs = append(p.specs, s)
}

// attributes returns the prices as they are written; of no block, none.
func (p *priceBlock) attributes() []*hcl.Attribute {
	if p == nil {
		return nil
	}
	var all []*hcl.Attribute
	for _, s := range p.specs {
		all = append(all, s.month, s.year)
	}
	return all
}

// prices evaluates the prices block.
func (l *loader) prices(d *document) order.Prices {
	if d.prices == nil {
		return order.Prices{}
	}
	p := order.Prices{Currency: l.currency(d.prices.block), List: map[order.PriceOf]order.Amount{}}
	type place struct{ region, spec string }
	seen := map[place]hcl.Range{}
	for _, s := range d.prices.specs {
		if first, ok := seen[place{s.region, s.spec}]; ok {
			l.report(duplicate(s.header, "Duplicate price", quoted("a price of spec", s.spec), first, "Remove one"))
			continue
		}
		seen[place{s.region, s.spec}] = s.header
		for unit, attribute := range map[string]*hcl.Attribute{order.UnitMonth: s.month, order.UnitYear: s.year} {
			if amount := l.amount(attribute, order.MaxPrice); amount != nil {
				p.List[order.PriceOf{Region: s.region, Spec: s.spec, Unit: unit}] = *amount
			}
		}
	}
	if len(p.List) > order.MaxPrices {
		l.report(mistake(d.prices.block.DefRange, "Too many prices", "The block names %s prices; it may name %s.", thousands(len(p.List)), thousands(order.MaxPrices)))
	}
	return p
}

func (l *loader) currency(b *hcl.Block) string {
	code := b.Labels[0]
	if !order.IsCurrency(code) {
		suggestion := ""
		if upper := strings.ToUpper(code); order.IsCurrency(upper) {
			suggestion = didYouMean(code, []string{upper})
		}
		l.report(mistake(b.LabelRanges[0], "Invalid currency", `%q is not a currency: write its three capital letters, such as "CNY".%s`, code, suggestion))
	}
	return code
}

// checkedSpecs bounds how many specs without a price are compared with those that have one.
const checkedSpecs = 100

// checkSpecs warns of specs that look like slips for one that has a price, each once. That others have none is for the
// plan to say: it knows which are bought.
func (l *loader) checkSpecs(d *document, orders []order.Order) {
	if d.prices == nil {
		return
	}
	var priced []string
	meant := map[string]string{}
	for _, s := range d.prices.specs {
		meant[s.spec] = ""
		if len(s.spec) <= order.MaxTextLength { // no order has a longer one
			priced = append(priced, s.spec)
		}
	}
	var found findings
	for i := range orders {
		o := &orders[i]
		suggestion, known := meant[o.Spec]
		if !known && len(o.Spec) <= order.MaxTextLength && len(meant) < len(d.prices.specs)+checkedSpecs {
			suggestion = closestName(o.Spec, priced)
			meant[o.Spec] = suggestion
		}
		if suggestion == "" {
			continue
		}
		found.add(findingKey{summary: "Spec without a price", value: o.Spec}, o.Address, func() *hcl.Diagnostic {
			return warning(d.writtenAt(o, fieldSpec), "Spec without a price",
				"The fleet names no price of the spec %q. Did you mean %q? If there is such a spec, give it a price.", o.Spec, suggestion)
		})
	}
	l.report(found.diagnostics()...)
}

// writtenAt is where an order's field is written: in its own block, its region's or defaults.
func (d *document) writtenAt(o *order.Order, f field) hcl.Range {
	own := d.orders[o.Address.Name].layer
	for _, written := range []*layer{own, d.regions[o.Region], d.defaults} {
		if written != nil && written.attrs[f] != nil {
			return written.attrs[f].Expr.Range()
		}
	}
	return own.header
}
