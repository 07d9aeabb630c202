package order_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestLimitsOfRegions holds which limits a region has, and that no region exceeds the run's calls in flight, whatever they
// are set to after the fleet was read.
func TestLimitsOfRegions(t *testing.T) {
	r := order.DefaultRollout()
	r.RatePerRegion = 5
	own := order.RegionLimits{Parallelism: 16, Rate: 1, FailureTolerance: order.Count(2), MaxInDoubt: 1}
	free := own
	free.Parallelism = order.MaxParallelism
	r.Regions = []order.RegionRollout{{"b", own}, {"d", free}}
	of := func(r order.Rollout) []int {
		var parallelism []int
		for _, region := range []string{"a", "b", "c", "d"} {
			parallelism = append(parallelism, r.In(region).Parallelism)
		}
		return parallelism
	}
	for _, c := range []struct {
		run, perRegion int
		want           []int
	}{
		{32, 0, []int{32, 16, 32, 32}}, {64, 8, []int{8, 16, 8, 64}}, {4, 8, []int{4, 4, 4, 4}},
	} {
		r.Parallelism, r.ParallelismPerRegion = c.run, c.perRegion
		if diff := cmp.Diff(c.want, of(r)); diff != "" {
			t.Errorf("%d in the run, %d in a region (-want +got):\n%s", c.run, c.perRegion, diff)
		}
	}
	if a, b := r.In("a"), r.In("b"); a.Rate != 5 || a.FailureTolerance != order.Percent(10) || b.Rate != 1 || b.FailureTolerance != order.Count(2) {
		t.Errorf("%+v and %+v", a, b)
	}
	all := r.Tolerating(order.Count(7))
	if all.In("a").FailureTolerance != order.Count(7) || all.In("b").FailureTolerance != order.Count(7) || r.In("b").FailureTolerance != order.Count(2) {
		t.Errorf("tolerating 7: %+v; before: %+v", all, r)
	}
}

// A share is reckoned as people do, though fractions are binary: 7 % of 100 orders is 7, not a bit more, and 0.57 % of 10,000 is
// 57, not a bit less.
func TestShares(t *testing.T) {
	for _, c := range []struct {
		wave        order.Wave
		named, want int
	}{
		{order.Wave{Percent: 7}, 100, 7}, {order.Wave{Percent: 7}, 101, 8}, {order.Wave{Percent: 1e-12}, 100, 1},
		{order.Wave{Percent: 50}, 0, 0}, {order.Wave{Percent: 100}, 9, 9}, {order.Wave{Percent: 0.57}, 10_000, 57},
		{order.Wave{}, 9, 9}, {order.Wave{MaxOrders: 3}, 9, 3}, {order.Wave{MaxOrders: 3, Percent: 10}, 9, 1},
	} {
		if got := c.wave.MostIn(c.named); got != c.want {
			t.Errorf("%+v takes %d of %d, want %d", c.wave, got, c.named, c.want)
		}
	}
	for _, c := range []struct {
		tolerance        order.Tolerance
		n, within, gated int
	}{
		{order.Percent(0.57), 10_000, 57, 57}, {order.Percent(7), 100, 7, 7}, {order.Percent(10), 9, 1, 0},
		{order.Percent(0), 9, 0, 0}, {order.Count(2), 1, 2, 2},
	} {
		if of, strict := c.tolerance.Of(c.n), c.tolerance.Strict(c.n); of != c.within || strict != c.gated {
			t.Errorf("%v of %d is %d, before another wave %d; want %d and %d", c.tolerance, c.n, of, strict, c.within, c.gated)
		}
	}
}
