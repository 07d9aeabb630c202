package order_test

import (
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Minute: "1m", 10 * time.Minute: "10m", 90 * time.Second: "1m30s", 30 * time.Second: "30s",
		time.Hour: "1h", 24 * time.Hour: "24h", time.Hour + 30*time.Minute: "1h30m", time.Hour + 30*time.Second: "1h0m30s",
	} {
		if got := order.Span(d); got != want {
			t.Errorf("Span(%s) is %s, want %s", d, got, want)
		}
	}
}
