package apply_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// drawSchedule draws a plan in waves.
func drawSchedule(t *rapid.T) plan.Plan {
	in := plan.Input{Fleet: "f", Rollout: order.DefaultRollout(), Latency: time.Second}
	r := &in.Rollout
	r.Parallelism = rapid.IntRange(1, 12).Draw(t, "parallelism")
	r.ParallelismPerRegion = rapid.IntRange(0, 6).Draw(t, "parallelism_per_region")
	r.RatePerRegion = rapid.SampledFrom([]float64{0, 0, 0.5, 2, 20}).Draw(t, "rate_per_region")
	r.Sequential = rapid.Bool().Draw(t, "sequential")
	if rapid.Bool().Draw(t, "region") {
		r.Regions = []order.RegionRollout{{Region: "b", Limits: order.RegionLimits{Parallelism: rapid.IntRange(1, 9).Draw(t, "parallelism in b"), MaxInDoubt: 1}}}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "waves") {
		r.Waves = append(r.Waves, order.Wave{Name: fmt.Sprint("w", i), Percent: float64(rapid.IntRange(1, 60).Draw(t, "percent"))})
	}
	for _, region := range []string{"a", "b", "c"} {
		for _, b := range buys(rapid.IntRange(0, 40).Draw(t, "orders"), region) {
			in.Orders = append(in.Orders, b.Order)
		}
	}
	slices.SortFunc(in.Orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestARunTakesAsLongAsItsPlanSays holds runs in which nothing fails against the estimates of their plans. Regions that share
// the run's calls get into each other's way, which no estimate counts.
func TestARunTakesAsLongAsItsPlanSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawSchedule(rt)
		var took time.Duration
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.callTime, w.commitTime = time.Second, 0
			c := w.config(p.Buys())
			c.Rollout, c.Waves = p.Rollout, p.Waves
			result, err := apply.Run(context.Background(), c)
			if err != nil || !result.Complete() {
				t.Errorf("%v, %+v", err, result.Waves)
			}
			took = time.Since(w.began)
		})
		s := p.Schedule()
		most := s.Time + s.Time/4 + time.Duration(2*len(s.Waves))*s.Latency
		if took < s.Time-time.Millisecond || took > most {
			rt.Errorf("it took %s, planned were %s", took, s.Time)
		}
	})
}
