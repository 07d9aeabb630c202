package cli

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type runsOptions struct {
	*globals
	limit int
}

func newRunsCmd(g *globals) *cobra.Command {
	o := &runsOptions{globals: g}
	c := &cobra.Command{
		Use:   "runs [DIR]",
		Short: "List the runs of the fleet, and see to the one that is under way",
		Long: `List the runs of the fleet in DIR (default: here), newest first: what each bought, and how it ended. A run is all that
one command did to the state: mostly an apply, but also a reconcile or an import. The run that is under way is listed too.

The other commands are about one RUN; it may be left out, and be shortened as long as it stays the only one. They take the
fleet's directory as --chdir DIR. --state and --simulate, if the apply had them, are needed here too.`,
		Example: `  bastion-fleet runs
  bastion-fleet runs branches --limit 5
  bastion-fleet runs --json | jq -c 'select(.type == "run").run'
  bastion-fleet runs pause`,
	}
	group(c, newRunsShowCmd(g), newRunsWatchCmd(g), newRunsAskCmd(g, pauseRun), newRunsAskCmd(g, resumeRun), newRunsAskCmd(g, abortRun))
	c.Args, c.DisableFlagsInUseLine = takesDirectory, false // it does something by itself too
	c.RunE = func(_ *cobra.Command, args []string) error { return o.list(directory(args)) }
	c.Flags().IntVar(&o.limit, "limit", 20, "show the newest `N` runs; 0: all")
	return c
}

// takesDirectory takes one DIR at most. What is none was more likely meant as a command.
func takesDirectory(c *cobra.Command, args []string) error {
	if err := takes(0, 1, "one DIR at most")(c, args); err != nil || len(args) == 0 {
		return err
	}
	if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
		return unknownCommand(c, args[0])
	}
	return nil
}

func (o *runsOptions) list(dir string) error {
	if o.limit < 0 {
		return hinted{fmt.Errorf("--limit is %d: it can't be negative", o.limit), "Give it how many runs to show, or 0 for all."}
	}
	path := o.statePath(dir)
	records, err := state.ReadRuns(path)
	if err != nil {
		return unusable(err)
	}
	if o.json {
		o.view().Version(programVersion())
	} else if len(records) == 0 {
		o.view().Notice(noState(path))
		return nil
	}
	slices.Reverse(records) // newest first
	older := 0
	if o.limit > 0 && len(records) > o.limit {
		older = len(records) - o.limit
		records = records[:o.limit]
	}
	lines, err := runLines(path, records)
	if err != nil {
		return err
	}
	o.view().RunList(lines, time.Now())
	if older > 0 && !o.json {
		o.view().Notice(fmt.Sprintf("%s not shown: --limit 0 shows all.", counted(older, "older run")))
	}
	return nil
}

// runLines is what is known of runs. That of one that has not ended is read from its log.
func runLines(path string, records []state.RunRecord) ([]ui.RunLine, error) {
	running, _, _ := state.RunningRun(path)
	lines := make([]ui.RunLine, len(records))
	for i, r := range records {
		lines[i] = ui.RunLine{ID: r.ID, Started: r.Started, Command: r.Command, By: r.By, PlanID: r.PlanID}
		if r.Summary != nil {
			summarized(&lines[i], *r.Summary)
			continue
		}
		now, err := standingOf(path, r.ID)
		if err != nil {
			return nil, err
		}
		if now.ended != nil { // meanwhile
			summarized(&lines[i], *now.ended)
			continue
		}
		now.describe(&lines[i], r.ID == running)
	}
	return lines, nil
}

// summarized fills in what an ended run came to.
func summarized(line *ui.RunLine, s state.RunSummary) {
	line.Ended, line.Status = s.Ended, runStatus(s)
	line.Bought, line.Instances, line.Failed, line.InDoubt, line.Skipped = s.Bought, s.Instances, s.Failed, s.InDoubt, s.Skipped
	line.Finished, line.LatencyMS = s.Finished, float64(s.Latency.Microseconds())/1000
	for _, w := range s.Waves {
		line.Waves = append(line.Waves, ui.RunLineWave{Name: w.Name, End: w.End})
	}
}

// runStatus is how a run ended.
func runStatus(s state.RunSummary) ui.RunStatus {
	switch {
	case s.Died:
		return ui.RunDied
	case s.Complete():
		return ui.RunComplete
	case s.Interrupted:
		return ui.RunInterrupted
	}
	return ui.RunIncomplete
}
