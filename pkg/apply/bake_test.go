package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// watching plays a watcher.
type watching func(bought []apply.Watched) ([]apply.Health, error)

func (w watching) Look(_ context.Context, bought []apply.Watched) ([]apply.Health, error) {
	return w(bought)
}

func allUp(bought []apply.Watched) ([]apply.Health, error) {
	healths := make([]apply.Health, len(bought))
	for i, b := range bought {
		healths[i].Up = b.Instances
	}
	return healths, nil
}

// boughtEarlier is an order of two instances that an earlier run bought so long before this one began.
func (w *world) boughtEarlier(name string, ago time.Duration, sources ...string) apply.Earlier {
	return apply.Earlier{
		Address: order.Address{Name: name}, Region: "a",
		Purchases: []order.Purchase{{Run: "run-0", Quantity: 2, SourceIDs: sources, At: w.began.Add(-ago)}},
	}
}

// baked is a run of a canary that is baked for ten minutes and another wave.
func (w *world) baked(look watching) apply.Config {
	c := w.inWaves(buys(2, "a"), canary)
	c.Waves[0].Bake = 10 * time.Minute
	c.Watcher = look
	w.sourceIDs = true
	return c
}

func TestABakeEndsAndTheNextWaveBegins(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		var looks []time.Duration
		c := w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
			want := []apply.Watched{{Address: order.Address{Name: "a", Key: order.IndexKey(0)}, Region: "a", SourceIDs: []string{"source-order.a[0]"}, Instances: 2}}
			if d := cmp.Diff(fmt.Sprint(want), fmt.Sprint(bought)); d != "" {
				t.Errorf("watched (-want +got):\n%s", d)
			}
			looks = append(looks, time.Since(w.began))
			up := 0
			if time.Since(w.began) > time.Minute {
				up = 1
			}
			if time.Since(w.began) > 2*time.Minute {
				up = 2
			}
			return []apply.Health{{Up: up}}, nil
		})
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		// Its ten minutes begin with the purchase, which is recorded after 52 ms.
		w.expectStory(
			"0s wave-0 begins",
			"54ms wave-0 bakes until 10m0.052s: 0 up, 2 coming, 0 down",
			"1m0.054s wave-0 bakes until 10m0.052s: 1 up, 1 coming, 0 down",
			"2m0.054s wave-0 bakes until 10m0.052s: 2 up, 0 coming, 0 down",
			"10m0.052s wave-0 bakes until 10m0.052s: 2 up, 0 coming, 0 down",
			"10m0.052s wave-0 ends good",
			"10m0.052s wave-1 begins",
			"10m0.106s wave-1 ends good",
		)
		if len(looks) != 61 || looks[1]-looks[0] != 10*time.Second || looks[60] != 10*time.Minute+52*time.Millisecond {
			t.Errorf("%d looks at %v", len(looks), looks)
		}
	})
}

func TestHowOftenABakeLooks(t *testing.T) {
	for bake, want := range map[time.Duration]int{
		time.Second:      2,
		time.Minute:      1 + 60/5,
		10 * time.Minute: 1 + 60,
		24 * time.Hour:   1 + 24*60,
	} {
		inBubble(t, func(t *testing.T, w *world) {
			looks := 0
			c := w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
				looks++
				return allUp(bought)
			})
			c.Waves[0].Bake = bake
			if result, err := apply.Run(t.Context(), c); err != nil || !result.Complete() {
				t.Fatal(result, err)
			}
			if looks != want {
				t.Errorf("%d looks in %v, want %d", looks, bake, want)
			}
		})
	}
}

// A look that takes longer than a round is followed by the next one at once.
func TestSlowLooks(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		looks := 0
		c := w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
			looks++
			time.Sleep(20 * time.Second)
			return allUp(bought)
		})
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() || looks != 31 {
			t.Errorf("%d looks, %v", looks, err)
		}
		if took := time.Since(w.began).Round(time.Second); took != 10*time.Minute+20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// What a bake sees that does not let the next wave begin.
