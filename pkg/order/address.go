package order

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxKeyLength bounds a for_each key, in bytes.
const MaxKeyLength = 256

// MaxNameLength bounds an order block's name, in bytes.
const MaxNameLength = 128

// An Address names an order within its fleet: order.gw, order.gw[0] or order.branch["bj"]. It is comparable and
// its zero value names nothing.
type Address struct {
	Name string // the order block's label
	Key  Key    // which of the block's orders; NoKey without count and for_each
}

// A Key tells the orders of one block apart. The zero value is NoKey.
type Key struct {
	kind  keyKind
	index int
	text  string
}

type keyKind uint8

const (
	keyNone keyKind = iota
	keyIndex
	keyText
)

// NoKey is the key of an order without count and for_each.
var NoKey = Key{}

// IndexKey is the key of the i-th order of a block with count.
func IndexKey(i int) Key { return Key{kind: keyIndex, index: i} }

// TextKey is the key of an order of a block with for_each. CheckKey tells whether text may be one.
func TextKey(text string) Key { return Key{kind: keyText, text: text} }

// Text is the key without quotes: a text as it is, an index in decimal. NoKey's is empty.
func (k Key) Text() string {
	if k.kind == keyIndex {
		return strconv.Itoa(k.index)
	}
	return k.text
}

// CheckKey returns why text can't be a for_each key, or nil. A key is printed in every table and log, so it must
// be printable as it stands.
func CheckKey(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("a key must not be empty")
	case len(text) > MaxKeyLength:
		return fmt.Errorf("a key may be %d bytes long, this one is %d", MaxKeyLength, len(text))
	case !utf8.ValidString(text):
		return fmt.Errorf("a key must be valid UTF-8")
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("a key must be printable, %q is not", r)
		}
	}
	return nil
}

var validName = regexp.MustCompile(`^[\pL_][\pL\pN_-]*$`)

// CheckName returns why name can't label an order block, or nil.
func CheckName(name string) error {
	if len(name) > MaxNameLength {
		return fmt.Errorf("a name may be %d bytes long, this one is %d", MaxNameLength, len(name))
	}
	if !validName.MatchString(name) {
		return fmt.Errorf("%q is not a name: use a letter or _ first, then letters, digits, _ and -", name)
	}
	return nil
}

// String is the address as users write it. ParseAddress reads it back.
func (a Address) String() string {
	switch a.Key.kind {
	case keyIndex:
		return "order." + a.Name + "[" + strconv.Itoa(a.Key.index) + "]"
	case keyText:
		return "order." + a.Name + "[" + strconv.Quote(a.Key.text) + "]"
	default:
		return "order." + a.Name
	}
}

// Compare orders addresses by name, then by key: none first, then indexes by number, then texts.
func (a Address) Compare(b Address) int {
	return cmp.Or(
		strings.Compare(a.Name, b.Name),
		cmp.Compare(a.Key.kind, b.Key.kind),
		cmp.Compare(a.Key.index, b.Key.index),
		strings.Compare(a.Key.text, b.Key.text),
	)
}

// ParseAddress reads an address as String writes it.
func ParseAddress(s string) (Address, error) {
	rest, ok := strings.CutPrefix(s, "order.")
	if !ok {
		return Address{}, fmt.Errorf("%q is not an address: it begins with order., as in order.gw or order.branch[\"bj\"]", s)
	}
	name, bracket, keyed := strings.Cut(rest, "[")
	if err := CheckName(name); err != nil {
		return Address{}, fmt.Errorf("%q is not an address: %w", s, err)
	}
	if !keyed {
		return Address{Name: name}, nil
	}
	key, err := parseKey(bracket)
	if err != nil {
		return Address{}, fmt.Errorf("%q is not an address: %w", s, err)
	}
	return Address{Name: name, Key: key}, nil
}

// parseKey reads what follows the opening bracket.
func parseKey(s string) (Key, error) {
	inner, ok := strings.CutSuffix(s, "]")
	if !ok {
		return Key{}, fmt.Errorf("the closing ] is missing")
	}
	if strings.HasPrefix(inner, `"`) {
		text, err := strconv.Unquote(inner)
		if err != nil {
			return Key{}, fmt.Errorf("the key %s is not a quoted text", inner)
		}
		if err := CheckKey(text); err != nil {
			return Key{}, err
		}
		return TextKey(text), nil
	}
	i, err := strconv.Atoi(inner)
	if err != nil || i < 0 || strconv.Itoa(i) != inner {
		return Key{}, fmt.Errorf("the key %s is neither a number nor a quoted text", inner)
	}
	return IndexKey(i), nil
}

// MarshalText lets an address stand in JSON as its text.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Address) UnmarshalText(text []byte) error {
	parsed, err := ParseAddress(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
