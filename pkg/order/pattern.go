package order

import (
	"fmt"
	"slices"
	"strings"
)

// A Pattern selects addresses: a whole block (order.branch), one order (order.branch["bj"]), or everything that
// begins with what stands before a final * (order.branch["bj*, order.b*).
type Pattern struct {
	text     string
	exact    Address
	block    bool   // text names a block without a key: all of its orders match
	prefix   string // with prefixed: what an address must begin with
	prefixed bool
}

// ParsePattern reads a pattern as --target and --exclude take it.
func ParsePattern(s string) (Pattern, error) {
	if prefix, ok := strings.CutSuffix(s, "*"); ok {
		if !strings.HasPrefix(prefix, "order.") && !strings.HasPrefix("order.", prefix) {
			return Pattern{}, fmt.Errorf("%q selects nothing: every address begins with \"order.\"", s)
		}
		return Pattern{text: s, prefix: prefix, prefixed: true}, nil
	}
	a, err := ParseAddress(s)
	if err != nil {
		return Pattern{}, err
	}
	return Pattern{text: s, exact: a, block: a.Key == NoKey}, nil
}

// Match tells whether the pattern selects a.
func (p Pattern) Match(a Address) bool {
	switch {
	case p.prefixed:
		return a.begins(p.prefix)
	case p.block:
		return a.Name == p.exact.Name
	default:
		return a == p.exact
	}
}

// begins tells whether a's text begins with a prefix. The text is made only where its block leaves the answer open: a fleet
// is matched as a whole.
func (a Address) begins(prefix string) bool {
	rest, longer := strings.CutPrefix(prefix, "order.")
	switch {
	case !longer:
		return true // a part of "order."
	case len(rest) <= len(a.Name):
		return strings.HasPrefix(a.Name, rest)
	case !strings.HasPrefix(rest, a.Name):
		return false
	default:
		return strings.HasPrefix(a.String(), prefix)
	}
}

// Address returns the address that the pattern was written as, or false if it is how addresses begin. One without a key stands
// for a whole block.
func (p Pattern) Address() (Address, bool) { return p.exact, !p.prefixed }

// Block returns the name of the only block whose orders the pattern may match, or false and how the names of such blocks begin.
func (p Pattern) Block() (name string, only bool) {
	if !p.prefixed {
		return p.exact.Name, true
	}
	rest, longer := strings.CutPrefix(p.prefix, "order.")
	if !longer {
		return "", false
	}
	name, _, only = strings.Cut(rest, "[")
	return name, only
}

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// MarshalText lets a pattern stand in JSON as its text.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Pattern) UnmarshalText(text []byte) error {
	parsed, err := ParsePattern(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// A Matcher matches addresses against many patterns at once: it takes no longer for a hundred thousand than for one. The zero
// value, which has none, matches nothing.
type Matcher struct {
	exact    map[Address]bool
	blocks   map[string]bool // by name
	prefixes []string        // sorted, none of which begins with another
}

// NewMatcher returns a matcher of all addresses that one of the patterns matches.
func NewMatcher(patterns []Pattern) Matcher {
	m := Matcher{exact: map[Address]bool{}, blocks: map[string]bool{}}
	var prefixes []string
	for _, p := range patterns {
		switch {
		case p.prefixed:
			prefixes = append(prefixes, p.prefix)
		case p.block:
			m.blocks[p.exact.Name] = true
		default:
			m.exact[p.exact] = true
		}
	}
	slices.Sort(prefixes)
	for _, prefix := range prefixes {
		if last := len(m.prefixes) - 1; last < 0 || !strings.HasPrefix(prefix, m.prefixes[last]) {
			m.prefixes = append(m.prefixes, prefix)
		}
	}
	return m
}

// fewPrefixes are quicker to try one by one than to look up, for which the address's text is needed.
const fewPrefixes = 2

// Match tells whether one of the patterns selects a.
func (m Matcher) Match(a Address) bool {
	if m.blocks[a.Name] || m.exact[a] {
		return true
	}
	if len(m.prefixes) <= fewPrefixes {
		return slices.ContainsFunc(m.prefixes, a.begins)
	}
	text := a.String()
	i, exact := slices.BinarySearch(m.prefixes, text)
	return exact || i > 0 && strings.HasPrefix(text, m.prefixes[i-1])
}
