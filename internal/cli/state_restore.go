package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type restoreOptions struct {
	*globals
	locking
	autoApprove bool
	latest      bool
	fromLog     bool
}

func newStateRestoreCmd(g *globals) *cobra.Command {
	o := &restoreOptions{globals: g}
	c := &cobra.Command{
		Use:   "restore FILE | --latest | --from-log",
		Short: "Put a lost, damaged or old database right",
		Long: `Put a lost, damaged or old database right: with the backup FILE, with the newest one in the backups directory
(--latest), or from the run logs alone (--from-log), which hold all that was ever recorded. A backup is brought up to
date by the run logs. Nothing is restored from a backup that is damaged or of another state, nor with run logs of which
one is damaged or missing. It asks first, and keeps the file that it replaces.`,
		Example: `  bastion-fleet state restore --from-log
  bastion-fleet state restore --latest --chdir branches
  bastion-fleet state restore /mnt/safe/branches.db`,
		Args: takes(0, 1, "one FILE, --latest or --from-log"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },
	}
	c.Flags().BoolVar(&o.latest, "latest", false, "restore the newest backup")
	c.Flags().BoolVar(&o.fromLog, "from-log", false, "rebuild the database from the run logs alone")
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "restore without asking")
	o.addLockingFlags(c.Flags())
	return c
}

func (o *restoreOptions) run(ctx context.Context, args []string) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	o.view().Version(programVersion())
	path := o.statePath(".")
	source, err := o.source(path, args)
	if err != nil {
		return unusable(err)
	}
	r, err := state.PrepareRestore(ctx, path, source, o.owner(o.globals, "state restore"), o.lockTimeout)
	if err != nil {
		return interrupted(unusable(err))
	}
	err = o.restore(ctx, r, path)
	return interrupted(errors.Join(err, r.Close()))
}

// source is the backup to restore, or nothing for the run logs.
func (o *restoreOptions) source(path string, args []string) (string, error) {
	ways := len(args)
	for _, given := range []bool{o.latest, o.fromLog} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return "", hinted{errors.New("state restore takes one of FILE, --latest and --from-log"),
			"--from-log needs no backup: the run logs hold all that was ever recorded."}
	case o.latest:
		return state.LatestBackup(path)
	case o.fromLog:
		return "", nil
	}
	return args[0], nil
}

// restore asks, and puts the database in its place.
func (o *restoreOptions) restore(ctx context.Context, r *state.Restoration, path string) error {
	if r.NoLogs {
		o.view().Warning("There is no run log beside the state. What was bought after the backup was made is not in it, and would be " +
			"bought again. See state import, which finds it.")
	}
	if err := o.confirm(ctx, restoreQuestion(r, o.fromStart(path)), o.autoApprove); err != nil {
		return err
	}
	aside, err := r.Commit(time.Now())
	if err != nil {
		return unusable(err)
	}
	shown := restored(r)
	shown.Path = o.fromStart(path)
	if aside != "" {
		shown.Aside = o.fromStart(aside)
	}
	o.view().Restored(shown)
	return nil
}

func restoreQuestion(r *state.Restoration, path string) string {
	from := "the run logs of " + counted(len(r.Logs), "run")
	if r.Source != "" {
		from = fmt.Sprintf("the backup %s and the run logs of %s", r.Source, counted(len(r.Logs), "run"))
	}
	s := restored(r)
	question := fmt.Sprintf("Make %s from %s?\nIt will hold %s at serial %d, of them %d in doubt.", path, from, counted(s.Records, "order"), s.Serial, s.InDoubt)
	if r.Replaces {
		question += " The file that is there now is kept under another name."
	}
	return question
}

func restored(r *state.Restoration) ui.Restored {
	records := slices.DeleteFunc(slices.Clone(r.Records), order.Record.Blank)
	shown := ui.Restored{Source: r.Source, Runs: r.Logs, Fleet: r.Binding.Fleet, Lineage: r.Lineage, Serial: r.Serial, Records: len(records)}
	for _, record := range records {
		if record.Doubt != nil {
			shown.InDoubt++
		}
	}
	return shown
}
