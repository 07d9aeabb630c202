package cli

import (
	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/report"
)

func newRunsShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show [RUN]",
		Short: "Show what a run came to",
		Long: `Show what RUN (default: the one that is under way, else the last apply) came to, as report does: how it ended and what
is left to do, its waves and regions, failures by cause, orders in doubt, and what was spent.

With --json, stdout is one object that has everything, every order included.`,
		Example: `  bastion-fleet runs show 20261123T101500Z-k7q2m9
  bastion-fleet runs show --json | jq .counts`,
		Args:              takes(0, 1, "one RUN at most: --chdir DIR names the fleet's directory"),
		ValidArgsFunction: g.completeRun,
		RunE: func(_ *cobra.Command, args []string) error {
			folded, err := g.report(args)
			if err != nil {
				return err
			}
			if g.json {
				return report.WriteJSON(g.streams().Out, folded)
			}
			return report.WriteText(g.streams().Out, folded)
		},
	}
}
