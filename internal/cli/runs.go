package cli

import "github.com/spf13/cobra"

func newRunsCmd(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "Look at what runs did",
		Long: `Look at what runs did. The state is the one of the fleet in this directory. After bastion-fleet apply DIR, say
--chdir DIR here; --state and --simulate, if the apply had them, are needed here too.`,
	}
	return group(c, newRunsShowCmd(g))
}
