package fleet_test

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestARegionFollowsTheOthersInWhatItsBlockLeavesOut holds that for what is set after the fleet was read, too.
func TestARegionFollowsTheOthersInWhatItsBlockLeavesOut(t *testing.T) {
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", minimal+`
order "gw" { count = 9 }
rollout {
  max_in_doubt      = 3
  failure_tolerance = 2
  region "cn-north-1" { rate = 1 }
}`), fleet.Options{})
	f.Rollout.Parallelism = 200 // as --parallelism does
	want := order.RegionLimits{Parallelism: 200, Rate: 1, FailureTolerance: order.Count(2), MaxInDoubt: 3}
	if got := f.Rollout.In("cn-north-1"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestAListThatIsUnknownIsNoEmptyOne holds that a wave whose regions come from a mistake is not said to be one of all regions.
func TestAListThatIsUnknownIsNoEmptyOne(t *testing.T) {
	_, diags := fleet.Load(writeFleet(t, "a.fleet.hcl", minimal+`
locals { regions = file("none") }
order "gw" {}
rollout {
  wave "first" { regions = local.regions }
  wave "second" { orders = [local.regions] }
  wave "third" { percent = local.regions }
  wave "last" {}
}`), fleet.Options{})
	if len(diags) != 1 || diags[0].Summary != "Invalid function argument" {
		t.Errorf("got\n%s", rendered(diags))
	}
}
