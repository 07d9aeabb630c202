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
	return Marker(markerOpen +
		markerHash(markerFleetLen, fleet) +
		markerHash(markerLineageLen, lineage) +
		markerHash(markerAttemptLen, fleet, lineage, a.String(), strconv.Itoa(attempt)) +
		markerClose)
}

func markerHash(digits int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return crockford.EncodeToString(sum[:])[:digits]
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
	return strings.HasPrefix(string(m), markerOpen+markerHash(markerFleetLen, fleet))
}

// OfLineage tells whether the marker was made by this fleet with this state.
func (m Marker) OfLineage(fleet, lineage string) bool {
	return strings.HasPrefix(string(m), markerOpen+markerHash(markerFleetLen, fleet)+markerHash(markerLineageLen, lineage))
}
