package plan

import "github.com/bastion-fleet/bastion-fleet/pkg/order"

// What of a fleet's rollout does not do in this plan what it is there for. Nothing of it is refused: the next plan buys
// other orders.

// PassedOver returns the waves that hold back the ones after them, and are passed over: waves after them buy, and none of
// what the plan buys is named by them. A wave whose orders were bought earlier in the campaign is none of them.
func (p Plan) PassedOver() []Wave {
	var waves []Wave
	for _, w := range p.wavesBefore() {
		holds := w.Bounded() || w.Bake > 0 || w.Approve
		if holds && w.Orders+len(w.Bought)+len(w.InDoubt)+w.LeftOut == 0 && !p.namesAny(w.Wave) {
			waves = append(waves, w.Wave)
		}
	}
	return waves
}

// OutOfTurn returns the waves of which the plan's selection leaves out orders, though waves after them buy.
func (p Plan) OutOfTurn() []Wave {
	var waves []Wave
	for _, w := range p.wavesBefore() {
		if w.LeftOut > 0 {
			waves = append(waves, w.Wave)
		}
	}
	return waves
}

// Toothless returns the waves that end well even if all of their orders fail: in each region the fleet tolerates a count
// that is no less than those, so that the waves after them begin whatever comes.
func (p Plan) Toothless() []Wave {
	var waves []Wave
	for _, w := range p.wavesBefore() {
		if w.Orders > 0 && !w.canFail(p.Rollout) {
			waves = append(waves, w.Wave)
		}
	}
	return waves
}

// canFail tells whether failures can keep the next wave from beginning. A percentage always does what it says.
func (w WaveSchedule) canFail(r order.Rollout) bool {
	for _, region := range w.Regions {
		if count, fixed := r.In(region.Region).FailureTolerance.Absolute(); !fixed || count < region.Orders {
			return true
		}
	}
	return false
}

// wavesBefore returns all waves that come before the last one that buys.
func (p Plan) wavesBefore() []WaveSchedule {
	if len(p.Waves) == 0 {
		return nil
	}
	waves := p.waveParts()
	for len(waves) > 0 && waves[len(waves)-1].Orders == 0 {
		waves = waves[:len(waves)-1]
	}
	return waves[:max(0, len(waves)-1)]
}

// namesAny tells whether a wave names something that the plan buys.
func (p Plan) namesAny(w Wave) bool {
	names := w.Naming()
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action.Buys() && names(c.Region, c.Address) {
			return true
		}
	}
	return false
}
