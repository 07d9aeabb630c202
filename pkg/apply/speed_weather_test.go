package apply_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A weather is what a region's API does in a run.
type weather struct {
	latency          time.Duration
	perSecond, burst float64            // what it takes; all else is throttled
	storms           [][2]time.Duration // from when until when it throttles everything
}

func drawWeather(rt *rapid.T) weather {
	w := weather{
		latency:   time.Duration(rapid.IntRange(5, 1000).Draw(rt, "latency in ms")) * time.Millisecond,
		perSecond: rapid.Float64Range(2, 500).Draw(rt, "calls a second that the API takes"),
		burst:     float64(rapid.IntRange(1, 50).Draw(rt, "calls that it takes at once")),
	}
	for range rapid.IntRange(0, 3).Draw(rt, "storms") {
		from := time.Duration(rapid.IntRange(0, 60).Draw(rt, "from s")) * time.Second
		w.storms = append(w.storms, [2]time.Duration{from, from + time.Duration(rapid.IntRange(1, 120).Draw(rt, "for s"))*time.Second})
	}
	return w
}

func (w weather) answer() func(order.Intent) error {
	api := throttlingAbove(w.perSecond, w.burst)
	var storms []func(order.Intent) error
	for _, s := range w.storms {
		storms = append(storms, throttledWithin(s[0], s[1]))
	}
	return func(i order.Intent) error {
		for _, storm := range storms {
			if err := storm(i); err != nil {
				return err
			}
		}
		return api.answer(i)
	}
}

// Whatever the API takes, and whenever it takes nothing: the limits are kept, throttled calls are few, and the orders are bought
// about as fast as it takes them.
func TestWhateverTheWeather(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		weather := drawWeather(rt)
		n := rapid.IntRange(200, 800).Draw(rt, "orders")
		parallelism := rapid.IntRange(1, 64).Draw(rt, "parallelism")
		perSecond := rapid.SampledFrom([]float64{0, 5, 50}).Draw(rt, "rate")
		var problem string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.callTime, w.answer = weather.latency, weather.answer()
			took := w.apply(n, atMost(parallelism, perSecond))
			problem = weather.problem(w, n, parallelism, perSecond, took)
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// problem says what went wrong, or nothing.
func (w weather) problem(played *world, n, parallelism int, perSecond float64, took time.Duration) string {
	if played.maxInFlight["a"] > parallelism {
		return fmt.Sprintf("%d calls were in flight", played.maxInFlight["a"])
	}
	if per := int(perSecond); per > 0 {
		for i := per + 1; i < len(played.calls); i++ {
			if d := played.calls[i].at.Sub(played.calls[i-per-1].at); d < time.Second-time.Millisecond {
				return fmt.Sprintf("%d calls within %v", per+2, d)
			}
		}
	}
	bursts := float64(1 + len(w.storms))
	if again := float64(len(played.calls) - n); again > 0.1*float64(n)+bursts*(1.5*float64(parallelism)+25) {
		return fmt.Sprintf("%v calls were throttled", again)
	}
	possible := min(w.perSecond, float64(parallelism)/w.latency.Seconds())
	if perSecond > 0 {
		possible = min(possible, perSecond)
	}
	recovery := 60 + 60*w.latency.Seconds()
	most := float64(n)/possible/0.7 + recovery
	for _, s := range w.storms {
		most += (s[1] - s[0]).Seconds() + recovery
	}
	if took.Seconds() > most {
		return fmt.Sprintf("took %v, at most %.0f s are plenty", took, most)
	}
	return ""
}
