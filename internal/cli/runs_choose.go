package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// chooseRun returns the run that was meant: by its id, or the beginning or end of it that no other has. Without any it is the
// run that is under way, or else, unless it must be under way, the newest apply.
func chooseRun(path string, args []string, underWay bool) (string, error) {
	running, holder, _ := state.RunningRun(path)
	switch {
	case len(args) == 0 && running != "":
		return running, nil
	case len(args) > 0 && logged(path, args[0]): // however the state is
		return args[0], nil
	}
	records, err := state.ReadRuns(path)
	switch {
	case err != nil:
		return "", unusable(err)
	case len(args) > 0:
		return matchRun(records, args[0])
	case underWay && holder.PID != 0:
		return "", hinted{fmt.Errorf("no run is under way: process %d of %s (%s) holds the state and makes none", holder.PID, holder.Who(), holder.Command), howToRun}
	case underWay:
		return "", hinted{errors.New("no run is under way"), howToRun}
	}
	for _, r := range slices.Backward(records) {
		if r.Command == "apply" {
			return r.ID, nil
		}
	}
	if len(records) == 0 {
		return "", hinted{errors.New("there is no run yet"), noState(path)}
	}
	return "", hinted{errors.New("there was no apply yet"), "bastion-fleet runs lists the runs that there were: name one of them."}
}

// logged tells whether a text is the id of a run that has a log.
func logged(path, id string) bool {
	_, err := state.ReadRunLog(path, id)
	return err == nil
}

const howToRun = "bastion-fleet runs lists the runs. For a fleet elsewhere say --chdir DIR, and give --state FILE and --simulate if the apply had them."

// matchRun returns the only run that a text names.
func matchRun(records []state.RunRecord, text string) (string, error) {
	var found []string
	for _, r := range records {
		if strings.HasPrefix(r.ID, text) || strings.HasSuffix(r.ID, text) {
			found = append(found, r.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", hinted{fmt.Errorf("there is no run %q here", text), howToRun}
	}
	return "", hinted{fmt.Errorf("%q may be run %s or %s", text, found[0], found[1]), "Give more of its id."}
}

// readRunLog opens a run's log for reading.
func readRunLog(path, id string) (*state.RunLog, error) {
	log, err := state.ReadRunLog(path, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hinted{fmt.Errorf("the log of run %s is gone: %w", id, err), "What it bought is in the state all the same: bastion-fleet state list."}
	}
	if err != nil {
		return nil, unusable(err)
	}
	return log, nil
}

// completeRun completes a RUN from the runs that there are.
func (g *globals) completeRun(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 || g.chdir != "" && os.Chdir(g.chdir) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	records, _ := state.ReadRuns(g.statePath("."))
	var ids []cobra.Completion
	for _, r := range slices.Backward(records) {
		ids = append(ids, cobra.CompletionWithDesc(r.ID, cmp.Or(r.Command, "run")))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
