package fleet

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A kind is what values a field takes.
type kind uint8

const (
	kindText kind = iota
	kindNumber
	kindFlag
)

var kinds = [...]struct {
	typ  cty.Type
	name string
}{
	kindText:   {cty.String, "text"},
	kindNumber: {cty.Number, "a whole number"},
	kindFlag:   {cty.Bool, "true or false"},
}

// read turns an evaluated value into a setting, which says what mark the value had. An unknown value comes from a mistake
// that is reported elsewhere.
func (k kind) read(v cty.Value) (setting, error) {
	if !isSensitive(v) {
		return k.readPlain(v)
	}
	plain, _ := v.UnmarkDeep()
	read, err := k.readPlain(plain)
	if err != nil {
		return read, fmt.Errorf("must be %s, not %s", kinds[k].name, order.SensitiveText)
	}
	read.sensitive = read.state != unset
	return read, nil
}

func (k kind) readPlain(v cty.Value) (setting, error) {
	if v.Type() != kinds[k].typ {
		converted, err := convertScalar(v, kinds[k].typ)
		if err != nil {
			return setting{state: failed}, fmt.Errorf("must be %s, not %s", kinds[k].name, described(v))
		}
		v = converted
	}
	switch {
	case !v.IsKnown():
		return setting{state: failed}, nil
	case v.IsNull():
		return setting{}, nil
	case k == kindText:
		return setting{state: set, text: v.AsString()}, nil
	case k == kindFlag && v.True():
		return setting{state: set, number: 1}, nil
	case k == kindFlag:
		return setting{state: set}, nil
	}
	n, ok := wholeNumber(v)
	if !ok {
		return setting{state: failed}, fmt.Errorf("must be a whole number, not %s", printedNumber(v))
	}
	return setting{state: set, number: n}, nil
}

// MaxBits bounds numbers, as a power of two: 1e99999999 takes minutes and megabytes to write down.
const MaxBits = 1024

var errHuge = errors.New("a number of that size")

// convertScalar converts a value to text, a number or a flag, where that can be done in reasonable time.
func convertScalar(v cty.Value, want cty.Type) (cty.Value, error) {
	if isHuge(v) && want != cty.Number {
		return cty.NilVal, errHuge
	}
	return convert.Convert(v, want)
}

func isHuge(v cty.Value) bool {
	if v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return false
	}
	exponent := v.AsBigFloat().MantExp(nil)
	return v.AsBigFloat().IsInf() || exponent > MaxBits || exponent < -MaxBits
}

func printedNumber(v cty.Value) string {
	if isHuge(v) {
		return errHuge.Error()
	}
	return v.AsBigFloat().Text('g', 10)
}

// wholeNumber returns a known number as an int, if it is one that fits in 32 bits.
func wholeNumber(v cty.Value) (int, bool) {
	n, accuracy := v.AsBigFloat().Int64()
	return int(n), accuracy == big.Exact && n >= math.MinInt32 && n <= math.MaxInt32
}

// described names a value that is of no use where it stands, without printing much of it.
func described(v cty.Value) string {
	if isSensitive(v) {
		return order.SensitiveText
	}
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String && len(v.AsString()) <= 64 {
		return fmt.Sprintf("%q", v.AsString())
	}
	switch t := v.Type(); {
	case v.IsNull():
		return "null"
	case isHuge(v):
		return errHuge.Error()
	case t.IsObjectType() || t.IsMapType():
		return "an object"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	default:
		return "a " + t.FriendlyName()
	}
}
