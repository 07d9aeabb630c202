package report

import (
	"html/template"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// firstRows is how many rows the page shows before it is asked for more.
const firstRows = 100

// orderColumns are the columns of the table of orders, in the sequence that the style sheet counts on.
var orderColumns = []pageColumn{
	{"Address", false}, {"End", false}, {"Buy id, or why not", false}, {"Region", false}, {"Wave", false}, {"Instances", true}, {"Cost", true},
	{"At", false}, {"Attempt", true}, {"Source ids", false}, {"Request id", false},
}

// tableClass says which columns of the table of orders have nothing in them.
func tableClass(r *Report) string {
	var classes []string
	if !named(r.Waves) {
		classes = append(classes, "no-wave")
	}
	if r.Spend == nil {
		classes = append(classes, "no-cost")
	}
	return strings.Join(classes, " ")
}

// orderRows returns the bodies of the table of orders, and how many orders are in it. They are written without the
// template, whose machinery takes a hundred times as long for each, by its rules of escaping.
func orderRows(r *Report) (html []byte, listed int) {
	html = append(html, "<tbody>\n"...)
	for o := range byAttention(r.Orders) {
		if listed == pageOrders || len(html) > pageOrderText {
			break
		}
		if listed == firstRows {
			html = append(html, "<tbody class=\"rest\">\n"...)
		}
		html = orderRow(html, o, r)
		listed++
	}
	return html, listed
}

// endMoods are the colours of the ends of orders.
var endMoods = map[End]string{EndInDoubt: "warn", EndFailed: "bad", EndNotTried: "none", EndUnderWay: "none", EndImported: "none"}

func orderRow(html []byte, o *Order, r *Report) []byte {
	html = append(html, "<tr><td>"...)
	html = appendText(html, o.Address)
	html = append(html, "<td>"...)
	if mood := endMoods[o.End]; mood != "" {
		html = append(append(append(html, `<span class="chip `...), mood...), `">`...)
		html = append(append(html, o.End.Words()...), "</span>"...)
	} else {
		html = append(html, o.End...)
	}
	if o.Why != "" {
		html = appendText(append(html, "<td class=w>"...), o.Why)
	} else {
		html = appendText(append(html, "<td class=i>"...), buyIDOf(o))
	}
	html = appendText(append(html, "<td>"...), o.Region)
	html = appendText(append(html, "<td>"...), o.Wave)
	html = append(append(html, "<td class=n>"...), grouped(o.Instances)...)
	html = append(html, "<td class=n>"...)
	switch {
	case o.Cost != nil:
		html = append(html, o.Cost.Grouped()...)
	case o.End == EndBought && r.Spend != nil:
		html = append(html, "unknown"...)
	}
	html = append(append(html, "<td>"...), clock(o.At, r)...)
	html = append(append(html, "<td class=n>"...), grouped(o.Attempt)...)
	html = appendText(append(html, "<td class=i>"...), strings.Join(o.SourceIDs, " "))
	html = appendText(append(html, "<td class=i>"...), o.RequestID)
	return append(html, "</tr>\n"...)
}

// appendText appends a text from outside.
func appendText(html []byte, text string) []byte {
	return append(html, template.HTMLEscapeString(ui.Sanitize(text))...)
}

// orders says what the table of orders holds.
func (p *page) orders(r *Report, listed int) {
	p.OrdersCaption = "What became of " + counted(len(r.Orders), "order")
	if len(r.Orders) != 1 {
		p.OrdersCaption = "What became of each of " + counted(len(r.Orders), "order")
	}
	if listed < len(r.Orders) {
		p.OrdersCaption = "What became of " + grouped(listed) + " of " + counted(len(r.Orders), "order")
		p.OrdersLeftOut = "A page can't show them all: those that need a look come first, then as many of the others as there is room for. " +
			counted(len(r.Orders)-listed, "order") + " are not here. All of them: " + whole(r, "csv")
	}
	if r.Unlisted > 0 {
		p.OrdersCaption += "; " + grouped(r.Unlisted) + " more, which the run never came to, are not named in its log"
	}
}
