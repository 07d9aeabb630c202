package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Where the locale is East Asian, go-pretty takes characters of ambiguous width, such as the ellipsis, for two columns
// wide; terminals draw them one wide nevertheless.
func init() { text.OverrideRuneWidthEastAsianWidth(false) }

const ellipsis = "…"

// widthOf is the number of terminal columns that s takes. It must be sanitized, and without colours.
func widthOf(s string) int {
	if isPlainASCII(s) {
		return len(s)
	}
	width := 0
	for _, r := range s {
		width += text.RuneWidth(r)
	}
	return width
}

// shorten cuts s at its end so that it fits.
func shorten(s string, width int) string {
	if widthOf(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return takeLeft(s, width-1) + ellipsis
}

// shortenMiddle cuts s in its middle: addresses differ at their ends.
func shortenMiddle(s string, width int) string {
	if widthOf(s) <= width {
		return s
	}
	if width < 3 {
		return shorten(s, width)
	}
	left := (width - 1) / 2
	return takeLeft(s, left) + ellipsis + takeRight(s, width-1-left)
}

func takeLeft(s string, width int) string {
	for i, r := range s {
		width -= text.RuneWidth(r)
		if width < 0 {
			return s[:i]
		}
	}
	return s
}

func takeRight(s string, width int) string {
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		width -= text.RuneWidth(r)
		if width < 0 {
			return s[i:]
		}
		i -= size
	}
	return s
}

// pad fills s with spaces up to width.
func pad(s string, width int, right bool) string {
	n := width - widthOf(s)
	switch {
	case n <= 0:
		return s
	case right:
		return strings.Repeat(" ", n) + s
	default:
		return s + strings.Repeat(" ", n)
	}
}

// wrap breaks text at spaces into lines of at most width columns; width 0 breaks nowhere. Line ends in s stay, and
// lines that begin with a space are taken as laid out by hand.
func wrap(s string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if width <= 0 || widthOf(line) <= width || strings.HasPrefix(line, " ") {
			lines = append(lines, line)
			continue
		}
		lines = append(lines, wrapLine(line, width)...)
	}
	return lines
}

func wrapLine(line string, width int) []string {
	var lines []string
	var current strings.Builder
	used := 0
	for word := range strings.SplitSeq(line, " ") {
		w := widthOf(word)
		if used > 0 && used+1+w > width {
			lines = append(lines, current.String())
			current.Reset()
			used = 0
		}
		if used > 0 {
			current.WriteByte(' ')
			used++
		}
		current.WriteString(word)
		used += w
	}
	return append(lines, current.String())
}
