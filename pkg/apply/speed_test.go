package apply_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A throttling API lets so many calls a second through in a region, as many as burst at once, and throttles all others.
type throttling struct {
	perSecond, burst float64
	tokens           float64
	last             time.Time
}

func throttlingAbove(perSecond, burst float64) *throttling {
	return &throttling{perSecond: perSecond, burst: burst, tokens: burst, last: time.Now()}
}

func (l *throttling) answer(order.Intent) error {
	now := time.Now()
	l.tokens = min(l.burst, l.tokens+l.perSecond*now.Sub(l.last).Seconds())
	l.last = now
	if l.tokens < 1 {
		return fail(order.ClassThrottled, "slow down")
	}
	l.tokens--
	return nil
}

// throttledWithin throttles what is answered from one time after now until another.
func throttledWithin(from, until time.Duration) func(order.Intent) error {
	start := time.Now()
	return func(order.Intent) error {
		if at := time.Since(start); at >= from && at < until {
			return fail(order.ClassThrottled, "slow down")
		}
		return nil
	}
}

// apply runs n orders in region a and returns how long that took.
func (w *world) apply(n int, edit func(c *apply.Config)) time.Duration {
	w.t.Helper()
	c := w.config(buys(n, "a"))
	edit(&c)
	start := time.Now()
	result, err := apply.Run(w.t.Context(), c)
	if err != nil || !result.Complete() {
		w.t.Fatalf("%d of %d bought, %v", result.Count(apply.EndBought), n, err)
	}
	return time.Since(start)
}

// atMost limits the calls in flight and a second.
func atMost(parallelism int, perSecond float64) func(c *apply.Config) {
	return func(c *apply.Config) { c.Rollout.Parallelism, c.Rollout.RatePerRegion = parallelism, perSecond }
}

// between counts the calls of a time after start.
func (w *world) between(start time.Time, from, until time.Duration) int {
	n := 0
	for _, c := range w.calls {
		if at := c.at.Sub(start); at >= from && at < until {
			n++
		}
	}
	return n
}

// A burst of throttles halves once, for its calls were in flight together, and the region is back at its limits after six
// seconds and a half.
func TestAThrottleHalvesOnceARoundTrip(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.commitTime = 0
		start := time.Now()
		w.answer = throttledWithin(2*time.Second, 2*time.Second+w.callTime)
		w.apply(2000, atMost(8, 0))
		changes := eventsOf[apply.SpeedChanged](w)
		first, last := changes[0], changes[len(changes)-1]
		if first.Parallelism != 4 || first.Rate != 80 || first.At.Sub(start) != 2*time.Second || !strings.Contains(first.Reason, "throttled") {
			t.Errorf("first %+v, after %v", first, first.At.Sub(start))
		}
		if last.Parallelism != 8 || last.Rate != 0 {
			t.Errorf("last %+v", last)
		}
		if back := last.At.Sub(first.At); back < 6200*time.Millisecond || back > 6600*time.Millisecond {
			t.Errorf("back at its limits after %v", back)
		}
		if n := w.between(start, time.Second, 2*time.Second); n != 160 {
			t.Errorf("%d calls in the second before, want 160", n)
		}
		if n := w.between(start, 2*time.Second, 2500*time.Millisecond); n < 40 || n > 62 {
			t.Errorf("%d calls in the half second after, want half of 80, and some that it has recovered by", n)
		}
		if n := w.between(start, 9*time.Second, 10*time.Second); n != 160 {
			t.Errorf("%d calls in a second when it was back, want 160", n)
		}
	})
}

// With a rate it is the rate that is halved too, although it keeps the calls in flight below their limit.
func TestAThrottleHalvesTheRate(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = throttledWithin(2*time.Second, 2*time.Second+w.callTime)
		w.apply(400, atMost(32, 20))
		first := eventsOf[apply.SpeedChanged](w)[0]
		if first.Rate < 9.5 || first.Rate > 10 || first.Parallelism > 16 {
			t.Errorf("%+v, want half of 20 a second", first)
		}
		if n := w.between(start, 9*time.Second, 11*time.Second); n != 40 {
			t.Errorf("%d calls in two seconds when it was back, want 40", n)
		}
	})
}

