package bastion

import (
	"regexp"
	"slices"
	"strings"
)

// MaxSourceIDs bounds Error.SourceIDs. A call asks for far fewer instances.
const MaxSourceIDs = 1000

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

// namedIDs returns the ids that a body names, each once, in their order. Several buyIds are one text, parted by ", ".
func namedIDs(body []byte) (buyID string, sourceIDs []string) {
	sourceIDs = idsOf(namedSourceID, body)
	for _, list := range namedSources.FindAllSubmatch(body, -1) {
		sourceIDs = append(sourceIDs, idsOf(listedSource, list[1])...)
	}
	return strings.Join(distinct(idsOf(namedBuyID, body)), ", "), distinct(sourceIDs)
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

// distinct returns the ids without repetitions, at most MaxSourceIDs of them.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	ids = slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
	return ids[:min(len(ids), MaxSourceIDs)]
}
