package ui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize returns s as it may be shown on one line: control and bidirectional characters, other invisible ones and
// invalid UTF-8 are replaced by a visible escape such as \x1b or \u202e.
func Sanitize(s string) string { return sanitize(s, false) }

// SanitizeText is Sanitize for text of several lines: line ends stay.
func SanitizeText(s string) string { return sanitize(s, true) }

func sanitize(s string, lines bool) string {
	if isPlainASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteRune(utf8.RuneError)
		case isVisible(r), lines && r == '\n':
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
	}
	return b.String()
}

func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isVisible tells whether a rune shows as itself and changes nothing around it. Unicode's format characters, which
// reverse or hide text, are in none of these classes.
func isVisible(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)
}
