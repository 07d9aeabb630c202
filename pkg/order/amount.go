package order

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// An Amount is money of one currency, which it doesn't name, in hundredths of its unit: exact, and never negative.
// What comes to more than MaxAmount is MaxAmount.
type Amount int64

const (
	// AmountDigits is how many digits of an amount stand behind the point.
	AmountDigits = 2
	// MaxAmount stands for itself and for everything above it. No price and no ceiling comes near it, so that a sum
	// that reached it is above every ceiling.
	MaxAmount Amount = math.MaxInt64
	// MaxPrice is the highest price of an instance, and MaxSpend the highest ceiling.
	MaxPrice = 1_000_000_000_000 * hundred
	MaxSpend = 1_000_000_000_000_000 * hundred

	hundred Amount = 100
)

// Plus is the sum.
func (a Amount) Plus(b Amount) Amount {
	if a > MaxAmount-b {
		return MaxAmount
	}
	return a + b
}

// Times is the amount n times; n is not negative.
func (a Amount) Times(n int) Amount {
	high, low := bits.Mul64(uint64(a), uint64(n))
	if high > 0 || low > uint64(MaxAmount) {
		return MaxAmount
	}
	return Amount(low)
}

// String is the amount as scripts read it, with both digits behind the point: 15096.00.
func (a Amount) String() string {
	return strconv.FormatInt(int64(a/hundred), 10) + fmt.Sprintf(".%02d", int64(a%hundred))
}

// Grouped is the amount as people read it: 15,096.00.
func (a Amount) Grouped() string {
	text := a.String()
	for i := len(text) - AmountDigits - 1 - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if a == MaxAmount {
		return "more than " + text
	}
	return text
}

// ParseAmount reads a decimal of at most two digits behind the point, such as 15096, 99.5 or 15096.00.
func ParseAmount(s string) (Amount, error) {
	whole, fraction, pointed := strings.Cut(s, ".")
	if len(fraction) > AmountDigits || pointed && fraction == "" || !digitsOnly(whole+fraction) || whole == "" {
		return 0, fmt.Errorf("%q is not an amount such as 15096.00", s)
	}
	n, err := strconv.ParseInt(whole+fraction+"00"[len(fraction):], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is too large for an amount", s)
	}
	return Amount(n), nil
}

func digitsOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// MarshalText lets an amount stand in JSON as its text: numbers would be read as binary fractions, which have no
// hundredths.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
