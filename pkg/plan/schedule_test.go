package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// scheduled tells each wave in a line: its orders, calls at once and time, then those of its regions.
func scheduled(s plan.Schedule) []string {
	var lines []string
	for _, w := range s.Waves {
		line := fmt.Sprintf("%s %d orders, %d at once, %s:", w.Name, w.Orders, w.AtOnce, w.Time)
		if w.Rate >= 1 {
			line = fmt.Sprintf("%s %d orders, %d at once, %g/s, %s:", w.Name, w.Orders, w.AtOnce, w.Rate, w.Time)
		}
		for _, r := range w.Regions {
			line += fmt.Sprintf(" %s %d/%d %s", r.Region, r.Orders, r.AtOnce, r.Time)
		}
		lines = append(lines, line)
	}
	return append(lines, "in all "+s.Time.String())
}

func TestSchedule(t *testing.T) {
	two := map[string]int{"bj": 10, "sh": 5}
	for _, c := range []struct {
		name    string
		fleet   map[string]int
		edit    func(*order.Rollout)
		latency time.Duration
		expect  []string
	}{
		{"nothing to buy", nil, func(*order.Rollout) {}, 0, []string{"in all 0s"}},
		{
			"more calls than orders", two, func(*order.Rollout) {}, 0,
			[]string{" 15 orders, 15 at once, 1s: bj 10/10 1s sh 5/5 1s", "in all 1s"},
		},
		{
			"the run's limit is shared", two, func(r *order.Rollout) { r.Parallelism = 4 }, 0,
			[]string{" 15 orders, 4 at once, 4s: bj 10/4 3s sh 5/4 2s", "in all 4s"},
		},
		{
			"a region's limit", two, func(r *order.Rollout) { r.ParallelismPerRegion = 3 }, 2 * time.Second,
			[]string{" 15 orders, 6 at once, 8s: bj 10/3 8s sh 5/3 4s", "in all 8s"},
		},
		{
			"a rate", two, func(r *order.Rollout) { r.RatePerRegion = 2 }, 0, // nine gaps of half a second, and the last call
			[]string{" 15 orders, 4 at once, 4/s, 5.5s: bj 10/2 5.5s sh 5/2 3s", "in all 5.5s"},
		},
		{
			"a rate so high that calls last longer than it makes wait", two, func(r *order.Rollout) { r.RatePerRegion, r.ParallelismPerRegion = 100, 2 }, 0,
			[]string{" 15 orders, 4 at once, 200/s, 5s: bj 10/2 5s sh 5/2 3s", "in all 5s"},
		},
		{
			"a rate so low that nobody waits", two, func(r *order.Rollout) { r.RatePerRegion = 1e-300 }, 0,
			[]string{" 15 orders, 2 at once, 8760h0m0s: bj 10/1 8760h0m1s sh 5/1 8760h0m1s", "in all 8760h0m0s"},
		},
		{
			"one region after the other", two, func(r *order.Rollout) {
				r.Sequential, r.Parallelism, r.RegionOrder = true, 4, []string{"sh"}
			}, 0,
			[]string{" 15 orders, 4 at once, 5s: sh 5/4 2s bj 10/4 3s", "in all 5s"},
		},
		{
			"one region after the other, at rates", two, func(r *order.Rollout) {
				r.Sequential, r.RatePerRegion = true, 5
				r.Regions = []order.RegionRollout{{Region: "sh", Limits: order.RegionLimits{Parallelism: 9, Rate: 1}}}
			}, 0,
			[]string{" 15 orders, 5 at once, 5/s, 7.8s: bj 10/5 2.8s sh 5/1 5s", "in all 7.8s"},
		},
		{
			"a region of its own", two, func(r *order.Rollout) {
				r.Regions = []order.RegionRollout{{Region: "bj", Limits: order.RegionLimits{Parallelism: 2, Rate: 1}}}
			}, 0,
			[]string{" 15 orders, 6 at once, 10s: bj 10/1 10s sh 5/5 1s", "in all 10s"},
		},
		{
			"waves, and a bake", two, func(r *order.Rollout) {
				r.Waves = []order.Wave{{Name: "canary", MaxOrders: 1, Bake: time.Minute}, {Name: "none", Regions: []string{"gz"}, Bake: time.Hour}, {Name: "rest"}}
			}, 0,
			[]string{"canary 1 orders, 1 at once, 1m1s: bj 1/1 1s", "rest 14 orders, 14 at once, 1s: bj 9/9 1s sh 5/5 1s", "in all 1m2s"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := order.DefaultRollout()
			c.edit(&r)
			s := planned(t, plan.Input{Orders: fleetOf(t, c.fleet), Rollout: r, Latency: c.latency}).Schedule()
			if d := cmp.Diff(c.expect, scheduled(s)); d != "" {
				t.Error(d)
			}
			if s.Measured != (c.latency > 0) || s.Latency != max(c.latency, plan.AssumedLatency) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// What an earlier run bought and did not watch to the end is watched, though its wave buys nothing.
func TestAWaveIsBakedOnce(t *testing.T) {
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "canary", MaxOrders: 1, Bake: time.Minute}, {Name: "rest"}}
	orders := fleetOf(t, map[string]int{"bj": 3})
	unseen := "canary 0 orders, 0 at once, 1m0s:"
	for _, c := range []struct {
		name   string
		orders int
		ended  []string
		doubt  bool
		region []string
		first  string
	}{
		{"not seen to its end", 3, nil, false, nil, unseen},
		{"seen to its end", 3, []string{"canary"}, false, nil, "rest 2 orders, 2 at once, 1s: bj 2/2 1s"},
		{"nothing else is to be bought", 1, nil, false, nil, unseen},
		{"nothing else is to be bought, and something is in doubt", 1, nil, true, nil, "in all 0s"},
		{"nothing of what is selected is to be bought", 1, nil, false, []string{"bj"}, "in all 0s"},
	} {
		known := []order.Record{boughtBy("run-1", orders[0])}
		if c.doubt {
			known = append(known, doubtful(order.Record{}, orders[1]))
		}
		s := planned(t, plan.Input{
			Orders: orders[:c.orders], Rollout: r, Selection: plan.Selection{Region: c.region},
			Known: plan.Known{Records: known, Campaign: plan.Campaign{Runs: []string{"run-1"}, Ended: c.ended}},
		}).Schedule()
		if got := scheduled(s)[0]; got != c.first {
			t.Errorf("%s: %q, want %q", c.name, got, c.first)
		}
	}
}

func TestAScheduleCountsAllThatIsBought(t *testing.T) {
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "half", Percent: 50}, {Name: "rest"}}
	prices := order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{{Spec: "bastion-50", Unit: order.UnitYear}: 100}}
	orders := fleetOf(t, map[string]int{"bj": 3, "sh": 4})
	orders[0].Spec = "bastion-100"
	s := planned(t, plan.Input{Orders: orders, Rollout: r, Prices: prices}).Schedule()
	half := s.Waves[0]
	if half.Instances != 8 || half.Cost != (plan.Cost{Amount: 600, Unpriced: 1}) || half.Index != 0 || s.Waves[1].Index != 1 {
		t.Errorf("%+v", s.Waves)
	}
	if bj := half.Regions[0]; bj.Instances != 4 || bj.Cost != (plan.Cost{Amount: 200, Unpriced: 1}) {
		t.Errorf("%+v", bj)
	}
}

