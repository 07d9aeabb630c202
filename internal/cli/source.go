package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A source is what an apply was given: a fleet's directory or a plan file.
type source struct {
	what   string       // as it was given
	fleet  string       // its name
	state  string       // path of its state's database
	planID string       // of a plan file; its maker approved it by saving it
	loaded *fleet.Fleet // nil for a plan file, which has no outputs and checks
	// plan makes the plan, or checks the saved one against the state that it was made from.
	plan func(state.Snapshot, state.Binding) (plan.Plan, error)
	// again is the plan after a reconcile has changed the state that plan was given. The orders that it returns were in
	// doubt when a plan was saved, and would have to be bought: a saved plan has no approval for that.
	again func(plan.Plan, state.Snapshot) (_ plan.Plan, open []order.Address, err error)
}

func (o *applyOptions) source(what string, set func(flag string) bool) (source, error) {
	info, err := os.Stat(what)
	if err != nil {
		return source{}, hinted{
			fmt.Errorf("there is no fleet and no plan file to apply: %w", err),
			"Name a fleet's directory, or a file that plan --out saved.",
		}
	}
	if info.IsDir() || fleet.IsFile(what) {
		return o.fleetSource(what, set("parallelism"))
	}
	for _, flag := range []string{"target", "exclude", "region", "var", "var-file"} {
		if set(flag) {
			return source{}, hinted{
				fmt.Errorf("--%s can't change the saved plan %s", flag, what),
				"Give it to plan --out instead.",
			}
		}
	}
	return o.planFileSource(what, set("parallelism"))
}

// fleetDirectory is the directory of a fleet that was given as one, or as a file in it.
func fleetDirectory(what string) string {
	if fleet.IsFile(what) {
		return filepath.Dir(what)
	}
	return what
}

func (o *applyOptions) fleetSource(dir string, parallelismSet bool) (source, error) {
	f, err := o.loadFleet(dir)
	if err != nil {
		return source{}, err
	}
	path := o.statePath(fleetDirectory(dir))
	return source{
		what: dir, fleet: f.Name, state: path, loaded: &f,
		plan: func(s state.Snapshot, b state.Binding) (plan.Plan, error) {
			if err := s.CheckBinding(path, b); err != nil {
				return plan.Plan{}, err
			}
			return o.build(f, s, parallelismSet)
		},
		again: func(_ plan.Plan, s state.Snapshot) (plan.Plan, []order.Address, error) {
			p, err := o.build(f, s, parallelismSet)
			return p, nil, err
		},
	}, nil
}

func (o *applyOptions) planFileSource(name string, parallelismSet bool) (source, error) {
	sealed, err := readPlanFile(name)
	if err != nil {
		return source{}, err
	}
	path := o.planState(sealed)
	if err := stateIsHere(path); o.state == "" && err != nil {
		return source{}, err
	}
	file, err := openPlanFile(sealed, name, path)
	if err != nil {
		return source{}, err
	}
	return source{
		what: name, fleet: file.Plan.Fleet, state: path, planID: file.ID,
		plan: func(s state.Snapshot, b state.Binding) (plan.Plan, error) {
			p := file.Plan
			if run, used := s.UsedPlan(file.ID); used {
				return p, &plan.FileError{Err: plan.ErrUsed, Detail: "by run " + run}
			}
			here := plan.Here{
				Now: time.Now(), Fleet: p.Fleet, Lineage: s.Lineage, Serial: s.Serial,
				Account: b.Account, Endpoint: b.Endpoint,
			}
			if !s.Fresh() {
				here.Fleet = s.Binding.Fleet
			}
			if err := file.Check(here); err != nil {
				return p, err
			}
			p.Rollout, err = o.limit(p.Rollout, parallelismSet)
			return p, err
		},
		again: func(p plan.Plan, s state.Snapshot) (plan.Plan, []order.Address, error) {
			return p.Reconciled(s.Records)
		},
	}, nil
}

// stateIsHere refuses a plan whose state's place does not exist. To begin a state elsewhere would buy orders that the
// fleet's own state never hears of.
func stateIsHere(path string) error {
	dir := filepath.Dir(path) // .bastion-fleet, which the first apply makes
	_, err := os.Stat(filepath.Dir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return hinted{
			fmt.Errorf("the plan was made from the state %s, and its directory is not here", path),
			"Apply it where it was made, or say with --state FILE where the state is.",
		}
	}
	return nil
}
