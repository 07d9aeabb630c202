package cli

import (
	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func newStateVerifyCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check everything that must hold of the state",
		Long: `Check everything that must hold of the state: that the database's pages, checksums and sums are right, that its
records keep their rules, that no id belongs to two purchases, that every run log is whole and follows the one before
it, that the run logs together tell what the database holds, so that each can restore the other, and that the backups
can be read. It changes nothing.

Exit codes: 0 the state is sound; 1 error, or problems were found, each named with what to do.`,
		Example: `  bastion-fleet state verify
  bastion-fleet state verify --chdir branches --json`,
		Args: takes(0, 0, "no arguments: --chdir DIR names the fleet's directory"),
		RunE: func(*cobra.Command, []string) error { return g.verify() },
	}
}

func (g *globals) verify() error {
	g.view().Version(programVersion())
	path := g.statePath(".")
	v, err := state.Verify(path)
	switch {
	case err != nil:
		return unusable(err)
	case v.Fresh():
		g.view().Notice(noState(path))
		return nil
	}
	for _, problem := range v.Problems {
		g.view().Error(problem)
	}
	g.view().Verified(ui.Verified{
		Path: g.fromStart(path), Fleet: v.Fleet, Lineage: v.Lineage, Serial: v.Serial,
		Records: v.Records, InDoubt: v.InDoubt, Purchases: v.Purchases, IDs: v.IDs,
		Runs: v.Runs, Lines: v.Lines, Backups: v.Backups, Recovered: v.Recovered, Problems: len(v.Problems),
	})
	if len(v.Problems) > 0 {
		return exitCode(exitError)
	}
	return nil
}