// A region that needs less than one call in flight is slowed by pauses between its calls; and whatever the limits allow, an
// API that takes 20 calls a second is called about as often.
func TestARegionFindsTheRateThatTheAPITakes(t *testing.T) {
	for _, burst := range []float64{1, 20} {
		for _, parallelism := range []int{8, 256} {
			for _, perSecond := range []float64{0, 50} {
				inBubble(t, func(t *testing.T, w *world) {
					w.answer = throttlingAbove(20, burst).answer
					took := w.apply(1200, atMost(parallelism, perSecond))
					if least := time.Minute; took-5*time.Second > least*100/85 { // it takes a moment to find it
						t.Errorf("burst %v, parallelism %d, rate %v: took %v, the API takes them in %v", burst, parallelism, perSecond, took, least)
					}
					if again := len(w.calls) - 1200; float64(again) > 0.05*1200+float64(parallelism) {
						t.Errorf("burst %v, parallelism %d, rate %v: %d calls were throttled", burst, parallelism, perSecond, again)
					}
				})
			}
		}
	}
}

// A storm in which every call is throttled costs those in flight when it begins and some single probes. When it is over the
// region is soon as fast as before.
func TestAStormCostsFewCallsAndIsRecoveredFrom(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		from, until := 5*time.Second, 65*time.Second
		w.answer = throttledWithin(from, until)
		const n = 5_000
		w.callTime = 100 * time.Millisecond
		w.apply(n, atMost(8, 0))
		if again := len(w.calls) - n; again > 2*8+15 {
			t.Errorf("%d calls were throttled", again)
		}
		var probes []time.Duration
		for _, c := range w.calls {
			if at := c.at.Sub(start); at > from+time.Second && at < until {
				probes = append(probes, at)
			}
		}
		for i := 1; i < len(probes); i++ {
			if gap := probes[i] - probes[i-1]; gap < 500*time.Millisecond {
				t.Errorf("probes %v apart", gap)
			}
		}
		if len(probes) < 3 || len(probes) > 15 {
			t.Errorf("%d probes in a minute", len(probes))
		}
		// It goes on at half of what got through before: the storm says nothing about that.
		for _, e := range eventsOf[apply.SpeedChanged](w) {
			if e.Reason == "calls get through again" && e.Parallelism != 4 {
				t.Errorf("%+v", e)
			}
		}
		// The longest pause between probes is one and a half times Retry.Max.
		back := until + apply.DefaultRetry().Max*3/2 + 5*time.Second
		if n := w.between(start, back, back+time.Second); n < 79 {
			t.Errorf("%d calls a second when the storm was over, of 80", n)
		}
	})
}

// Where nothing got through at half the speed either, slower calls are not what helps: the region probes.
func TestARegionProbesOnceNothingGetsThrough(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = throttledWithin(2*time.Second, 4*time.Second)
		w.apply(200, atMost(1, 0))
		if n := w.between(start, 2*time.Second, 2550*time.Millisecond); n != 1 {
			t.Errorf("%d calls within half a second, want one at half the speed, whose throttle ends it", n)
		}
	})
}

// More throttles at once than the budget pays for are followed by a pause, although some calls got through.
func TestARegionProbesOnceTheBudgetIsSpent(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.answer = throttlingAbove(20, 20).answer
		w.apply(200, atMost(64, 0))
		if n := w.between(start, 60*time.Millisecond, 500*time.Millisecond); n != 0 {
			t.Errorf("%d calls right after a burst of 64 of which 44 were throttled", n)
		}
	})
}

// A storm of minutes fails no order, however few there are to probe with.
func TestAStormGivesNoOrderUp(t *testing.T) {
	for _, n := range []int{1, 2, 3000} {
		inBubble(t, func(t *testing.T, w *world) {
			w.answer = throttledWithin(0, 25*time.Minute)
			w.apply(n, atMost(32, 0))
		})
	}
}

