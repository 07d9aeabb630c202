package cli

import (
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// The list of runs and reports know a wave's end by its name alone, and take the same ones for good as the engine does.
func TestWhatIsCompleteIsSoForAll(t *testing.T) {
	well := 0
	for end := apply.WaveNotBegun; end <= apply.WaveIdle; end++ {
		if end.Well() {
			well++
		}
		s := state.RunSummary{Bought: 1, Waves: []state.WaveSummary{{Name: "canary", End: end.String()}}}
		if s.Complete() != end.Well() {
			t.Errorf("a run whose wave ended %s is complete: %t", end, s.Complete())
		}
	}
	if well != 2 {
		t.Errorf("%d ends of a wave are good", well)
	}
}
