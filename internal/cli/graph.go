package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

func newGraphCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "graph [DIR]",
		Short: "Show what in a fleet depends on what",
		Long: `Print a graph of the fleet in DIR (default: here) in the language of Graphviz: an arrow leads from each order block,
local, output and check to what it refers to, from order blocks to the regions that they buy in, with the number of
orders, and from regions to defaults. Each wave of the rollout leads to the wave before it and to the order blocks that it
may buy, with the number of orders. No state is read and no credentials are needed.

With --json, stdout is one object with nodes and edges.`,
		Example: `  bastion-fleet graph | dot -Tsvg > fleet.svg
  bastion-fleet graph branches --var env=prod`,
		Args: takes(0, 1, "one DIR at most"),
		RunE: func(_ *cobra.Command, args []string) error { return g.graph(directory(args)) },
	}
}

func (g *globals) graph(dir string) error {
	graph, f, diags := fleet.LoadGraph(dir, fleet.Options{Vars: g.vars, Environ: os.Environ(), Version: programVersion()})
	if len(diags) > 0 {
		g.view().Diagnostics(diags, f.Files)
	}
	if diags.HasErrors() {
		return exitCode(exitError)
	}
	g.view().Graph(f.Name, graph)
	return nil
}
