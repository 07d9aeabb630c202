package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A version is major, minor and patch. What follows a - or + is left out: a pre-release counts as its release.
type version [3]int

func parseVersion(s string) (version, error) {
	v, _, err := parseVersionParts(s)
	return v, err
}

// parseVersionParts returns how many numbers were written, too.
func parseVersionParts(s string) (version, int, error) {
	core := strings.TrimPrefix(strings.TrimSpace(s), "v")
	if i := strings.IndexAny(core, "-+"); i >= 0 {
		core = core[:i]
	}
	parts := strings.Split(core, ".")
	var v version
	if len(parts) > len(v) {
		return v, 0, fmt.Errorf("%q is not a version", s)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return v, 0, fmt.Errorf("%q is not a version", s)
		}
		v[i] = int(n)
	}
	return v, len(parts), nil
}

// A constraint is an operator and a version: ">= 0.1".
type constraint struct {
	operator string
	version  version
	parts    int // numbers written
}

type constraints []constraint

// operators are the known ones; a longer one stands before its own beginning.
var operators = []string{">=", "<=", "!=", "~>", ">", "<", "="}

// parseConstraints reads constraints separated by commas. All of them must hold.
func parseConstraints(s string) (constraints, error) {
	var all constraints
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		c := constraint{operator: "="}
		if i := slices.IndexFunc(operators, func(op string) bool { return strings.HasPrefix(part, op) }); i >= 0 {
			c.operator, part = operators[i], part[len(operators[i]):]
		}
		var err error
		if c.version, c.parts, err = parseVersionParts(part); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (all constraints) allow(v version) bool {
	return !slices.ContainsFunc(all, func(c constraint) bool { return !c.allows(v) })
}

func (c constraint) allows(v version) bool {
	order := slices.CompareFunc(v[:], c.version[:], cmp.Compare[int])
	switch c.operator {
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "!=":
		return order != 0
	case "~>": // all numbers but the last are as written, the last is at least that
		fixed := max(1, c.parts-1)
		return order >= 0 && slices.Equal(v[:fixed], c.version[:fixed])
	default:
		return order == 0
	}
}
