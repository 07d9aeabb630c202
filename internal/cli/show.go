package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

func newShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Show a saved plan",
		Args:  takes(1, 1, "one PLANFILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			g.view().Version(programVersion())
			file, err := readPlanFile(args[0])
			if err != nil {
				return err
			}
			g.view().Plan(file.Plan, ui.Full)
			g.view().Notice(fmt.Sprintf("Planned %s by bastion-fleet %s, for serial %d of the state %s. It can be applied once, until %s.",
				file.Created.Format(time.RFC3339), file.Program, file.Plan.Serial, file.State, file.Expires.Format(time.RFC3339)))
			return nil
		},
	}
}
