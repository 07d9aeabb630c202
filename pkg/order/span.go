package order

import (
	"strings"
	"time"
)

// Span is a duration as a fleet file writes it: 10m, not 10m0s.
func Span(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if short, ok := strings.CutSuffix(text, zero); ok {
			text = short + zero[:1]
		}
	}
	return text
}
