package cli

import (
	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

func newShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Show a saved plan",
		Long: `Show a plan that plan --out saved: what it buys, when and from which state it was made, and how long it is good.

Beside the state is the key that the plan was sealed with. Where it is, a plan that was changed is refused; elsewhere the
plan is shown with a warning, for nothing proves there that it is as it was saved.`,
		Example: `  bastion-fleet show branches.plan
  bastion-fleet show branches.plan --json`,
		Args: takes(1, 1, "one PLANFILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			g.view().Version(programVersion())
			sealed, err := readPlanFile(args[0])
			if err != nil {
				return err
			}
			file, unchecked, err := viewPlanFile(sealed, args[0], g.planState(sealed))
			if err != nil {
				return err
			}
			g.view().Plan(file.Plan, ui.Full)
			g.view().Notice(originNotice(file))
			if unchecked != nil {
				g.view().Warning(uncheckedWarning(args[0], unchecked))
			}
			return nil
		},
	}
}
