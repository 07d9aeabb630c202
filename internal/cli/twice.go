package cli

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// tellTwice warns of what a plan buys that looks as if it was bought before.
func (g *globals) tellTwice(p plan.Plan) {
	if m, n := p.Renamed(); n > 0 {
		g.view().Warning(fmt.Sprintf("%s to create, and bought alike under names that the files no longer have: %s would be as %s is. What "+
			"only got another name is bought twice, unless a moved block says so, %s", counted(n, "order"), m.To, m.From, movedBlock(m)))
	}
	if a, n := p.BoughtBefore(); n > 0 {
		g.view().Warning(fmt.Sprintf("%s to create had been bought, and was removed from the fleet, which deletes nothing: it would be "+
			"bought anew. The first is %s; bastion-fleet state show tells what was bought", counted(n, "order"), a))
	}
}

// movedBlock is what a moved block says of a move: between whole blocks, if the key stays.
func movedBlock(m order.Move) string {
	if m.From.Key == m.To.Key {
		m.From.Key, m.To.Key = order.NoKey, order.NoKey
	}
	return fmt.Sprintf("from = %s and to = %s", m.From, m.To)
}