func TestABakeThatGoesWrong(t *testing.T) {
	const canaryNotUp = `a: 1 not up of 1 order; a wave ends well with at most 0 (failure_tolerance = "10%")`
	for name, test := range map[string]struct {
		look   func(since time.Duration) (apply.Health, error)
		failed []string
	}{
		"one is down": {
			func(since time.Duration) (apply.Health, error) {
				if since > time.Minute {
					return apply.Health{Up: 1, Down: 1, Why: "its status is 13"}, nil
				}
				return apply.Health{Up: 2}, nil
			},
			[]string{"1m0.054s order.a[0]: 1 of it: its status is 13"},
		},
		"one was down": {
			func(since time.Duration) (apply.Health, error) {
				if since > time.Minute && since < 2*time.Minute {
					return apply.Health{Up: 1, Down: 1, Why: "its status is 13"}, nil
				}
				return apply.Health{Up: 2}, nil
			},
			[]string{"1m0.054s order.a[0]: 1 of it: its status is 13"},
		},
		"they go down one by one": {
			func(since time.Duration) (apply.Health, error) {
				down := min(2, int(since/time.Minute))
				return apply.Health{Up: 2 - down, Down: down, Why: "gone"}, nil
			},
			[]string{"1m0.054s order.a[0]: 1 of it: gone", "2m0.054s order.a[0]: 1 of it: gone"},
		},
		"one does not come up": {
			func(time.Duration) (apply.Health, error) { return apply.Health{Up: 1}, nil },
			[]string{"10m0.052s order.a[0]: 1 of it: it did not come up within 10m"},
		},
		"nobody can look": {
			func(time.Duration) (apply.Health, error) { return apply.Health{}, errors.New("no route to host") },
			[]string{"10m0.052s order.a[0]: 2 of it: nobody could look whether it came up: no route to host"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				result, err := apply.Run(t.Context(), w.baked(func([]apply.Watched) ([]apply.Health, error) {
					h, err := test.look(time.Since(w.began))
					return []apply.Health{h}, err
				}))
				if err != nil || result.Count(apply.EndBought) != 1 {
					t.Fatal(result, err)
				}
				expectEnds(t, result, "bad", "not_begun")
				if got := result.Waves[0].Reason; got != canaryNotUp {
					t.Errorf("because of %q, want %q", got, canaryNotUp)
				}
				w.events = onlyFailedInstances(w.events)
				w.expectStory(test.failed...)
			})
		})
	}
}

func onlyFailedInstances(events []apply.Event) []apply.Event {
	var found []apply.Event
	for _, e := range events {
		if _, ok := e.(apply.InstanceFailed); ok {
			found = append(found, e)
		}
	}
	return found
}

// Looks that fail now and then, or say less than was asked, change nothing.
func TestALookThatFailsEndsNoBake(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		looks := 0
		result, err := apply.Run(t.Context(), w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
			switch looks++; looks % 3 {
			case 1:
				return allUp(bought)
			case 2:
				return nil, errors.New("no route to host")
			default:
				return nil, nil
			}
		}))
		if err != nil || !result.Complete() {
			t.Error(result, err)
		}
		expectEnds(t, result, "good", "good")
	})
}

// Nothing but a drain ends a bake early, and that at once. It can't be told how the wave would have ended.
func TestADrainEndsABake(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 125*time.Second, errors.New("interrupted"))
		defer cancel()
		result, err := apply.Run(ctx, w.baked(allUp))
		if err != nil || !result.Interrupted || result.Count(apply.EndBought) != 1 {
			t.Error(result, err)
		}
		expectEnds(t, result, "cut_short", "not_begun")
		if got := result.Waves[0].Reason; got != "its bake was ended early: interrupted" {
			t.Errorf("because of %q", got)
		}
		if took := time.Since(w.began); took != 125*time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}

// Who has to look at a wave that is bad already ought to know now.
func TestABadWaveIsNotBaked(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.baked(allUp)
		c.Buys = buys(3, "a")
		c.Buys[2].Wave = 1
		w.answer = func(i order.Intent) error {
			if ofFirst(i.Order.Address) {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		result, err := apply.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		expectEnds(t, result, "bad", "not_begun")
		w.expectStory("0s wave-0 begins", "54ms wave-0 ends bad")
	})
}

// Purchases that nobody can look for are none of a bake's business. It lasts all the same.
func TestWhatCantBeWatched(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		c := w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
			t.Errorf("there is a look at %v", bought)
			return nil, nil
		})
		w.sourceIDs = false
		result, err := apply.Run(t.Context(), c)
		if err != nil || !result.Complete() {
			t.Fatal(result, err)
		}
		bakes := eventsOf[apply.Baking](w)
		if len(bakes) != 2 || bakes[0].Unwatched != 2 || bakes[0].Coming != 0 {
			t.Errorf("%+v", bakes)
		}
		if took := time.Since(w.began); took < 10*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// A wave that was killed in its bake is baked for what is left of it; what an earlier run saw to its end is not.
