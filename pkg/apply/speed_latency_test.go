package apply_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// While calls take longer than usual the region is not pushed further, and goes on where it was when they don't any more.
func TestARegionWhoseLatencyClimbsIsNotPushed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		throttled := throttledWithin(2*time.Second, 2*time.Second+w.callTime)
		w.answer = func(i order.Intent) error {
			if at := time.Since(start); at > 2500*time.Millisecond && at < 8*time.Second {
				w.mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				w.mu.Lock()
			}
			return throttled(i)
		}
		w.apply(3000, atMost(16, 0))
		var held, back time.Duration
		for _, e := range eventsOf[apply.SpeedChanged](w) {
			at := e.At.Sub(start)
			if strings.Contains(e.Reason, "no faster") {
				held = at
			}
			if e.Parallelism == 16 {
				back = at
			}
		}
		if held < 2500*time.Millisecond || held > 6*time.Second {
			t.Errorf("held after %v", held)
		}
		if back < 8*time.Second || back > 15*time.Second {
			t.Errorf("back at its limits after %v: calls took longer until 8 s", back)
		}
	})
}

// Latency that climbs slows nothing down by itself, and a run without throttles has no change of speed to tell.
func TestAHealthyRunHasNoChangeOfSpeed(t *testing.T) {
	for name, took := range map[string]func(at time.Duration) time.Duration{
		"climbing": func(at time.Duration) time.Duration { return at / 10 },
		"noise": func(time.Duration) time.Duration {
			return time.Duration(rand.ExpFloat64() * float64(100*time.Millisecond))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				start := time.Now()
				w.answer = func(i order.Intent) error {
					w.mu.Unlock()
					time.Sleep(took(time.Since(start)))
					w.mu.Lock()
					return nil
				}
				w.apply(1000, atMost(16, 100))
				if changes := eventsOf[apply.SpeedChanged](w); len(changes) != 0 {
					t.Errorf("%+v", changes)
				}
			})
		})
	}
}

// Latency that varies as a matter of course holds no recovery up for long.
func TestNoiseHoldsNoRecoveryUp(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		throttled := throttledWithin(2*time.Second, 2100*time.Millisecond)
		w.answer = func(i order.Intent) error {
			w.mu.Unlock()
			time.Sleep(time.Duration(rand.ExpFloat64() * float64(50*time.Millisecond)))
			w.mu.Lock()
			return throttled(i)
		}
		w.apply(4000, atMost(16, 0))
		changes := eventsOf[apply.SpeedChanged](w)
		if last := changes[len(changes)-1]; last.Parallelism != 16 || last.At.Sub(start) > 15*time.Second {
			t.Errorf("last: %+v, after %v", last, last.At.Sub(start))
		}
	})
}

// A region that has become slower for good is pushed again once that is usual.
func TestWhatStaysSlowBecomesUsual(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		throttled := throttledWithin(2*time.Second, 2100*time.Millisecond)
		w.answer = func(i order.Intent) error {
			if time.Since(start) > 2500*time.Millisecond {
				w.mu.Unlock()
				time.Sleep(200 * time.Millisecond)
				w.mu.Lock()
			}
			return throttled(i)
		}
		w.apply(6000, atMost(16, 0))
		changes := eventsOf[apply.SpeedChanged](w)
		if last := changes[len(changes)-1]; last.Parallelism != 16 || last.At.Sub(start) > 90*time.Second {
			t.Errorf("last: %+v, after %v", last, last.At.Sub(start))
		}
	})
}
