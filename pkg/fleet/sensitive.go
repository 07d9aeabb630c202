package fleet

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A value that must not be shown carries the mark sensitive, which go-cty passes on to whatever is made of the value.
// Where a value leaves the language it loses its mark, and whoever takes the mark off has to remember it: a setting
// does for an order's field. What is shown, or decides what is bought and where, takes no sensitive value.
type mark string

const sensitive mark = "sensitive"

// isSensitive tells whether the value or a part of it is sensitive. It looks at all parts: ask of settings, not of data.
func isSensitive(v cty.Value) bool {
	return v.IsMarked() || !v.Type().IsPrimitiveType() && v.ContainsMarked()
}

// refuseSensitive reports a sensitive value where none may be, also one that is not known. what says in the detail what
// is shown or decided by it.
func (l *loader) refuseSensitive(v cty.Value, at hcl.Range, what string) bool {
	if isNothing(v) || !isSensitive(v) {
		return false
	}
	l.report(sensitiveMistake(at, what))
	return true
}

func sensitiveMistake(at hcl.Range, what string) *hcl.Diagnostic {
	return mistake(at, "Sensitive value not allowed",
		"%s can't come from a sensitive value: whoever approves a plan has to see it. Use another value, or write nonsensitive(…) around it if everybody may see it.", what)
}

// secretive tells whether evaluating the expression may come upon a sensitive value. It is cautious, and follows
// references alone: inside of a loop over a sensitive collection, and inside of a function, values carry no marks.
func (s scope) secretive(expr hcl.Expression) bool {
	for _, t := range expr.Variables() {
		name := referredName(t)
		switch t.RootName() {
		case "var":
			if v := s.variables[name]; v != nil && v.sensitive {
				return true
			}
		case "local":
			if other := s.locals[name]; other != nil && other.secretive {
				return true
			}
		case "each":
			if s.secretiveElements {
				return true
			}
		case "order":
			if s.secretiveOrders {
				return true
			}
		case "count":
		default:
			if s.secretiveIterator {
				return true
			}
		}
	}
	return s.mentionsSensitive(expr.Range())
}

// mentionsSensitive tells whether the function sensitive may be called at a place.
func (s scope) mentionsSensitive(r hcl.Range) bool {
	file := s.files[r.Filename]
	return file != nil && r.CanSliceBytes(file.Bytes) && bytes.Contains(r.SliceBytes(file.Bytes), []byte("sensitive"))
}

// harmless are the complaints about an expression whose details can't hold a value, whatever it is evaluated with.
var harmless = map[string]bool{
	"Call to unknown function": true, "Function calls not allowed": true, "Not enough function arguments": true,
	"Too many function arguments": true, "Unknown variable": true, "Variables not allowed": true,
	"Expression out of bounds": true,
}

// explained returns an expression's diagnostics as they may be reported: each once, and without what an expression with
// sensitive values may have said of them.
func (s scope) explained(expr hcl.Expression, diags hcl.Diagnostics) hcl.Diagnostics {
	if len(diags) == 0 {
		return nil
	}
	if !s.secretive(expr) {
		return collapse(diags)
	}
	hidden := make(hcl.Diagnostics, len(diags))
	for i, d := range diags {
		hidden[i] = d
		if !harmless[d.Summary] {
			hidden[i] = mistake(expr.Range(), d.Summary,
				"This can't be evaluated. Why is not shown: it uses sensitive values, which the reason may name.")
		}
	}
	return collapse(hidden)
}

// sensitive are the order's fields whose values came from sensitive ones.
func (s *settings) sensitive() order.FieldSet {
	var set order.FieldSet
	for f := range fieldCount {
		if s[f].sensitive {
			set |= hiddenAs(f)
		}
	}
	return set
}

// hiddenAs is the order's field that a setting goes into, where that may be sensitive: an activity is a part of the voucher.
func hiddenAs(f field) order.FieldSet {
	if f == fieldActivityType || f == fieldActivityIdentifier {
		f = fieldBuyScenario
	}
	return order.FieldSetOf(fields[f].path) & order.Hideable
}

// anyValue is a parameter that takes whatever there is, as it is.
var anyValue = function.Parameter{
	Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
}

func sameType(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil }

var sensitiveFunction = function.New(&function.Spec{
	Description: "Returns the value, marked as one that must not be shown.",
	Params:      []function.Parameter{anyValue},
	Type:        sameType,
	Impl:        func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Mark(sensitive), nil },
})

var nonsensitiveFunction = function.New(&function.Spec{
	Description: "Returns the value as one that may be shown. Its parts keep their own marks.",
	Params:      []function.Parameter{anyValue},
	Type:        sameType,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, _ := args[0].Unmark()
		return v, nil
	},
})

var isSensitiveFunction = function.New(&function.Spec{
	Description: "Tells whether the value is marked as one that must not be shown.",
	Params:      []function.Parameter{anyValue},
	Type:        function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return cty.BoolVal(args[0].HasMark(sensitive)), nil
	},
})
