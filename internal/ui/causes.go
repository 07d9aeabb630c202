package ui

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Causes count what went wrong, like with like.
type causes struct {
	byKey map[string]*causeCount
	last  *causeCount // of the failure that was counted last
}

type causeCount struct {
	label string // what became of the orders: failed, in doubt, down
	text  string // of the first one
	count int
}

const (
	// maxCauses bounds how many are told apart: messages may hold what differs from call to call.
	maxCauses  = 200
	otherCause = "other causes"
)

// count takes one failure in. Those of one class and code whose messages differ only in words with digits, which are
// ids, addresses and times, have one cause.
func (c *causes) count(label string, f order.Failure) {
	key := label + "\n" + f.Class.String() + "\n" + f.Code + "\n" + withoutNumbers(f.Message)
	known, ok := c.byKey[key]
	if !ok {
		text := Cause(f)
		if len(c.byKey) >= maxCauses {
			key, text = label, otherCause
			known = c.byKey[key]
		}
		if known == nil {
			known = &causeCount{label: label, text: text}
			c.put(key, known)
		}
	}
	known.count++
	c.last = known
}

func (c *causes) put(key string, cause *causeCount) {
	if c.byKey == nil {
		c.byKey = map[string]*causeCount{}
	}
	c.byKey[key] = cause
}

// sorted returns the causes, the most frequent first.
func (c *causes) sorted() []*causeCount {
	all := make([]*causeCount, 0, len(c.byKey))
	for _, cause := range c.byKey {
		all = append(all, cause)
	}
	slices.SortFunc(all, func(a, b *causeCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.label, b.label), strings.Compare(a.text, b.text))
	})
	return all
}

// withoutNumbers is a message without its words that have digits.
func withoutNumbers(message string) string {
	words := strings.Fields(message)
	for i, word := range words {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			words[i] = "#"
		}
	}
	return strings.Join(words, " ")
}
