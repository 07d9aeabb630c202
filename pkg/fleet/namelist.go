package fleet

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A listed is an element of a setting that is a list of texts. Where the list is computed, it stands where the list does.
type listed struct {
	text string
	at   hcl.Range
}

// regionList reads a list of regions.
func (l *loader) regionList(a *hcl.Attribute, least int) []listed {
	list := l.texts(a, `regions, as in ["cn-north-1"]`, nil)
	return l.checkList(a, list, least, order.MaxWaveRegions, func(of listed) *hcl.Diagnostic {
		if err := order.CheckRegion(of.text); err != nil {
			return mistake(of.at, "Invalid region", "%s: %v.", a.Name, err)
		}
		return nil
	})
}

// patternList reads a list of patterns, each of which is returned with where it stands. One that is an address needs no quotes.
func (l *loader) patternList(a *hcl.Attribute) (list []listed, patterns []order.Pattern) {
	if a != nil {
		if address, ok := addressIn(a.Expr); ok {
			l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be a list of addresses: write [%s].", a.Name, address))
			return nil, nil
		}
	}
	list = l.texts(a, `addresses, as in ["order.gw", "order.branch*"]`, l.addressText)
	parsed := map[string]order.Pattern{}
	list = l.checkList(a, list, 1, order.MaxWaveOrders, func(of listed) *hcl.Diagnostic {
		p, err := order.ParsePattern(of.text)
		if err != nil {
			return mistake(of.at, "Invalid pattern", "%s: %v. Write an address, or how addresses begin and a *, as --target takes them.", a.Name, err)
		}
		parsed[of.text] = p
		return nil
	})
	for _, of := range list {
		patterns = append(patterns, parsed[of.text])
	}
	return list, patterns
}

// addressText returns the address that an expression is as it stands. What refers to an order and is none, it reports.
func (l *loader) addressText(expr hcl.Expression) (text string, done bool) {
	if address, ok := addressIn(expr); ok {
		return address.String(), true
	}
	toOrder := func(t hcl.Traversal) bool { return t.RootName() == "order" }
	if !slices.ContainsFunc(expr.Variables(), toOrder) {
		return "", false
	}
	l.report(mistake(expr.Range(), "Not an address",
		"Without quotes around it, an address is order.NAME, order.NAME[\"key\"] or order.NAME[0], as it stands. One that is computed is a text: \"order.NAME[${var.number}]\"."))
	return "", true
}

// textsOf are the elements' texts, nil of none.
func textsOf(list []listed) []string {
	var texts []string
	for _, of := range list {
		texts = append(texts, of.text)
	}
	return texts
}

// checkList reports a list that has too few or too many elements, and those that are wrong or there twice. It returns the
// others. A nil list is not written.
func (l *loader) checkList(a *hcl.Attribute, list []listed, least, most int, wrong func(listed) *hcl.Diagnostic) []listed {
	switch {
	case list == nil:
		return nil
	case len(list) < least: // what is computed and comes to nothing must not mean everything
		l.report(mistake(a.Expr.Range(), "Empty list", "%s names nothing. Name something, or leave it out: null is as good as not written.", a.Name))
	case len(list) > most:
		l.report(mistake(a.Expr.Range(), "Too long a list", "%s has %s elements; it may have %s.", a.Name, thousands(len(list)), thousands(most)))
		return nil
	}
	seen := make(map[string]bool, len(list))
	var kept []listed
	for _, of := range list {
		d := wrong(of)
		if d == nil && seen[of.text] {
			d = mistake(of.at, "Named twice", "%s has %s twice. Remove one; where the list is computed, write distinct(…) around it.",
				a.Name, described(cty.StringVal(of.text)))
		}
		if d != nil {
			l.report(d)
			continue
		}
		seen[of.text] = true
		kept = append(kept, of)
	}
	return kept
}

// texts reads a setting that is a list of texts, or returns nil where it is not written, null, or after reporting what is
// wrong. of says in a detail what they are. literal, if not nil, is asked first for the text of a written element, and whether it
// is done with it: with an empty text, because it is wrong.
func (l *loader) texts(a *hcl.Attribute, of string, literal func(hcl.Expression) (text string, done bool)) []listed {
	if a == nil {
		return nil
	}
	if elements, diags := hcl.ExprList(a.Expr); !diags.HasErrors() {
		return l.writtenTexts(a, elements, literal)
	}
	v, ok := l.evaluate(a, noRepetition)
	if l.refuseSensitive(v, a.Expr.Range(), a.Name) || !ok || v.IsNull() {
		return nil
	}
	if t := v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be a list of %s, not %s.", a.Name, of, described(v)))
		return nil
	}
	list := []listed{}
	for _, element := range v.AsValueSlice() {
		text, err := convertScalar(element, cty.String)
		if err != nil || text.IsNull() {
			l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be a list of %s, and one of its elements is %s.", a.Name, of, described(element)))
			return nil
		}
		list = append(list, listed{text.AsString(), a.Expr.Range()})
	}
	return list
}

// writtenTexts reads a list whose elements are written one by one. Where one of them is wrong, the others are returned all
// the same, unless there are none.
func (l *loader) writtenTexts(a *hcl.Attribute, elements []hcl.Expression, literal func(hcl.Expression) (text string, done bool)) []listed {
	list := []listed{}
	for i, expr := range elements {
		if literal != nil {
			if text, done := literal(expr); done {
				if text != "" {
					list = append(list, listed{text, expr.Range()})
				}
				continue
			}
		}
		element := &hcl.Attribute{Name: fmt.Sprintf("%s[%d]", a.Name, i), Expr: expr}
		v, ok := l.scalar(element, cty.String, "text")
		switch {
		case ok:
			list = append(list, listed{v.AsString(), expr.Range()})
		case v != cty.NilVal:
			l.report(mistake(expr.Range(), "Wrong type", "%s must be text, not null.", element.Name))
		}
	}
	if len(list) == 0 && len(elements) > 0 {
		return nil
	}
	return list
}
