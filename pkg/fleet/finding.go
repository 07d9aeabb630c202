package fleet

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Findings gather what is wrong with orders. A mistake that all orders of a block have is one finding: the first
// order's diagnostic, with the number of the others.
type findings struct {
	inOrder []*finding
	byKey   map[findingKey]*finding
}

// A findingKey holds what makes two diagnostics one finding. Details may differ: they name values.
type findingKey struct {
	summary string
	subject hcl.Range
	field   field  // for findings about a field that is written nowhere: they share the block's header
	value   string // for findings about a value, wherever it is written; subject is empty then
}

type finding struct {
	key       findingKey
	diag      *hcl.Diagnostic
	count     int
	addresses []order.Address // the first few
}

// shownAddresses is how many orders a finding names.
const shownAddresses = 3

// add counts one order's mistake. build makes its diagnostic, for the first of a kind only.
func (f *findings) add(key findingKey, a order.Address, build func() *hcl.Diagnostic) {
	if f.byKey == nil {
		f.byKey = map[findingKey]*finding{}
	}
	known := f.byKey[key]
	if known == nil {
		known = &finding{key: key, diag: build()}
		f.byKey[key] = known
		f.inOrder = append(f.inOrder, known)
	}
	known.count++
	if len(known.addresses) < shownAddresses {
		known.addresses = append(known.addresses, a)
	}
}

// addDiagnostics counts the diagnostics of one order's expression.
func (f *findings) addDiagnostics(diags hcl.Diagnostics, a order.Address) {
	for _, d := range diags {
		f.add(keyOf(d), a, func() *hcl.Diagnostic { return d })
	}
}

// merge adds the findings of later orders.
func (f *findings) merge(later *findings) {
	for _, other := range later.inOrder {
		f.add(other.key, other.addresses[0], func() *hcl.Diagnostic { return other.diag })
		known := f.byKey[other.key]
		known.count += other.count - 1
		rest := other.addresses[1:]
		known.addresses = append(known.addresses, rest[:min(len(rest), shownAddresses-len(known.addresses))]...)
	}
}

// diagnostics returns one diagnostic for each finding, saying which orders it concerns.
func (f *findings) diagnostics() []*hcl.Diagnostic {
	var diags []*hcl.Diagnostic
	for _, known := range f.inOrder {
		d := *known.diag
		d.Detail = strings.TrimSpace(d.Detail) + known.concerns()
		diags = append(diags, &d)
	}
	return diags
}

// concerns is a sentence that names the orders, unless the place in the file says it.
func (f *finding) concerns() string {
	if f.count == 1 && f.addresses[0].Key == order.NoKey && f.key.value == "" {
		return ""
	}
	names := make([]string, len(f.addresses))
	for i, a := range f.addresses {
		names[i] = a.String()
	}
	switch more := f.count - len(names); more {
	case 0:
		return fmt.Sprintf(" This concerns %s.", strings.Join(names, ", "))
	case 1:
		return fmt.Sprintf(" This concerns %s and 1 more order.", strings.Join(names, ", "))
	default:
		return fmt.Sprintf(" This concerns %s and %s more orders.", strings.Join(names, ", "), thousands(more))
	}
}

// collapse keeps one of the diagnostics that an expression repeats for every element that it loops over.
func collapse(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(diags) == 0 {
		return nil
	}
	counts := map[findingKey]int{}
	var kept hcl.Diagnostics
	for _, d := range diags {
		key := keyOf(d)
		if counts[key]++; counts[key] == 1 && !otherOperand(d, kept) {
			kept = append(kept, d)
		}
	}
	for i, d := range kept {
		kept[i] = explain(d)
		if n := counts[keyOf(d)]; n > 1 {
			repeated := *kept[i]
			repeated.Detail += fmt.Sprintf(" This happens %s times here.", thousands(n))
			kept[i] = &repeated
		}
	}
	return kept
}

// otherOperand tells whether the last of the kept says of the same operation that its other operand is wrong.
func otherOperand(d *hcl.Diagnostic, kept hcl.Diagnostics) bool {
	if len(kept) == 0 || d.Summary != "Invalid operand" || d.Context == nil {
		return false
	}
	last := kept[len(kept)-1]
	return last.Summary == d.Summary && last.Context != nil && *last.Context == *d.Context
}

// keyOf is the key of a diagnostic about an expression.
func keyOf(d *hcl.Diagnostic) findingKey {
	key := findingKey{summary: d.Summary}
	if d.Subject != nil {
		key.subject = *d.Subject
	}
	return key
}
