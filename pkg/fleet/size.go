package fleet

import (
	"errors"
	"fmt"
	"slices"

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
	m := measure{maxValues: maxValues, maxText: maxText}
	m.count(v)
	if err := m.exceeded(); err != nil {
		return err
	}
	return m.walk(v)
}

// A measure counts the parts of a value, as far as its bounds.
type measure struct {
	maxValues, maxText int
	values, text       int
	unprintable        bool
}

// exceeded returns which bound what was counted goes beyond.
func (m *measure) exceeded() error {
	switch {
	case m.values > m.maxValues:
		return fmt.Errorf("it has more than %s values", thousands(m.maxValues))
	case m.unprintable:
		return errUnprintable
	case m.text > m.maxText:
		return fmt.Errorf("it has more than %s MiB of text", thousands(m.maxText>>20))
	}
	return nil
}

// count counts a value without its parts.
func (m *measure) count(v cty.Value) {
	m.values++
	switch t := v.Type(); {
	case t != cty.String && t != cty.Number:
	case !v.IsKnown() || v.IsNull():
	case t == cty.String:
		v, _ = v.Unmark()
		m.text += len(v.AsString())
	default:
		v, _ = v.Unmark()
		m.unprintable = m.unprintable || isHuge(v)
	}
}

// walk counts the parts of a value that is counted itself.
func (m *measure) walk(v cty.Value) error {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull() || !v.CanIterateElements():
		return nil
	case v.Type().IsObjectType():
		return m.walkObject(v)
	}
	keyed := v.Type().IsMapType()
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if keyed {
			m.text += len(key.AsString())
		}
		m.count(element)
		if err := m.exceeded(); err != nil {
			return err
		}
		if err := m.walk(element); err != nil {
			return err
		}
	}
	return nil
}

// walkObject counts all attributes before their parts, so that their order, which takes long to find, matters only where
// some have parts: a row of a CSV file has none, and of those there are a million.
func (m *measure) walkObject(v cty.Value) error {
	var withParts []string
	for name, t := range v.Type().AttributeTypes() {
		m.text += len(name)
		m.count(v.GetAttr(name))
		if !t.IsPrimitiveType() {
			withParts = append(withParts, name)
		}
	}
	if err := m.exceeded(); err != nil {
		return err
	}
	slices.Sort(withParts)
	for _, name := range withParts {
		if err := m.walk(v.GetAttr(name)); err != nil {
			return err
		}
	}
	return nil
}
