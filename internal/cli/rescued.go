package cli

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// tellRescued says where a run that has ended kept what the journal could not record.
func (g *globals) tellRescued(run *state.Run) {
	kept, beside := run.Rescued()
	switch {
	case kept == "":
	case kept == beside:
		g.view().Warning(fmt.Sprintf("What could not be recorded is kept in %s. The next apply takes it into the state: leave the file "+
			"where it is.", g.fromStart(kept)))
	default:
		g.view().Warning(fmt.Sprintf("What could not be recorded is kept in %s, for the state's directory took no file. Before the next "+
			"apply move it to %s, which takes it into the state.", kept, g.fromStart(beside)))
	}
}
