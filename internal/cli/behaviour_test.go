package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// What flags say of a region wins over what they say of all, and both over what the API did before.
func TestBehavioursAreLaidOverEachOther(t *testing.T) {
	before := simulator.Profile{
		All: simulator.Behaviour{Latency: simulator.Latency{time.Second}, Admits: 10, Faults: simulator.Faults{simulator.Reject: 0.1}},
		Regions: map[string]simulator.Behaviour{
			"cn-east-2": {Latency: simulator.Latency{2 * time.Second}, Faults: simulator.Faults{simulator.Reject: 0.2}},
		},
	}
	flags := behaviour{
		latencies: []string{"cn-north-1:3s..4s", "500ms"},
		admits:    []string{"cn-east-2:7.5"},
		faults:    []string{"throttle=0.5", "cn-north-1:reject=0"},
		seed:      3,
	}
	got, err := flags.played(before)
	if err != nil {
		t.Fatal(err)
	}
	half := simulator.Latency{500 * time.Millisecond}
	want := simulator.Profile{
		Seed: 3,
		All:  simulator.Behaviour{Latency: half, Admits: 10, Faults: simulator.Faults{simulator.Reject: 0.1, simulator.Throttle: 0.5}},
		Regions: map[string]simulator.Behaviour{
			"cn-east-2": {Latency: half, Admits: 7.5, Faults: simulator.Faults{simulator.Reject: 0.2, simulator.Throttle: 0.5}},
			"cn-north-1": {
				Latency: simulator.Latency{3 * time.Second, 4 * time.Second}, Admits: 10,
				Faults: simulator.Faults{simulator.Reject: 0, simulator.Throttle: 0.5},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if before.All.Faults[simulator.Throttle] != 0 || before.Regions["cn-east-2"].Faults[simulator.Throttle] != 0 {
		t.Error("what the API did before was changed")
	}
}
