package apply_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// oneCall is how long an order takes that is bought at once: its intent is recorded, its call made, its outcome recorded.
const oneCall = (2 + 50 + 2) * time.Millisecond

// inWaves gives each order to a wave, of as many as it takes. They are named wave-0, wave-1, and so on.
func (w *world) inWaves(b []plan.Buy, waveOf func(plan.Buy) int) apply.Config {
	c := w.config(b)
	for i := range b {
		b[i].Wave = waveOf(b[i])
		for len(c.Waves) <= b[i].Wave {
			c.Waves = append(c.Waves, plan.Wave{Wave: order.Wave{Name: fmt.Sprintf("wave-%d", len(c.Waves))}})
		}
	}
	return c
}

// canary gives the first order of every region to a wave before the others'.
func canary(b plan.Buy) int {
	if ofFirst(b.Order.Address) {
		return 0
	}
	return 1
}

// calledAt returns when each order was called first, from the run's beginning.
func (w *world) calledAt() map[string]time.Duration {
	at := map[string]time.Duration{}
	for _, c := range w.calls {
		if _, again := at[c.intent.Order.Address.String()]; !again {
			at[c.intent.Order.Address.String()] = c.at.Sub(w.began)
		}
	}
	return at
}

// ends returns how each wave ended.
func ends(r apply.Result) []string {
	var all []string
	for _, w := range r.Waves {
		all = append(all, w.End.String())
	}
	return all
}

// story is what happened to the run and its waves, with the time from its beginning.
func (w *world) story() []string {
	var lines []string
	at := func(t time.Time) string { return t.Sub(w.began).String() }
	for _, e := range w.events {
		switch e := e.(type) {
		case apply.WaveStarted:
			lines = append(lines, at(e.At)+" "+e.Wave+" begins")
		case apply.WaveEnded:
			lines = append(lines, at(e.At)+" "+e.Wave+" ends "+e.End.String())
		case apply.AwaitingApproval:
			lines = append(lines, at(e.At)+" "+e.Wave.Wave+" wants approval")
		case apply.RegionStopped:
			lines = append(lines, at(e.At)+" "+e.Region+" stops")
		case apply.Draining:
			lines = append(lines, at(e.At)+" drains: "+e.Reason)
		case apply.Paused:
			lines = append(lines, at(e.At)+" paused")
		case apply.Resumed:
			lines = append(lines, at(e.At)+" resumed")
		case apply.InstanceFailed:
			lines = append(lines, fmt.Sprintf("%s %s: %d of it: %s", at(e.At), e.Address, e.Instances, e.Why))
		case apply.Baking:
			lines = append(lines, fmt.Sprintf("%s %s bakes until %s: %d up, %d coming, %d down",
				at(e.At), e.Wave, at(e.Until), e.Up, e.Coming, e.Down))
		}
	}
	return lines
}

func (w *world) expectStory(want ...string) {
	w.t.Helper()
	if d := cmp.Diff(want, w.story()); d != "" {
		w.t.Errorf("the story (-want +got):\n%s", d)
	}
}

func expectEnds(t *testing.T, r apply.Result, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, ends(r)); d != "" {
		t.Errorf("the waves ended (-want +got):\n%s\n%+v", d, r.Waves)
	}
}

func TestAWaveBeginsOnceTheOneBeforeHasEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(3, "a", "b"), canary)
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.expectStory("0s wave-0 begins", "54ms wave-0 ends good", "54ms wave-1 begins", "108ms wave-1 ends good")
		want := map[string]time.Duration{"order.a[0]": 2 * time.Millisecond, "order.b[0]": 2 * time.Millisecond}
		for _, later := range []string{"order.a[1]", "order.a[2]", "order.b[1]", "order.b[2]"} {
			want[later] = oneCall + 2*time.Millisecond
		}
		if d := cmp.Diff(want, w.calledAt()); d != "" {
			t.Errorf("called (-want +got):\n%s", d)
		}
		expectEnds(t, result, "good", "good")
		for i, e := range result.Entries {
			if e.Wave != c.Buys[i].Wave {
				t.Errorf("%s is in wave %d, and was to be in %d", e.Address, e.Wave, c.Buys[i].Wave)
			}
		}
	})
}

