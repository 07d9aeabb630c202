package fleet

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Some functions return more than they are given, and some walk through everything in their arguments, which may be much
// more than memory holds when parts of it are the same. What they would come to is found first.

// maxElements bounds what one call of a function returns.
const maxElements = 5_000_000

// maxRegexText bounds the text that a regular expression is matched against, in bytes: each match becomes a value.
const maxRegexText = 4 << 20

// An estimate returns an error if a call would come to too much. Its arguments are of the types that the
// function takes, but may be unknown, null or marked.
type estimate func(args []cty.Value) error

var estimates = map[string]estimate{
	"chunklist": walked, "distinct": walked, "flatten": walked, "jsonencode": walked, "index": walked, "sort": walked, "yamlencode": walked,
	"setintersection": walked, "setsubtract": walked, "setsymmetricdifference": walked, "setunion": walked, "toset": walked, "tolist": walked, "tomap": walked,
	"concat": elementsOfAll, "merge": elementsOfAll, "coalescelist": elementsOfAll,
	"format": formatted, "formatlist": formatted,
	"indent":       indented,
	"join":         joined,
	"parseint":     digits,
	"regex":        matched,
	"regexall":     matched,
	"regexreplace": replaced, "replace": replaced,
	"setproduct": product,
	"split":      separated,
}

// estimated is f, refusing calls that would come to too much, if that has to be found first.
func estimated(f function.Function, check estimate) function.Function {
	if check == nil {
		return f
	}
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		VarParam:    f.VarParam(),
		Type:        function.StaticReturnType(cty.DynamicPseudoType), // to find it may take as long as the call
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if err := check(args); err != nil {
				return cty.NilVal, err
			}
			return f.Call(args)
		},
	})
}

var errTooMuch = fmt.Errorf("it would come to more than %s values or %d MiB of text", thousands(maxElements), MaxText>>20)

// walked is for functions that look at everything in their arguments.
func walked(args []cty.Value) error {
	for _, arg := range args {
		if err := boundedValue(arg); err != nil {
			return err
		}
	}
	return nil
}

// elementsOfAll is for functions that put the elements of their arguments together.
func elementsOfAll(args []cty.Value) error {
	total := 0
	for _, arg := range args {
		if total += countOf(arg); total > maxElements {
			return errTooMuch
		}
	}
	return nil
}

// joined is for a separator and lists of texts.
func joined(args []cty.Value) error {
	total := 0
	for _, list := range args[1:] {
		if list, _ = list.Unmark(); countOf(list) == 0 { // or no list, which the function refuses
			continue
		}
		for it := list.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if total += len(textOf(element)) + len(textOf(args[0])); total > MaxText {
				return errTooMuch
			}
		}
	}
	return nil
}

// widths are what a format asks for beside its arguments, as in "%9.2f", where it is much. A 0 before it is no part of it.
var widths = regexp.MustCompile(`%[^a-zA-Z%]*[1-9][0-9]{3,}`)

// formatted is for a format and its arguments, of which lists are formatted element by element. Each verb may name the
// longest argument.
func formatted(args []cty.Value) error {
	format := textOf(args[0])
	if widths.MatchString(format) {
		return errors.New("a width or precision in it is over 999")
	}
	longest, elements := 0, 1
	for _, arg := range args[1:] {
		if err := checkSize(arg); err != nil {
			return err
		}
		longest, elements = max(longest, len(textOf(arg)), longestElement(arg)), max(elements, countOf(arg))
	}
	return fitsText(elements, len(format)+strings.Count(format, "%")*max(longest, 1000))
}

func longestElement(list cty.Value) int {
	longest := 0
	if list, _ = list.Unmark(); countOf(list) > 0 {
		for it := list.ElementIterator(); it.Next(); {
			_, element := it.Element()
			longest = max(longest, len(textOf(element)))
		}
	}
	return longest
}

// indented is for a number of spaces and a text.
func indented(args []cty.Value) error {
	return fitsText(strings.Count(textOf(args[1]), "\n")+1, numberOf(args[0])+1)
}

// replaced is for a text, what is replaced in it, and what by: at most once before each character and at the end.
func replaced(args []cty.Value) error {
	return fitsText(len(textOf(args[0]))+1, len(textOf(args[2])))
}

// matched is for a pattern and a text.
func matched(args []cty.Value) error {
	if len(textOf(args[1])) > maxRegexText {
		return fmt.Errorf("a regular expression is matched against %d MiB at most", maxRegexText>>20)
	}
	return nil
}

// digits is for a text that is a number: to read it takes the square of its length.
func digits(args []cty.Value) error {
	if arg, _ := args[0].Unmark(); len(textOf(arg)) > MaxBits {
		return fmt.Errorf("a number has %s digits at most", thousands(MaxBits))
	}
	return nil
}

// product is for sets of which each combination is returned.
func product(args []cty.Value) error {
	total := 1
	for _, arg := range args {
		if n := countOf(arg); n > 0 {
			if total > maxElements/n {
				return errTooMuch
			}
			total *= n
		}
	}
	return fitsText(total, len(args))
}

// separated is for a separator and a text.
func separated(args []cty.Value) error {
	if strings.Count(textOf(args[1]), textOf(args[0])) > maxElements {
		return errTooMuch
	}
	return nil
}

// fitsText refuses n times size.
func fitsText(n, size int) error {
	if size > 0 && n > MaxText/size {
		return errTooMuch
	}
	return nil
}

// textOf is the text that a value is, or "".
func textOf(v cty.Value) string {
	if v, _ = v.Unmark(); v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		return v.AsString()
	}
	return ""
}

// countOf is the number of a collection's elements, or 0.
func countOf(v cty.Value) int {
	if v, _ = v.Unmark(); v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		return v.LengthInt()
	}
	return 0
}

// numberOf is the number that a value is, or 0. One beyond the bound of a text is as good as any beyond it.
func numberOf(v cty.Value) int {
	if v, _ = v.Unmark(); v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	return int(min(max(n, 0), MaxText))
}
