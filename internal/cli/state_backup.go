package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func newStateBackupCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "backup [FILE]",
		Short: "Copy the state's database",
		Long: `Copy the state's database to FILE, which must not exist, or into the backups directory beside the state, where the
last ten copies are kept and each apply makes one before it buys. The copy is checked, and its path printed. While
another process writes the state it is refused.`,
		Example: `  bastion-fleet state backup
  bastion-fleet state backup /mnt/safe/branches.db --chdir branches`,
		Args: takes(0, 1, "one FILE at most"),
		RunE: func(_ *cobra.Command, args []string) error {
			to := ""
			if len(args) > 0 {
				to = args[0]
			}
			return g.backup(to)
		},
	}
}

func (g *globals) backup(to string) error {
	g.view().Version(programVersion())
	path := g.statePath(".")
	made, err := state.Backup(path, to, time.Now())
	switch {
	case errors.Is(err, fs.ErrNotExist) && made == "":
		return hinted{fmt.Errorf("there is no state at %s", path), "There is nothing to copy: nothing was bought yet, or elsewhere. " +
			"See --chdir DIR, --state FILE and --simulate."}
	case errors.Is(err, fs.ErrExist):
		return hinted{err, "A backup never writes over a file. Give another name."}
	case err != nil:
		return unusable(err)
	}
	g.view().BackedUp(g.fromStart(made))
	return nil
}

// backUp copies the state before an apply. No purchase depends on it, so where it fails the apply goes on with a warning:
// database and run log restore each other without it, and a disk that has no room for it may have room for them.
func (g *globals) backUp(store *state.Store, now time.Time) {
	if err := store.BackUp(now); err != nil {
		g.view().Warning(fmt.Sprintf("The state was not backed up before this apply: %v. The apply goes on: the state and its run "+
			"logs can restore each other.", err))
	}
}