func TestABakeIsGoneOnWith(t *testing.T) {
	for _, test := range []struct {
		ago   time.Duration // when it was bought
		ended bool
		until time.Duration
		end   string
	}{
		{4 * time.Minute, false, 6 * time.Minute, "good"},
		{time.Hour, false, 0, "good"},                 // one look shows how it is
		{-time.Hour, false, 10 * time.Minute, "good"}, // the clock went back
		{4 * time.Minute, true, 0, "idle"},
	} {
		inBubble(t, func(t *testing.T, w *world) {
			c := w.inWaves(buys(1, "b"), func(plan.Buy) int { return 1 })
			c.Earlier = []apply.Earlier{w.boughtEarlier("other", time.Hour, "id-other"), w.boughtEarlier("old", test.ago, "id-old")}
			c.Waves[0].Bought, c.Waves[0].Ended = []order.Address{{Name: "old"}}, test.ended
			c.Waves[0].Bake = 10 * time.Minute
			looked := 0
			c.Watcher = watching(func(bought []apply.Watched) ([]apply.Health, error) {
				looked++
				if len(bought) != 1 || bought[0].Address.Name != "old" || bought[0].Instances != 2 {
					t.Errorf("it looks at %+v", bought)
				}
				return allUp(bought)
			})
			result, err := apply.Run(t.Context(), c)
			if err != nil || !result.Complete() {
				t.Fatal(result, err)
			}
			expectEnds(t, result, test.end, "good")
			if got := w.calledAt()["order.b[0]"] - 2*time.Millisecond; got != test.until {
				t.Errorf("bought %v ago, the next wave began after %v, want %v", test.ago, got, test.until)
			}
			if looked > 0 == test.ended {
				t.Errorf("%d looks", looked)
			}
		})
	}
}

// A wave of which an earlier run bought a part is judged as a whole, and that part is watched with the rest.
func TestAWaveThatIsGoneOnWith(t *testing.T) {
	for _, test := range []struct {
		ended  bool
		looked int
	}{{false, 20}, {true, 1}} {
		inBubble(t, func(t *testing.T, w *world) {
			c := w.baked(func(bought []apply.Watched) ([]apply.Health, error) {
				if len(bought) != test.looked {
					t.Errorf("it looks at %d purchases, want %d", len(bought), test.looked)
				}
				return allUp(bought)
			})
			c.Buys = buys(3, "a")
			c.Buys[2].Wave = 1
			for i := range 19 {
				e := w.boughtEarlier(fmt.Sprintf("old-%02d", i), time.Minute, "id")
				c.Earlier = append(c.Earlier, e)
				c.Waves[0].Bought = append(c.Waves[0].Bought, e.Address)
			}
			c.Waves[0].Ended = test.ended
			w.answer = func(i order.Intent) error {
				if ofFirst(i.Order.Address) {
					return fail(order.ClassRejected, "sold out") // one of 21
				}
				return nil
			}
			result, err := apply.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			expectEnds(t, result, "good", "good")
		})
	}
}

func TestEarlierOf(t *testing.T) {
	address := func(name string) order.Address { return order.Address{Name: name} }
	bought := func(run string, imported bool) order.Purchase {
		return order.Purchase{Run: run, Imported: imported, Quantity: 1}
	}
	records := []order.Record{
		{Address: address("bought"), Order: order.Order{Region: "a"}, Purchases: []order.Purchase{bought("run-0", false), bought("run-1", false)}},
		{Address: address("before"), Order: order.Order{Region: "a"}, Purchases: []order.Purchase{bought("run-0", false)}},
		{Address: address("imported"), Order: order.Order{Region: "a"}, Purchases: []order.Purchase{bought("run-1", true)}},
		{Address: address("doubt"), Doubt: &order.Intent{Run: "run-2", Order: order.Order{Region: "b"}}},
		{Address: address("old-doubt"), Doubt: &order.Intent{Run: "run-0"}},
	}
	want := []apply.Earlier{
		{Address: address("bought"), Region: "a", Purchases: []order.Purchase{bought("run-1", false)}},
		{Address: address("doubt"), Region: "b", InDoubt: true},
	}
	got := apply.EarlierOf(plan.Campaign{Runs: []string{"run-1", "run-2"}}, records)
	if d := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
