package cli

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

func TestEveryFaultIsExplained(t *testing.T) {
	for f := simulator.NoFault + 1; f <= simulator.Stall; f++ {
		if faultMeanings[f] == "" {
			t.Errorf("the help says nothing of %s", f)
		}
	}
	for f := simulator.NoInstanceFault + 1; f <= simulator.Falls; f++ {
		if instanceFaultMeanings[f] == "" {
			t.Errorf("the help says nothing of %s", f)
		}
	}
}
