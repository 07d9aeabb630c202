package order

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strconv"
	"strings"
)

// A Marker ends the description that an instance is bought with, so that a reconcile finds in a region's listing
// what a lost answer bought. Its text is [bf:FFFFLLLAAAAAAAAA]: a hash of the fleet's name, one of the state's
// lineage, and one of both with address and attempt, in Crockford's base 32. The first tells a fleet's purchases
// apart even when its state was lost; the second tells two states of one fleet apart.
type Marker string

const (
	markerOpen       = "[bf:"
	markerClose      = "]"
	markerFleetLen   = 4
	markerLineageLen = 3
	markerAttemptLen = 9
	markerDigits     = markerFleetLen + markerLineageLen + markerAttemptLen
	// MarkerLength is what a marker adds to a description, in bytes, its leading space included.
	MarkerLength = 1 + len(markerOpen) + markerDigits + len(markerClose)
)

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewMarker returns the marker of one attempt for an address. It is the same for the same four values.
func NewMarker(fleet, lineage string, a Address, attempt int) Marker {
	text := append(make([]byte, 0, 2*MarkerLength), markerOpen...)
	text = appendHash(text, markerFleetLen, fleet)
	text = appendHash(text, markerLineageLen, lineage)
	text = appendHash(text, markerAttemptLen, fleet, lineage, a.String(), strconv.Itoa(attempt))
	return Marker(append(text, markerClose...))
}

func appendHash(text []byte, digits int, parts ...string) []byte {
	joined := make([]byte, 0, 256)
	for i, part := range parts {
		if i > 0 {
			joined = append(joined, 0)
		}
		joined = append(joined, part...)
	}
	sum := sha256.Sum256(joined)
	return crockford.AppendEncode(text, sum[:])[:len(text)+digits]
}

// AppendTo returns desc as it goes out: with the marker, if there is one, at its end.
func (m Marker) AppendTo(desc string) string {
	switch {
	case m == "":
		return desc
	case desc == "":
		return string(m)
	default:
		return desc + " " + string(m)
	}
}

var markerAtEnd = regexp.MustCompile(`\[bf:[0-9A-HJKMNP-TV-Z]{` + strconv.Itoa(markerDigits) + `}\]$`)

// FindMarker returns the marker that ends desc, or an empty one.
func FindMarker(desc string) Marker {
	return Marker(markerAtEnd.FindString(desc))
}

// MayMention tells whether desc may have a marker in it anywhere: somebody may have written on behind it. It is not to be
// found by that, for a description can also speak of another instance's marker.
func MayMention(desc string) bool { return strings.Contains(desc, markerOpen) }

// MentionedIn tells whether desc has the marker in it anywhere.
func (m Marker) MentionedIn(desc string) bool { return m != "" && strings.Contains(desc, string(m)) }

// WithoutMarker returns desc as the order wished it: what AppendTo made a marker's end of is taken off again.
func WithoutMarker(desc string) string {
	m := FindMarker(desc)
	if m == "" {
		return desc
	}
	return strings.TrimSuffix(strings.TrimSuffix(desc, string(m)), " ")
}

// OfFleet tells whether the marker was made for a fleet of this name, whatever its state.
func (m Marker) OfFleet(fleet string) bool {
	return strings.HasPrefix(string(m), string(appendHash([]byte(markerOpen), markerFleetLen, fleet)))
}

// OfLineage tells whether the marker was made by this fleet with this state.
func (m Marker) OfLineage(fleet, lineage string) bool {
	text := appendHash([]byte(markerOpen), markerFleetLen, fleet)
	return strings.HasPrefix(string(m), string(appendHash(text, markerLineageLen, lineage)))
}
