package cli

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// values are what a fleet's outputs and checks come to.
type values struct {
	fleet fleet.Fleet
	fleet.Evaluated
	diags hcl.Diagnostics
}

// evaluate evaluates the fleet's outputs and checks with what is known of its orders.
func evaluate(f fleet.Fleet, records []order.Record) values {
	v := values{fleet: f}
	v.Evaluated, v.diags = f.Evaluate(records)
	return v
}

// showPlan shows a plan with what its fleet's checks say, unless an output has a mistake, and holds it against the fleet's
// lifecycles and limits. loaded is nil for a plan that was saved. Preview and apply both come through here.
func (g *globals) showPlan(p plan.Plan, d ui.Detail, loaded *fleet.Fleet, records []order.Record) (values, error) {
	var known values
	if loaded != nil {
		known = evaluate(*loaded, records)
	}
	if g.refuse(known.diags, known.fleet) {
		return known, exitCode(exitError)
	}
	g.view().Plan(p, d)
	g.tellTwice(p)
	g.tellRollout(p, loaded)
	g.tellChecks(known)
	return known, p.Check()
}

// tellChecks warns of the checks that fail, and says which are not decided.
func (g *globals) tellChecks(v values) {
	if len(v.diags) > 0 {
		g.view().Diagnostics(v.diags, v.fleet.Files)
	}
	switch n := len(v.Undecided); {
	case n == 1:
		g.view().Notice("The check " + v.Undecided[0] + " is left out: it depends on what is not bought yet.")
	case n > 1:
		g.view().Notice(fmt.Sprintf("%d checks are left out: they depend on what is not bought yet: %s.", n, strings.Join(v.Undecided, ", ")))
	}
}

// conclude shows what the outputs and checks come to after a run, and returns the apply's end: that of the run, unless an
// output has a mistake and nothing worse happened.
func (g *globals) conclude(from source, records []order.Record, end error) error {
	if from.loaded == nil {
		return end
	}
	v := evaluate(*from.loaded, records)
	g.tellChecks(v)
	g.view().Outputs(v.Outputs)
	if v.diags.HasErrors() && end == nil {
		return exitCode(exitError)
	}
	return end
}
