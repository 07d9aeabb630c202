package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// tellRollout warns of waves that do not do in this plan what they are there for. Of what the files alone tell, reading them
// has warned; loaded is nil for a plan that was saved.
func (g *globals) tellRollout(p plan.Plan, loaded *fleet.Fleet) {
	passed, toothless := p.PassedOver(), p.Toothless()
	if loaded != nil {
		passed = slices.DeleteFunc(passed, func(w plan.Wave) bool { return len(mostOf(w, loaded.Orders)) == 0 })
		toothless = slices.DeleteFunc(toothless, func(w plan.Wave) bool { return !everFails(w, *loaded) })
	}
	if len(passed) > 0 {
		g.view().Warning(fmt.Sprintf("%s passed over: this plan buys nothing that %s, and the waves that follow begin without %s",
			wavesAre(passed), one(passed, "it names", "they name"), one(passed, "it", "them")))
	}
	if w := p.OutOfTurn(); len(w) > 0 {
		g.view().Warning(fmt.Sprintf("--target, --exclude or --region leave out orders whose turn comes first: %s not bought in full, and "+
			"the waves that follow do not wait for the rest", wavesAre(w)))
	}
	if len(toothless) > 0 {
		g.view().Warning(fmt.Sprintf("%s so small in this plan that failure_tolerance, a count, tolerates all of %s: the next wave begins "+
			"whatever fails. Write a percentage, as in failure_tolerance = \"10%%\"", wavesAre(toothless), one(toothless, "it", "them")))
	}
}

// mostOf returns how many orders of each region the wave could take if nothing of the fleet were bought yet.
func mostOf(w plan.Wave, orders []order.Order) map[string]int {
	names, most := w.Naming(), map[string]int{}
	for i := range orders {
		if o := &orders[i]; names(o.Region, o.Address) {
			most[o.Region]++
		}
	}
	for region, named := range most {
		most[region] = w.MostIn(named)
	}
	return most
}

// everFails tells whether failures could keep the next wave from beginning in some plan of the fleet. Where none could, reading
// its files has warned.
func everFails(w plan.Wave, f fleet.Fleet) bool {
	for region, most := range mostOf(w, f.Orders) {
		if count, fixed := f.Rollout.In(region).FailureTolerance.Absolute(); !fixed || count < most {
			return true
		}
	}
	return false
}

// wavesAre is the beginning of a sentence about waves, with its verb.
func wavesAre(waves []plan.Wave) string {
	var names []string
	for _, w := range waves {
		names = append(names, fmt.Sprintf("%q", w.Name))
	}
	return one(waves, "wave ", "waves ") + strings.Join(names, ", ") + one(waves, " is", " are")
}

// one is singular for one wave, else plural.
func one(waves []plan.Wave, singular, plural string) string {
	if len(waves) == 1 {
		return singular
	}
	return plural
}
