package fleet

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// Bounds on a value that is printed, and on one that others may refer to. Parts that are the same share their memory, but
// whatever looks at the value looks at each.
const (
	maxWalked    = 20_000_000 // of what a function walks through
	maxValueText = 1 << 30    // bytes of all its texts and keys

	MaxShownValues = 5_000_000 // texts, numbers, flags, and collections of them
	MaxShownText   = 64 << 20  // bytes of all its texts and keys
)

var errUnprintable = errors.New("it has a number of a size that nobody can read")

// checkSize returns why a value can't be printed, or nil. It looks at no more than the bounds allow, however
// large the value is: parts that many others share count as often as they would be printed.
func checkSize(v cty.Value) error { return checkSizeWithin(v, MaxShownValues, MaxShownText) }

func checkSizeWithin(v cty.Value, maxValues, maxText int) error {
	values, text := 0, 0
	var walk func(v cty.Value) error
	walk = func(v cty.Value) error {
		if values++; values > maxValues {
			return fmt.Errorf("it has more than %s values", thousands(maxValues))
		}
		v, _ = v.Unmark()
		switch {
		case !v.IsKnown() || v.IsNull():
			return nil
		case v.Type() == cty.String:
			text += len(v.AsString())
		case v.Type() == cty.Number && isHuge(v):
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
		if text > maxText {
			return fmt.Errorf("it has more than %s MiB of text", thousands(maxText>>20))
		}
		return nil
	}
	return walk(v)
}
