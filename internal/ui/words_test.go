package ui_test

import (
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Minute: "1m", 10 * time.Minute: "10m", 90 * time.Second: "1m30s", 30 * time.Second: "30s",
		time.Hour: "1h", 24 * time.Hour: "24h", time.Hour + 30*time.Minute: "1h30m", time.Hour + 30*time.Second: "1h0m30s",
	} {
		if got := ui.Span(d); got != want {
			t.Errorf("Span(%s) is %s, want %s", d, got, want)
		}
	}
}

// TestTook holds listings, reports and rehearsals, which all say so how long something took, to rounding alike.
func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0s", 6840 * time.Millisecond: "6.8s", 9960 * time.Millisecond: "10s", 14620 * time.Millisecond: "15s",
		59600 * time.Millisecond: "1m00s", 15*time.Minute + 2*time.Second: "15m02s", 2*time.Hour + 5*time.Minute: "2h05m",
	} {
		if got := ui.Took(d); got != want {
			t.Errorf("Took(%s) is %s, want %s", d, got, want)
		}
	}
}
