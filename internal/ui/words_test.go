package ui_test

import (
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

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
