package fleet

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// Bounds on a value that is printed.
const (
	MaxShownValues = 5_000_000 // texts, numbers, flags, and collections of them
	MaxShownText   = 64 << 20  // bytes of all its texts and keys
)

var errUnprintable = errors.New("it has a number of a size that nobody can read")

// checkSize returns why a value without marks can't be printed, or nil. It looks at no more than the bounds allow, however
// large the value is: parts that many others share count as often as they would be printed.
func checkSize(v cty.Value) error {
	values, text := 0, 0
	var walk func(v cty.Value) error
	walk = func(v cty.Value) error {
		if values++; values > MaxShownValues {
			return fmt.Errorf("it has more than %s values", thousands(MaxShownValues))
		}
		switch {
		case !v.IsKnown() || v.IsNull():
			return nil
		case v.Type() == cty.String:
			text += len(v.AsString())
		case v.Type() == cty.Number && (isHuge(v) || v.AsBigFloat().IsInf()):
			return errUnprintable
		case v.CanIterateElements():
			for it := v.ElementIterator(); it.Next(); {
				key, element := it.Element()
				if key.Type() == cty.String && !v.Type().IsSetType() {
					text += len(key.AsString())
				}
				if err := walk(element); err != nil {
					return err
				}
			}
		}
		if text > MaxShownText {
			return fmt.Errorf("it has more than %d MiB of text", MaxShownText>>20)
		}
		return nil
	}
	return walk(v)
}
