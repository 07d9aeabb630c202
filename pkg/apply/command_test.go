package apply_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A command that is given so long after the run's beginning.
type given struct {
	after time.Duration
	apply.Command
}

// commanded gives the commands to the run. They come in their sequence.
func commanded(commands ...given) <-chan apply.Command {
	c := make(chan apply.Command, len(commands))
	for _, g := range commands {
		time.AfterFunc(g.after, func() { c <- g.Command })
	}
	return c
}

func pauseAfter(d time.Duration) given { return given{d, apply.Command{Kind: apply.Pause, By: "ann"}} }
func resumeAfter(d time.Duration) given {
	return given{d, apply.Command{Kind: apply.Resume, By: "bob"}}
}
func abortAfter(d time.Duration) given { return given{d, apply.Command{Kind: apply.Abort, By: "ann"}} }

// While a run is paused, its calls in flight are finished, and nothing else is begun.
func TestAPauseHoldsCallsBack(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(20, "a", "b"))
		c.Rollout.Parallelism = 4
		c.Commands = commanded(pauseAfter(30*time.Millisecond), resumeAfter(time.Hour))
		var begunBefore int
		w.beginErr = func(order.Intent) error {
			if since := time.Since(w.began); since <= 32*time.Millisecond {
				begunBefore++ // what was being recorded is, when the pause comes
			} else if since < time.Hour {
				t.Errorf("an intent was recorded after %v", since)
			}
			return nil
		}
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		inFlight := 0
		for address, at := range w.calledAt() {
			switch {
			case at <= 30*time.Millisecond:
				inFlight++
			case at < time.Hour:
				t.Errorf("%s was called after %v", address, at)
			}
		}
		if p := eventsOf[apply.Paused](w); len(p) != 1 || p[0].By != "ann" || p[0].InFlight != inFlight || inFlight != 4 {
			t.Errorf("%d calls were in flight; told: %+v", inFlight, p)
		}
		if r := eventsOf[apply.Resumed](w); len(r) != 1 || r[0].By != "bob" {
			t.Errorf("told: %+v", r)
		}
		if ahead := begunBefore - inFlight; ahead > 2+2 {
			t.Errorf("%d intents were open for an hour", ahead)
		}
		if w.maxInFlight[""] > 4 {
			t.Errorf("%d calls were in flight at one time", w.maxInFlight[""])
		}
	})
}

// An order that is to be called again waits for the end of the pause before its next intent is recorded.
func TestNoIntentIsRecordedDuringAPause(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if ofFirst(i.Order.Address) && i.Attempt == 1 {
				return fail(order.ClassNotSent, "refused")
			}
			return nil
		}
		c := w.config(buys(2, "a"))
		c.Commands = commanded(pauseAfter(100*time.Millisecond), resumeAfter(time.Hour))
		w.beginErr = func(order.Intent) error {
			if since := time.Since(w.began); since > 100*time.Millisecond && since < time.Hour {
				t.Errorf("an intent was recorded after %v", since)
			}
			return nil
		}
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() || len(w.calls) != 3 {
			t.Errorf("%d calls, %v", len(w.calls), err)
		}
	})
}

// Calls that waited for their turn when the pause came don't begin all at once when it ends.
func TestAPauseSavesNoCallsUp(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(60, "a", "b"))
		c.Rollout.ParallelismPerRegion, c.Rollout.RatePerRegion = 8, 20
		w.callTime = 200 * time.Millisecond
		c.Commands = commanded(pauseAfter(time.Second), resumeAfter(time.Minute))
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		for _, region := range []string{"a", "b"} {
			var last time.Time
			for _, c := range w.calls {
				if c.intent.Order.Region != region {
					continue
				}
				if gap := c.at.Sub(last); gap < 49*time.Millisecond && c.at.Sub(w.began) > time.Minute {
					t.Errorf("region %s: two calls within %v, %v after the beginning", region, gap, c.at.Sub(w.began))
				}
				last = c.at
			}
		}
	})
}

