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
	passed := p.PassedOver()
	if loaded != nil {
		passed = slices.DeleteFunc(passed, func(w plan.Wave) bool { return !ordered(w, loaded.Orders) })
	}
	if len(passed) > 0 {
		g.view().Warning(fmt.Sprintf("%s passed over: this plan buys nothing that %s, and the waves that follow do not wait for anything",
			wavesAre(passed), one(passed, "it names", "they name")))
	}
	if w := p.OutOfTurn(); len(w) > 0 {
		g.view().Warning(fmt.Sprintf("--target, --exclude or --region leave out orders whose turn comes first: %s not bought in full, and "+
			"the waves that follow do not wait for the rest", wavesAre(w)))
	}
	if w := p.Toothless(); len(w) > 0 {
		g.view().Warning(fmt.Sprintf("%s over well even if everything in %s fails: failure_tolerance is a count that is no less than the "+
			"orders of a region. Write a percentage, as in failure_tolerance = \"10%%\"", wavesAre(w), one(w, "it", "them")))
	}
}

// ordered tells whether the wave names an order of the files.
func ordered(w plan.Wave, orders []order.Order) bool {
	names := w.Naming()
	return slices.ContainsFunc(orders, func(o order.Order) bool { return names(o.Region, o.Address) })
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
