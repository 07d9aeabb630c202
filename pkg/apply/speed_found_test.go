package apply_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A distance is how far an API is: what its calls take, and what it lets through of them as they arrive.
type distance struct {
	from, to         time.Duration // a call takes some time between
	perSecond, burst float64
	parallelism      int
	early, steady    float64 // the shares of what is let through that are to be reached at least
}

func (d distance) String() string {
	return fmt.Sprintf("%v to %v a call, %v a second, %v at once, parallelism %d", d.from, d.to, d.perSecond, d.burst, d.parallelism)
}

// plays has the world's calls take as long as that, and counts those let through by the time at which they arrived.
func (d distance) plays(w *world) (arrived *[]time.Duration) {
	arrived = new([]time.Duration)
	api, start, spread := throttlingAbove(d.perSecond, d.burst), time.Now(), rand.New(rand.NewPCG(1, 2))
	w.callTime = 0
	w.answer = func(i order.Intent) error {
		err := api.answer(i)
		if err == nil {
			*arrived = append(*arrived, time.Since(start))
		}
		took := d.from + time.Duration(spread.Float64()*float64(d.to-d.from))
		w.mu.Unlock()
		time.Sleep(took)
		w.mu.Lock()
		return err
	}
	return arrived
}

// However long calls take, and however differently, a region comes to what the API takes: soon after the first storm, in a wave
// of half a minute, and nearly all of it from there on.
func TestARegionFindsTheRateHoweverLongCallsTake(t *testing.T) {
	const ms = time.Millisecond
	for _, d := range []distance{
		{50 * ms, 50 * ms, 8, 8, 32, 0.8, 0.95},
		{200 * ms, 400 * ms, 20, 5, 32, 0.65, 0.92},
		{1150 * ms, 1150 * ms, 8, 8, 32, 0.75, 0.92},
		{1150 * ms, 1150 * ms, 8, 8, 64, 0.75, 0.92},
		{1150 * ms, 1150 * ms, 20, 5, 64, 0.5, 0.85},
		{1150 * ms, 1150 * ms, 2, 2, 16, 0.6, 0.88},
		{300 * ms, 2000 * ms, 8, 8, 16, 0.65, 0.9},
		{300 * ms, 2000 * ms, 8, 8, 32, 0.65, 0.9},
		{300 * ms, 2000 * ms, 20, 20, 64, 0.6, 0.9},
		{300 * ms, 2000 * ms, 8, 1, 32, 0.45, 0.78},
		{2000 * ms, 4000 * ms, 8, 8, 32, 0.5, 0.85},
	} {
		t.Run(d.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				arrived := d.plays(w)
				wave, n := int(30*d.perSecond), int(180*d.perSecond)
				w.apply(n, atMost(d.parallelism, 0))
				at := func(i int) float64 { return (*arrived)[i-1].Seconds() }
				early := 30 / at(wave)
				last := n - d.parallelism
				steady := float64(last-wave) / (at(last) - at(wave)) / d.perSecond
				if early < d.early || steady < d.steady {
					t.Errorf("%.2f of what is let through in the first %d calls, %.2f after them, want %v and %v", early, wave, steady, d.early, d.steady)
				}
				if again := len(w.calls) - n - d.parallelism; float64(again) > 0.1*float64(n) {
					t.Errorf("%d calls were throttled beside those of the first storm", again)
				}
			})
		})
	}
}