func TestWhatOfARolloutDoesNothing(t *testing.T) {
	orders := fleetOf(t, map[string]int{"bj": 2, "sh": 2})
	north := order.Wave{Name: "north", Regions: []string{"bj"}, Bake: time.Minute}
	rest := order.Wave{Name: "rest"}
	all := plan.Campaign{Runs: []string{"run-1"}}
	bj := []order.Record{boughtBy("run-1", orders[0]), boughtBy("run-1", orders[1])}
	for _, c := range []struct {
		name      string
		waves     []order.Wave
		tolerance order.Tolerance
		known     plan.Known
		selected  []string
		expect    string
	}{
		{"all is well", []order.Wave{north, rest}, order.Percent(10), plan.Known{}, nil, ""},
		{"no waves", nil, order.Count(9), plan.Known{}, nil, ""},
		{"bought long ago", []order.Wave{north, rest}, order.Percent(10), plan.Known{Records: bj}, nil, "passed over: north"},
		{"bought in the campaign", []order.Wave{north, rest}, order.Percent(10), plan.Known{Records: bj, Campaign: all}, nil, ""},
		{"nothing comes after it", []order.Wave{rest, {Name: "south", Regions: []string{"gz"}, Bake: time.Minute}}, order.Percent(10), plan.Known{}, nil, ""},
		{"it holds nothing back", []order.Wave{{Name: "south", Regions: []string{"gz"}}, rest}, order.Percent(10), plan.Known{}, nil, ""},
		{"earlier waves have its orders", []order.Wave{{Name: "a", Regions: []string{"bj"}}, north, rest}, order.Percent(10), plan.Known{}, nil, ""},
		{"left out", []order.Wave{north, rest}, order.Percent(10), plan.Known{}, []string{"sh"}, "out of turn: north"},
		{"what comes after it is left out", []order.Wave{north, rest}, order.Percent(10), plan.Known{}, []string{"bj"}, ""},
		{"all of it may fail", []order.Wave{north, rest}, order.Count(2), plan.Known{}, nil, "toothless: north"},
		{"one of it may fail", []order.Wave{north, rest}, order.Count(1), plan.Known{}, nil, ""},
		{"all of it may, in one of two regions", []order.Wave{{Name: "some", MaxOrders: 3}, rest}, order.Count(1), plan.Known{}, nil, ""},
		{"whatever its size", []order.Wave{north, rest}, order.Percent(100), plan.Known{}, nil, ""},
	} {
		r := order.DefaultRollout()
		r.Waves, r.FailureTolerance = c.waves, c.tolerance
		p := planned(t, plan.Input{Orders: orders, Rollout: r, Known: c.known, Selection: plan.Selection{Region: c.selected}})
		var got []string
		for _, part := range []struct {
			what  string
			waves []plan.Wave
		}{{"passed over", p.PassedOver()}, {"out of turn", p.OutOfTurn()}, {"toothless", p.Toothless()}} {
			for _, w := range part.waves {
				got = append(got, part.what+": "+w.Name)
			}
		}
		if text := strings.Join(got, ", "); text != c.expect {
			t.Errorf("%s: %q, want %q", c.name, text, c.expect)
		}
	}
}
