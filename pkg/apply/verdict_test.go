package apply_test

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// What lets the next wave begin, and what does not.
func TestTheGateBetweenWaves(t *testing.T) {
	tenPercent := order.Percent(10)
	for name, test := range map[string]struct {
		orders    int // of the first wave
		rejected  int
		inDoubt   int
		tolerance order.Tolerance
		end       string
		reason    string
	}{
		"all is bought":                        {orders: 5, tolerance: order.Count(0), end: "good"},
		"a canary tolerates nothing":           {orders: 1, rejected: 1, tolerance: tenPercent, end: "bad", reason: `a: 1 failed of 1 order; a wave ends well with at most 0 (failure_tolerance = "10%")`},
		"a doubtful canary is none":            {orders: 1, inDoubt: 1, tolerance: tenPercent, end: "bad", reason: `a: 1 in doubt of 1 order; a wave ends well with at most 0 (failure_tolerance = "10%")`},
		"a count is a count":                   {orders: 1, rejected: 1, tolerance: order.Count(1), end: "good"},
		"a tenth may fail":                     {orders: 20, rejected: 2, tolerance: tenPercent, end: "good"},
		"nine are no ten":                      {orders: 9, rejected: 1, tolerance: tenPercent, end: "bad", reason: `a: 1 failed of 9 orders; a wave ends well with at most 0 (failure_tolerance = "10%")`},
		"failures and doubts count together":   {orders: 20, rejected: 2, inDoubt: 1, tolerance: tenPercent, end: "bad", reason: `a: 2 failed, 1 in doubt of 20 orders; a wave ends well with at most 2 (failure_tolerance = "10%")`},
		"a region that stopped is no success":  {orders: 20, rejected: 3, tolerance: tenPercent, end: "bad", reason: `a: 3 of 20 orders failed; failure_tolerance = "10%" allows 2`},
		"a bound of doubts stops a region too": {orders: 100, inDoubt: 5, tolerance: tenPercent, end: "bad", reason: `a: 5 orders in doubt; max_in_doubt = 5`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.answer = func(i order.Intent) error {
					if i.Order.Region != "a" {
						return nil
					}
					switch n := numberOf(i.Order.Address); {
					case n < test.rejected:
						return fail(order.ClassRejected, "sold out")
					case n < test.rejected+test.inDoubt:
						return fail(order.ClassInDoubt, "timeout")
					}
					return nil
				}
				c := w.inWaves(append(buys(test.orders, "a"), buys(3, "b")...), func(b plan.Buy) int {
					if b.Order.Region == "a" {
						return 0
					}
					return 1
				})
				c.Rollout.FailureTolerance = test.tolerance
				result, err := apply.Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				next := "good"
				if test.end != "good" {
					next = "not_begun"
				}
				expectEnds(t, result, test.end, next)
				if got := result.Waves[0].Reason; got != test.reason {
					t.Errorf("because of %q,\n     want %q", got, test.reason)
				}
				begun := w.calledAt()["order.b[0]"] != 0
				if begun != (test.end == "good") {
					t.Errorf("the next wave began: %t", begun)
				}
			})
		})
	}
}

// What an earlier run left in doubt is no success either, though there is nothing to do for it.
func TestADoubtOfAnEarlierRunIsJudged(t *testing.T) {
	doubt := order.Address{Name: "a", Key: order.IndexKey(9)}
	for _, test := range []struct {
		bought int // of the same wave, earlier
		end    string
	}{{0, "bad"}, {9, "good"}} {
		inBubble(t, func(t *testing.T, w *world) {
			c := w.inWaves(buys(2, "b"), func(plan.Buy) int { return 1 })
			c.Waves[0].InDoubt = []order.Address{doubt}
			c.Earlier = []apply.Earlier{{Address: doubt, Region: "a", InDoubt: true}}
			for i := range test.bought {
				a := order.Address{Name: "a", Key: order.IndexKey(i)}
				c.Waves[0].Bought = append(c.Waves[0].Bought, a)
				c.Earlier = append(c.Earlier, apply.Earlier{Address: a, Region: "a", Purchases: []order.Purchase{{Quantity: 1}}})
			}
			result, err := apply.Run(t.Context(), c)
			if err != nil || result.Waves[0].End.String() != test.end || result.Complete() != (test.end == "good") {
				t.Errorf("%+v, %v; want %s", result.Waves, err, test.end)
			}
		})
	}
}

// Where no wave follows, the tolerance is what the regions have: within it a run ends well.
func TestARunWithoutWavesHasNoGate(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(i order.Intent) error {
			if ofFirst(i.Order.Address) {
				return fail(order.ClassRejected, "sold out")
			}
			return nil
		}
		result, err := apply.Run(t.Context(), w.config(buys(3, "a", "b")))
		if err != nil || result.Count(apply.EndFailed) != 2 {
			t.Fatal(result, err)
		}
		expectEnds(t, result, "good")
	})
}

// A reason stays short, however many regions are in trouble.
func TestAReasonNamesThreeRegions(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.answer = func(order.Intent) error { return fail(order.ClassRejected, "sold out") }
		c := w.inWaves(buys(1, "a", "b", "c", "d", "e"), canary)
		result, err := apply.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		const each = `: 1 failed of 1 order; a wave ends well with at most 0 (failure_tolerance = "10%"); `
		if got, want := result.Waves[0].Reason, "a"+each+"b"+each+"c"+each+"and 2 more of its regions"; got != want {
			t.Errorf("because of %q, want %q", got, want)
		}
	})
}
