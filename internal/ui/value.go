package ui

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// unknownText stands for what nobody knows before it is bought.
const unknownText = "(known after apply)"

// A valueStyle says how values are laid out.
type valueStyle struct {
	oneLine bool
	most    int // lines; more of them are left out. 0 is all
}

// valueText is a value as a fleet file would have it, with what is sensitive or unknown named in its place. Its size is
// bounded by whoever evaluated it; see [fleet.MaxShownValues].
func valueText(v cty.Value, style valueStyle) (text string, whole bool) {
	p := &valuePrinter{valueStyle: style}
	p.value(v, "")
	return p.text.String(), !p.cut && !p.full()
}

type valuePrinter struct {
	valueStyle
	text  strings.Builder
	lines int
	cut   bool // a line was shortened
}

// full tells whether no further line may begin.
func (p *valuePrinter) full() bool { return p.most > 0 && p.lines >= p.most }

// value prints v; what follows on further lines begins with indent.
func (p *valuePrinter) value(v cty.Value, indent string) {
	switch {
	case v.IsMarked():
		p.print(order.SensitiveText)
	case !v.IsKnown():
		p.print(unknownText)
	case v.IsNull():
		p.print(nullText(v.Type()))
	case v.Type() == cty.String:
		p.string(v.AsString(), indent)
	case v.Type() == cty.Number:
		p.print(v.AsBigFloat().Text('f', -1))
	case v.Type() == cty.Bool:
		p.print(fmt.Sprint(v.True()))
	case v.CanIterateElements():
		before, after := brackets(v.Type())
		p.print(before)
		p.elements(v, indent)
		p.print(after)
	}
}

func (p *valuePrinter) print(text string) { p.text.WriteString(text) }

// nullText tells of which type a null is, where that is known.
func nullText(t cty.Type) string {
	switch t {
	case cty.String, cty.Number, cty.Bool:
		return fmt.Sprintf("to%s(null)", t.FriendlyName())
	default:
		return "null"
	}
}

// brackets tell the collections apart that look alike.
func brackets(t cty.Type) (before, after string) {
	switch {
	case t.IsListType():
		return "tolist([", "])"
	case t.IsSetType():
		return "toset([", "])"
	case t.IsMapType():
		return "tomap({", "})"
	case t.IsObjectType():
		return "{", "}"
	default:
		return "[", "]"
	}
}

// elements prints an element a line, or all of them on one.
func (p *valuePrinter) elements(v cty.Value, indent string) {
	if v.LengthInt() == 0 {
		return
	}
	named := v.Type().IsObjectType() || v.Type().IsMapType()
	inner, lead, between, trail, last := indent+"  ", "\n"+indent+"  ", "", ",", "\n"+indent
	switch {
	case p.oneLine && named:
		lead, between, trail, last = " ", ",", "", " "
	case p.oneLine:
		lead, between, trail, last = "", ", ", "", ""
	case named:
		trail = ""
	}
	first := true
	for it := v.ElementIterator(); it.Next(); first = false {
		if !first {
			p.print(between)
		}
		p.print(lead)
		if p.lines++; p.full() {
			p.print(ellipsis)
			break
		}
		key, element := it.Element()
		if named {
			p.print(quotedText(key.AsString()) + " = ")
		}
		p.value(element, inner)
		p.print(trail)
	}
	p.print(last)
}

// string prints text in quotes, and text of whole lines as lines.
func (p *valuePrinter) string(s, indent string) {
	body, whole := strings.CutSuffix(s, "\n")
	if p.oneLine || !whole || body == "" {
		p.print(p.shortened(quotedText(s)))
		return
	}
	p.print("<<-EOT\n")
	for line := range strings.SplitSeq(body, "\n") {
		if p.lines++; p.full() {
			p.print(indent + "  " + ellipsis + "\n")
			break
		}
		p.print(strings.TrimRight(indent+"  "+p.shortened(Sanitize(line)), " ") + "\n")
	}
	p.print(indent + "EOT")
}

// shortened bounds a line where the number of lines is bounded.
func (p *valuePrinter) shortened(line string) string {
	if p.most == 0 {
		return line
	}
	p.cut = p.cut || widthOf(line) > longestSource
	return shorten(line, longestSource)
}

// quotedText is a text as a fleet file has it: no character of it acts on a terminal.
func quotedText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case isVisible(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