// Who ends a paused run need not resume it.
func TestAPausedRunEndsAtOnce(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, c *apply.Config) context.Context{
		"by the operator": func(ctx context.Context, _ *apply.Config) context.Context {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Minute, func() { cancel(errors.New("interrupted")) })
			return ctx
		},
		"by a command": func(ctx context.Context, c *apply.Config) context.Context {
			c.Commands = commanded(pauseAfter(70*time.Millisecond), abortAfter(time.Minute))
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				c := w.inWaves(buys(20, "a"), canary)
				c.Rollout.Parallelism = 4
				c.Commands = commanded(pauseAfter(70 * time.Millisecond))
				result, err := apply.Run(end(t.Context(), &c), c)
				if err != nil || !result.Interrupted {
					t.Errorf("interrupted %t, %v", result.Interrupted, err)
				}
				if took := time.Since(w.began); took > time.Minute+2*w.commitTime {
					t.Errorf("it ended after %v", took)
				}
				for address, r := range w.records {
					if r.Status() == order.StatusInDoubt {
						t.Errorf("%s is left in doubt", address)
					}
				}
			})
		})
	}
}

func TestAnAbortIsADrain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(20, "a"), canary)
		c.Rollout.Parallelism = 4
		c.Commands = commanded(abortAfter(70*time.Millisecond), pauseAfter(80*time.Millisecond), resumeAfter(81*time.Millisecond))
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Interrupted || result.Count(apply.EndBought) != 1+4 {
			t.Errorf("%d bought, interrupted %t, %v", result.Count(apply.EndBought), result.Interrupted, err)
		}
		expectEnds(t, result, "good", "cut_short")
		w.expectStory("0s wave-0 begins", "54ms wave-0 ends good", "54ms wave-1 begins",
			"70ms drains: aborted by ann", "110ms wave-1 ends cut_short")
		if d := eventsOf[apply.Draining](w); len(d) != 1 || !d[0].Interrupted || d[0].InFlight != 4 {
			t.Errorf("told: %+v", d)
		}
	})
}

// A bake goes on while the run is paused, for it begins no call. The next wave waits for the run to be resumed.
func TestAPauseDuringABake(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.baked(allUp)
		c.Commands = commanded(pauseAfter(time.Minute), resumeAfter(time.Hour))
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.events = slices.DeleteFunc(w.events, func(e apply.Event) bool { _, bakes := e.(apply.Baking); return bakes })
		w.expectStory("0s wave-0 begins", "1m0s paused", "10m0.052s wave-0 ends good", "1h0m0s resumed", "1h0m0s wave-1 begins",
			"1h0m0.054s wave-1 ends good")
	})
}

// A wave that is approved while the run is paused begins when that is resumed.
func TestAPauseDuringAnApproval(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(2, "a"), canary)
		c.Waves[1].Approve = true
		c.Approver = approving(func(context.Context, apply.WaveTotal) (bool, error) {
			time.Sleep(2 * time.Minute)
			return true, nil
		})
		c.Commands = commanded(pauseAfter(time.Minute), resumeAfter(time.Hour))
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.expectStory("0s wave-0 begins", "54ms wave-0 ends good", "54ms wave-1 wants approval", "1m0s paused", "1h0m0s resumed",
			"1h0m0s wave-1 begins", "1h0m0.054s wave-1 ends good")
	})
}

// Who asks waits for an answer, also where there is nothing to change.
func TestEveryCommandIsAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(1, "a"))
		w.callTime = time.Minute
		c.Commands = commanded(resumeAfter(time.Second), pauseAfter(2*time.Second), pauseAfter(3*time.Second),
			resumeAfter(4*time.Second), resumeAfter(5*time.Second))
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.expectStory("0s  begins", "1s resumed", "2s paused", "3s paused", "4s resumed", "5s resumed", "1m0.004s  ends good")
	})
}

func TestCommandsMayEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(2, "a"))
		commands := make(chan apply.Command)
		close(commands)
		c.Commands = commands
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
	})
}

// A storm of throttles is told by calls that were made: while the run is paused none are.
func TestAPauseIsNoStorm(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error {
			if since := time.Since(w.began); since < time.Minute || since > 2*time.Hour && since < 2*time.Hour+time.Minute {
				return fail(order.ClassThrottled, "slow down")
			}
			return nil
		}
		c := w.config(buys(3, "a"))
		c.Commands = commanded(pauseAfter(30*time.Second), resumeAfter(2*time.Hour))
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Errorf("%+v, %v", eventsOf[apply.RegionStopped](w), err)
		}
	})
}
