package apply_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// approving plays who approves waves.
type approving func(ctx context.Context, w apply.WaveTotal) (bool, error)

func (a approving) Approve(ctx context.Context, w apply.WaveTotal) (bool, error) { return a(ctx, w) }

func TestAWaveWaitsForItsApproval(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(3, "a", "b"), canary)
		c.Waves[1].Approve = true
		c.Approver = approving(func(_ context.Context, asked apply.WaveTotal) (bool, error) {
			want := apply.WaveTotal{Wave: "wave-1", Orders: 4, Instances: 8, Regions: []apply.RegionTotal{{"a", 2, 4}, {"b", 2, 4}}}
			if d := cmp.Diff(want, asked); d != "" {
				t.Errorf("asked for (-want +got):\n%s", d)
			}
			if w.inFlight[""] != 0 || w.openUncalled != 0 {
				t.Errorf("%d calls are in flight, %d intents are open", w.inFlight[""], w.openUncalled)
			}
			time.Sleep(time.Minute)
			return true, nil
		})
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		w.expectStory("0s wave-0 begins", "54ms wave-0 ends good", "54ms wave-1 wants approval",
			"1m0.054s wave-1 begins", "1m0.108s wave-1 ends good")
	})
}

// Without a yes the run ends there.
func TestAWaveThatIsNotApproved(t *testing.T) {
	for name, test := range map[string]struct {
		approver apply.Approver
		reason   string
	}{
		"nobody is there": {nil, "it was not approved"},
		"the answer is no": {approving(func(context.Context, apply.WaveTotal) (bool, error) { return false, nil }),
			"it was not approved"},
		"asking fails": {approving(func(context.Context, apply.WaveTotal) (bool, error) { return true, errors.New("no terminal") }),
			"it was not approved: no terminal"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				c := w.inWaves(buys(3, "a"), canary)
				c.Waves[1].Approve = true
				c.Waves = append(c.Waves, c.Waves[0])
				c.Waves[2].Name = "wave-2"
				c.Approver = test.approver
				result, err := apply.Run(t.Context(), c)
				if err != nil || result.Interrupted || len(w.calls) != 1 {
					t.Errorf("%d calls, interrupted %t, %v", len(w.calls), result.Interrupted, err)
				}
				expectEnds(t, result, "good", "unapproved", "not_begun")
				w.expectStory("0s wave-0 begins", "54ms wave-0 ends good", "54ms wave-1 wants approval", "54ms wave-1 ends unapproved")
				if got := result.Waves[1].Reason; got != test.reason {
					t.Errorf("because %q, want %q", got, test.reason)
				}
				if got, want := result.Waves[2].Reason, `wave "wave-1" was not approved`; got != want {
					t.Errorf("the last one because %q, want %q", got, want)
				}
				if n := len(eventsOf[apply.Skipped](w)); n != 2 {
					t.Errorf("%d orders are told as skipped", n)
				}
			})
		})
	}
}

// Who ends the run while it waits loses nothing, and a yes that comes all the same is none.
func TestARunThatEndsWhileItWaitsForApproval(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errors.New("interrupted")) })
		c := w.inWaves(buys(3, "a"), canary)
		c.Waves[1].Approve = true
		c.Approver = approving(func(ctx context.Context, _ apply.WaveTotal) (bool, error) {
			<-ctx.Done()
			return true, nil
		})
		result, err := apply.Run(ctx, c)
		if err != nil || !result.Interrupted || len(w.calls) != 1 {
			t.Errorf("%d calls, interrupted %t, %v", len(w.calls), result.Interrupted, err)
		}
		expectEnds(t, result, "good", "unapproved")
		if got := result.Waves[1].Reason; got != "interrupted" {
			t.Errorf("because of %q", got)
		}
		for address, r := range w.records {
			if r.Status() != order.StatusBought {
				t.Errorf("%s is %s", address, r.Status())
			}
		}
	})
}

// There is nobody to ask about a wave that has nothing to buy.
func TestOnlyAWaveThatBuysIsApproved(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.inWaves(buys(2, "a"), func(plan.Buy) int { return 1 })
		c.Waves[0].Approve, c.Waves[0].Bake = true, time.Minute
		c.Earlier = []apply.Earlier{w.boughtEarlier("old", 0, "id-old")}
		c.Waves[0].Bought = []order.Address{c.Earlier[0].Address}
		c.Watcher = watching(allUp)
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		if n := len(eventsOf[apply.AwaitingApproval](w)); n != 0 {
			t.Errorf("%d approvals were asked for", n)
		}
	})
}
