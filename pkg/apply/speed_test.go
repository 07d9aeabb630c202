package apply_test

import (
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// limiter plays an API that lets so many calls a second through and throttles all others.
type limiter struct {
	perSecond, burst float64
	tokens           float64
	last             time.Time
}

func newLimiter(perSecond, burst float64) *limiter {
	return &limiter{perSecond: perSecond, burst: burst, tokens: burst, last: time.Now()}
}

func (l *limiter) answer(order.Intent) error {
	now := time.Now()
	l.tokens = min(l.burst, l.tokens+l.perSecond*now.Sub(l.last).Seconds())
	l.last = now
	if l.tokens < 1 {
		return fail(order.ClassThrottled, "slow down")
	}
	l.tokens--
	return nil
}

// An API that takes 20 calls a second and throttles all others is called about as often, whatever the limits allow.
func TestARegionFindsTheRateThatTheAPITakes(t *testing.T) {
	for _, burst := range []float64{1, 20} {
		for _, parallelism := range []int{8, 32, 256} {
			for _, rate := range []float64{0, 50} {
				inBubble(t, func(t *testing.T, w *world) {
					w.answer = newLimiter(20, burst).answer
					c := w.config(buys(2400, "a"))
					c.Rollout.Parallelism, c.Rollout.RatePerRegion = parallelism, rate
					start := time.Now()
					result, err := apply.Run(t.Context(), c)
					took := time.Since(start)
					if err != nil || !result.Complete() {
						t.Fatalf("%d bought, %v", result.Count(apply.EndBought), err)
					}
					if least := 2 * time.Minute; took > least*100/85 {
						t.Errorf("burst %v, parallelism %d, rate %v: took %v, the API would take them in %v", burst, parallelism, rate, took, least)
					}
					if again := len(w.calls) - 2400; float64(again) > 0.1*2400+float64(parallelism) {
						t.Errorf("burst %v, parallelism %d, rate %v: %d calls were throttled", burst, parallelism, rate, again)
					}
				})
			}
		}
	}
}
