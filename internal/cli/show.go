package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func newShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Show a saved plan",
		Long:  "Show a plan that plan --out saved: what it buys, when and from which state it was made, and how long it is good.",
		Example: `  bastion-fleet show branches.plan
  bastion-fleet show branches.plan --json`,
		Args: takes(1, 1, "one PLANFILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			g.view().Version(programVersion())
			file, err := readPlanFile(args[0])
			if err != nil {
				return err
			}
			g.view().Plan(file.Plan, ui.Full)
			g.view().Notice(originNotice(file))
			return nil
		},
	}
}

// originNotice says where a saved plan comes from and what it is good for.
func originNotice(file plan.File) string {
	origin := fmt.Sprintf("Planned %s by bastion-fleet %s, for serial %d of the state %s.",
		file.Created.Format(time.RFC3339), file.Program, file.Plan.Serial, file.State)
	if file.Plan.Totals().Orders() == 0 {
		return origin + " There is nothing in it to buy."
	}
	return origin + " It can be applied once, until " + file.Expires.Format(time.RFC3339) + "."
}
