package bastion

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// MaxNamedIDs bounds how many buyIds and how many sourceIds an Error holds. A call asks for far fewer instances.
const MaxNamedIDs = 1000

// An answer that does not plainly say that it bought may name a purchase all the same: a 200 that broke off behind its
// ids, a 500 that was made of a success, two answers run into one. What such a body names is the only thread to what
// the call bought, so the ids are looked for in its text, whatever stands around them. An id counts only when the text
// holds all of it: half an id is another id.
var (
	namedBuyID    = regexp.MustCompile(`(?i)"buyId"\s*:\s*` + wholeID)
	namedSourceID = regexp.MustCompile(`(?i)"sourceId"\s*:\s*` + wholeID)
	namedSources  = regexp.MustCompile(`(?i)"sourceIds"\s*:\s*\[\s*((?:(?:"[^"\\]*"|[0-9]+|null)\s*[,\]]\s*)+)`)
	listedSource  = regexp.MustCompile(wholeID)
)

// wholeID is a text of 1 to 256 bytes without escapes and control characters, or a number with what ends it.
const wholeID = `(?:"([^"\\\x00-\x1f\x7f]{1,256})"|([0-9]{1,40})\s*[,}\]])`

// namedIDs are ids of purchases, each once, in the order of the text that names them.
type namedIDs struct{ buys, sources []string }

func (n namedIDs) none() bool { return len(n.buys) == 0 && len(n.sources) == 0 }

// findIDs returns what a body names, wherever in it.
func findIDs(body []byte) namedIDs {
	sources := idsOf(namedSourceID, body)
	for _, list := range namedSources.FindAllSubmatch(body, -1) {
		sources = append(sources, idsOf(listedSource, list[1])...)
	}
	return namedIDs{distinct(idsOf(namedBuyID, body)), distinct(sources)}
}

// idsOf returns what the pattern, which ends in wholeID, finds.
func idsOf(pattern *regexp.Regexp, text []byte) []string {
	var ids []string
	for _, found := range pattern.FindAllSubmatch(text, -1) {
		if id := strings.TrimSpace(string(found[1]) + string(found[2])); id != "" {
			ids = append(ids, strings.ToValidUTF8(id, "?"))
		}
	}
	return ids
}

// distinct returns the ids without repetitions.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// plain returns those ids that may stand in a record of a failure: at most MaxNamedIDs, of at most 256 bytes, without
// control characters.
func plain(ids []string) []string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return len(id) > 256 || strings.ContainsFunc(id, unicode.IsControl)
	})
	return ids[:min(len(ids), MaxNamedIDs)]
}

// claims are the ids that the answers of a client's calls named. Each purchase is named by the answer to one call.
type claims struct {
	mu   sync.Mutex
	seen map[string]bool
}

// claim tells whether no earlier answer named any of the ids, and remembers them.
func (c *claims) claim(ids namedIDs) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = true
	for _, id := range ids.buys {
		first = first && !c.seen["buy "+id]
		c.seen["buy "+id] = true
	}
	for _, id := range ids.sources {
		first = first && !c.seen["source "+id]
		c.seen["source "+id] = true
	}
	return first
}