// A storm that does not end stops its region alone, and says why. Nothing failed: the orders are skipped.
func TestAStormWithoutEndStopsItsRegion(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "a" {
				return fail(order.ClassThrottled, "slow down")
			}
			return nil
		}
		start := time.Now()
		result, err := apply.Run(t.Context(), w.config(buys(500, "a", "b")))
		if err != nil || result.Count(apply.EndSkipped) != 500 || result.Count(apply.EndBought) != 500 {
			t.Errorf("%d skipped, %d bought, %v", result.Count(apply.EndSkipped), result.Count(apply.EndBought), err)
		}
		stopped := eventsOf[apply.RegionStopped](w)
		if len(stopped) != 1 || stopped[0].Region != "a" || stopped[0].Reason != "every call has been throttled for 30m" {
			t.Errorf("stopped: %+v", stopped)
		}
		if d := time.Since(start); d < 30*time.Minute || d > 32*time.Minute {
			t.Errorf("after %v", d)
		}
		if calls := len(w.calls) - 500; calls > 32+90 {
			t.Errorf("%d calls were throttled", calls)
		}
		for _, c := range w.calls {
			if at := c.at.Sub(start); c.intent.Order.Region == "b" && at > 2*time.Second {
				t.Fatalf("the other region was called after %v", at)
			}
		}
	})
}

// Changes are told once a second at most, and the last one before the run ends.
func TestChangesOfSpeedAreToldOnceASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		api := throttlingAbove(20, 5)
		w.answer = api.answer
		w.apply(1000, atMost(8, 0))
		changes := eventsOf[apply.SpeedChanged](w)
		if len(changes) < 3 {
			t.Fatalf("%d changes", len(changes))
		}
		for i := 1; i < len(changes); i++ {
			if gap := changes[i].At.Sub(changes[i-1].At); gap < time.Second {
				t.Errorf("changes %v apart", gap)
			}
		}
	})
	inBubble(t, func(t *testing.T, w *world) {
		// Two throttles within a second, the second by the last call but one.
		calls := 0
		w.answer = func(i order.Intent) error {
			if calls++; calls == 4 || calls == 9 {
				return fail(order.ClassThrottled, "slow down")
			}
			return nil
		}
		w.apply(8, atMost(4, 40))
		changes := eventsOf[apply.SpeedChanged](w)
		if n := len(changes); n < 2 || changes[n-1].Rate >= changes[0].Rate*3/2 {
			t.Errorf("%+v: the last change was not told", changes)
		}
		if _, last := w.events[len(w.events)-1].(apply.Ended); !last {
			t.Error("something came after the run's end")
		}
	})
}

// One region's throttles slow no other down.
func TestThrottlesSlowTheirRegionAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		api := throttlingAbove(5, 1)
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "a" {
				return api.answer(i)
			}
			return nil
		}
		c := w.config(buys(400, "a", "b"))
		c.Rollout.ParallelismPerRegion = 8
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Fatal(result.Count(apply.EndBought), err)
		}
		for _, e := range eventsOf[apply.SpeedChanged](w) {
			if e.Region != "a" {
				t.Errorf("%+v", e)
			}
		}
	})
}

// A turn that a pause took away from a call is another's: else a region would lose one with each pause.
func TestATurnThatWasNotUsedIsGivenBack(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		commands := make(chan apply.Command, 2)
		go func() {
			time.Sleep(w.callTime / 2) // a's call is in flight, and b's waits for it
			commands <- apply.Command{Kind: apply.Pause}
			time.Sleep(time.Second)
			commands <- apply.Command{Kind: apply.Resume}
		}()
		c := w.config(buys(1, "a", "b"))
		c.Rollout.Parallelism, c.Commands = 1, commands
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
	})
}

// Calls that had their turn in the region, and wait for one of the run's, begin at the new speed too.
func TestAThrottleCountsForCallsThatWaitForTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		start := time.Now()
		storm := throttledWithin(2*time.Second, 10*time.Second)
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "a" {
				return storm(i)
			}
			w.mu.Unlock()
			time.Sleep(time.Minute) // b holds all of the run's calls but one
			w.mu.Lock()
			return nil
		}
		c := w.config(append(buys(100, "a"), buys(31, "b")...))
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Fatal(result.Count(apply.EndBought), err)
		}
		if n := w.between(start, 2*time.Second+w.callTime, 2500*time.Millisecond); n > 2 {
			t.Errorf("%d calls of the throttled region", n)
		}
	})
}

// How long a call took is part of its outcome; where none was made, nothing took time.
func TestAnOutcomeSaysHowLongItsCallTook(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Attempt == 1 {
				return fail(order.ClassThrottled, "slow down")
			}
			return nil
		}
		journal := &closing{world: w}
		w.apply(1, func(c *apply.Config) { c.Journal = journal })
		if len(journal.given) != 2 || journal.given[0].Took != w.callTime || journal.given[1].Took != w.callTime {
			t.Errorf("%+v", journal.given)
		}
	})
}