func TestARunWithoutWavesIsOneWithoutAName(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		result, err := apply.Run(t.Context(), w.config(buys(2, "a")))
		if err != nil {
			t.Fatal(err)
		}
		expectEnds(t, result, "good")
		w.expectStory("0s  begins", "54ms  ends good")
		waves := eventsOf[apply.Started](w)[0].Waves
		want := []apply.WaveTotal{{Orders: 2, Instances: 4, Regions: []apply.RegionTotal{{Region: "a", Orders: 2, Instances: 4}}}}
		if d := cmp.Diff(want, waves); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestWhatAWaveSetsOutToDo(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(3, "a", "b", "c"), canary)
		c.Rollout.RegionOrder = []string{"c", "nowhere"}
		if _, err := apply.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		started := eventsOf[apply.Started](w)[0]
		want := []apply.WaveTotal{
			{Wave: "wave-0", Orders: 3, Instances: 6, Regions: []apply.RegionTotal{{"c", 1, 2}, {"a", 1, 2}, {"b", 1, 2}}},
			{Wave: "wave-1", Orders: 6, Instances: 12, Regions: []apply.RegionTotal{{"c", 2, 4}, {"a", 2, 4}, {"b", 2, 4}}},
		}
		if d := cmp.Diff(want, started.Waves); d != "" {
			t.Errorf("waves (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]apply.RegionTotal{{"a", 3, 6}, {"b", 3, 6}, {"c", 3, 6}}, started.Regions); d != "" {
			t.Errorf("regions (-want +got):\n%s", d)
		}
	})
}

func TestRegionsOneAfterTheOther(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.config(buys(2, "a", "b", "c"))
		c.Rollout.RegionOrder, c.Rollout.Sequential = []string{"c", "b"}, true
		if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		at := w.calledAt()
		for n, region := range []string{"c", "b", "a"} {
			for _, i := range []string{"[0]", "[1]"} {
				if got, want := at["order."+region+i], time.Duration(n)*oneCall+2*time.Millisecond; got != want {
					t.Errorf("order.%s%s was called after %v, want %v", region, i, got, want)
				}
			}
		}
	})
}

// Where regions come one after the other, one that stops doesn't keep the next from its turn.
func TestARegionThatStopsHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "a" {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		c := w.config(buys(20, "a", "b"))
		c.Rollout.Sequential, c.Rollout.FailureTolerance = true, order.Count(0)
		result, err := apply.Run(t.Context(), c)
		if err != nil || result.Count(apply.EndBought) != 20 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		expectEnds(t, result, "bad")
	})
}

func TestAWaveWithNothingToDoIsPassedOver(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(2, "a"), func(plan.Buy) int { return 1 })
		c.Waves[0].Approve, c.Waves[0].Bake = true, time.Hour // its orders are bought, and an earlier run baked them
		c.Waves[0].Bought, c.Waves[0].Ended = []order.Address{{Name: "old"}}, true
		c.Watcher = watching(nil)
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.expectStory("0s wave-1 begins", "54ms wave-1 ends good")
		expectEnds(t, result, "idle", "good")
	})
}

// What never began is told of at the end, each order once, and named for what it waited for.
func TestOrdersOfWavesThatNeverBegan(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if i.Order.Region == "b" {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		b := buys(3, "a", "b")
		c := w.inWaves(b, func(b plan.Buy) int { return numberOf(b.Order.Address) })
		result, err := apply.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		expectEnds(t, result, "bad", "not_begun", "not_begun")
		if want := `wave "wave-0" did not end well`; result.Waves[1].Reason != want || result.Waves[2].Reason != want {
			t.Errorf("the others did not begin because of %+v", result.Waves[1:])
		}
		var skipped []string
		for _, e := range eventsOf[apply.Skipped](w) {
			skipped = append(skipped, e.Address.String()+" in "+e.Region)
		}
		want := []string{"order.a[1] in a", "order.b[1] in b", "order.a[2] in a", "order.b[2] in b"}
		if d := cmp.Diff(want, skipped); d != "" {
			t.Errorf("skipped (-want +got):\n%s", d)
		}
		if n := len(w.calls); n != 2 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestADrainCutsItsWaveShort(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, cancel)
		c := w.inWaves(buys(20, "a"), canary)
		c.Waves[0], c.Waves[1] = c.Waves[1], c.Waves[0] // the canary comes last
		for i := range c.Buys {
			c.Buys[i].Wave = 1 - c.Buys[i].Wave
		}
		c.Rollout.Parallelism = 4
		result, err := apply.Run(ctx, c)
		if err != nil || !result.Interrupted || result.Count(apply.EndBought) != 4 {
			t.Errorf("%d bought, %v", result.Count(apply.EndBought), err)
		}
		expectEnds(t, result, "cut_short", "not_begun")
		w.expectStory("0s wave-1 begins", "30ms drains: context canceled", "56ms wave-1 ends cut_short")
		if n := len(eventsOf[apply.Skipped](w)); n != 16 {
			t.Errorf("%d orders are told as skipped, want 16", n)
		}
	})
}
