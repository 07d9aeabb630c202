package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func newRunsWatchCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "watch [RUN]",
		Short: "Follow a run from another terminal",
		Long: `Follow RUN as it shows itself where it was started: without RUN the one that is under way, else the last apply. It reads the
run's log, waits for nothing and holds nothing up. It ends with the run, and Ctrl-C leaves: the run goes on.

The log knows of a call before it is made, and counts it among those in flight from then on.

Exit codes: 0 the run has ended, however it did; 1 error; 130 interrupted, while the run was under way.`,
		Example: `  bastion-fleet runs watch
  bastion-fleet runs watch k7q2m9
  bastion-fleet runs watch --chdir branches --json`,
		Args:              takes(0, 1, "one RUN at most: --chdir DIR names the fleet's directory"),
		ValidArgsFunction: g.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			path := g.statePath(".")
			id, err := chooseRun(path, args, false)
			if err != nil {
				return err
			}
			log, err := readRunLog(path, id)
			if err != nil {
				return err
			}
			if command := log.Info.Command; command != "apply" {
				return hinted{fmt.Errorf("run %s is no apply but a %s", id, command), "bastion-fleet runs lists the runs, and runs show says what this one did."}
			}
			return watchRun(ctx, g.view(), log)
		},
	}
}

// watchRun shows a run until it has ended or ctx does.
func watchRun(ctx context.Context, view ui.View, log *state.RunLog) error {
	view.Version(programVersion())
	ended, err := follow(ctx, view, log)
	if err != nil || ended {
		return err
	}
	if ctx.Err() != nil {
		return exitCode(exitInterrupted)
	}
	view.Warning(fmt.Sprintf("the program of run %s died: what its log knows more than the state is taken in by the next apply", log.Info.ID))
	return nil
}

// follow shows a run as its log grows, and tells whether that told of its end.
func follow(ctx context.Context, view ui.View, log *state.RunLog) (ended bool, err error) {
	var observer ui.Observer // there is one from the first event on
	told := retelling{info: log.Info}
	told.tell = func(e apply.Event) {
		if observer == nil {
			observer = view.Watch(told.facts())
		}
		observer.Handle(e)
	}
	defer func() {
		if observer != nil {
			observer.Close()
		}
	}()
	for entry, err := range log.Follow(ctx) {
		if err != nil {
			return false, err
		}
		told.entry(entry)
	}
	return told.ended, nil
}
