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
