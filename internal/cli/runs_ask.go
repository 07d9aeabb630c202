package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A runRequest is what can be asked of a run that is under way.
type runRequest struct {
	command state.CommandKind
	short   string
	long    string
	done    func(*standing) bool // the run is as it was asked to be
}

var (
	pauseRun = runRequest{
		command: state.CommandPause,
		short:   "Let a run begin no call until it is resumed",
		long: `Let RUN (default: the one that is under way) begin no call until it is resumed. Calls in flight are finished and
recorded. It works from any terminal of this machine, and waits until the run has taken it up. A run that is paused already
stays so.`,
		done: func(s *standing) bool { return s.paused },
	}
	resumeRun = runRequest{
		command: state.CommandResume,
		short:   "Let a paused run go on",
		long: `Let RUN (default: the one that is under way) go on after runs pause, and wait until it has taken that up. A run that is
not paused goes on as it does.`,
		done: func(s *standing) bool { return !s.paused },
	}
	abortRun = runRequest{
		command: state.CommandAbort,
		short:   "End a run as Ctrl-C does",
		long: `End RUN (default: the one that is under way) as Ctrl-C in its own terminal does: it begins no call any more, finishes
and records those in flight, and exits with code 130. It does not ask: nothing is lost by it, and running apply again goes on
with what was not bought. It returns once the run has taken it up, which may be before it has ended.`,
		done: func(s *standing) bool { return s.draining },
	}
)

func newRunsAskCmd(g *globals, r runRequest) *cobra.Command {
	return &cobra.Command{
		Use:   string(r.command) + " [RUN]",
		Short: r.short,
		Long: r.long + `

Exit codes: 0 the run is as was asked, or with abort has ended; 1 error, or the run did not take it up.`,
		Example: fmt.Sprintf(`  bastion-fleet runs %[1]s
  bastion-fleet runs %[1]s k7q2m9 --chdir branches`, r.command),
		Args:              takes(0, 1, "one RUN at most: --chdir DIR names the fleet's directory"),
		ValidArgsFunction: g.completeRun,
		RunE:              func(c *cobra.Command, args []string) error { return g.ask(c.Context(), args, r) },
	}
}

// askPatience is how long a run may take to take up what is asked of it.
const askPatience = 10 * time.Second

// ask asks something of a run, and waits until its log tells that it was taken up.
func (g *globals) ask(ctx context.Context, args []string, r runRequest) error {
	g.view().Version(programVersion())
	path := g.statePath(".")
	id, err := chooseRun(path, args, true)
	if err != nil {
		return err
	}
	standing, err := standingOf(path, id)
	if err != nil {
		return err
	}
	if c := standing.command; standing.ended == nil && c != "apply" {
		return hinted{fmt.Errorf("run %s is of the command %s, of which nothing can be asked", id, c), "It ends by itself, mostly within moments."}
	}
	if standing.ended != nil || !r.done(standing) { // else it may stay as it is
		if err := state.AskRun(path, id, state.Command{Kind: r.command}); err != nil {
			return unusable(err)
		}
		if err := standing.await(ctx, path, id, r); err != nil {
			return err
		}
	}
	g.view().RunAsked(ui.RunAsked{Run: id, Asked: string(r.command), Status: standing.status()})
	return nil
}

// await goes on with the run's log until the run is as it was asked to be.
func (s *standing) await(ctx context.Context, path, id string, r runRequest) error {
	log, err := readRunLog(path, id)
	if err != nil {
		return err
	}
	waiting, stop := context.WithTimeout(ctx, askPatience)
	defer stop()
	known := s.last.Seq
	for e, err := range log.Follow(waiting) {
		if err != nil {
			return err
		}
		if e.Seq <= known {
			continue
		}
		s.take(e)
		switch {
		case r.done(s), s.ended != nil && r.command == state.CommandAbort:
			return nil
		case s.ended != nil:
			return hinted{fmt.Errorf("run %s has ended before it could %s", id, r.command), "bastion-fleet runs tells how it ended."}
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case waiting.Err() != nil:
		return hinted{
			fmt.Errorf("run %s has not taken up within %s that it is to %s", id, askPatience, r.command),
			"It still may: what was asked stays until the run has ended, or is asked something else. See whether its process hangs.",
		}
	}
	return hinted{fmt.Errorf("the program of run %s has died", id), "Run apply again: it goes on with what was not bought."}
}
