package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// planLifetime is how long a saved plan can be applied: time enough for people to approve what it will cost.
const planLifetime = 7 * 24 * time.Hour

type planOptions struct {
	*globals
	planning
	out              string
	detailedExitcode bool
	summary          bool
}

func newPlanCmd(g *globals) *cobra.Command {
	o := &planOptions{globals: g}
	c := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show what would be bought",
		Long: `Show what an apply would buy: the difference between the fleet's files in DIR (default: here) and its state.
Nothing is bought. Nothing is written but --out FILE and, beside the state, the key that seals it. No credentials are needed.

A plan beyond the ceilings of the fleet's limits block is shown, and an error: it is neither saved nor, by an apply, bought.

Exit codes: 0 done; 1 error; 2 with --detailed-exitcode, when there are changes. An order to forget is none: it is kept.`,
		Example: `  bastion-fleet plan
  bastion-fleet plan branches --var env=prod --region cn-north-1 --region cn-east-2
  bastion-fleet plan --target 'order.branch*' --summary
  bastion-fleet plan --out branches.plan`,
		Args: takes(0, 1, "one DIR at most"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(directory(args), c.Flags().Changed("parallelism"))
		},
	}
	o.addPlanningFlags(c.Flags())
	c.Flags().StringVar(&o.out, "out", "", "save the plan to `FILE`, for apply FILE")
	c.Flags().BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 when there are changes")
	c.Flags().BoolVar(&o.summary, "summary", false, "show a line for each region instead of each order")
	return c
}

func directory(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func (o *planOptions) run(dir string, parallelismSet bool) error {
	o.view().Version(programVersion())
	f, err := o.loadFleet(dir)
	if err != nil {
		return err
	}
	path := o.statePath(fleetDirectory(dir))
	a, err := o.account()
	if err != nil {
		return err
	}
	snapshot, err := state.Read(path)
	if err != nil {
		return unusable(err)
	}
	binding := a.binding(f.Name, snapshot)
	if err := snapshot.CheckBinding(path, binding); err != nil {
		return err
	}
	p, err := o.build(f, snapshot, parallelismSet)
	if err != nil {
		return err
	}
	if _, err := o.showPlan(p, o.detail(), &f, snapshot.Records); err != nil {
		return err
	}
	if o.out != "" {
		if err := o.save(p, path, binding); err != nil {
			return err
		}
	}
	if o.detailedExitcode && p.HasChanges() {
		return exitCode(exitChanges)
	}
	return nil
}

func (o *planOptions) detail() ui.Detail {
	if o.summary {
		return ui.Summary
	}
	return ui.Full
}

// mayReplace refuses to write a plan over anything but a plan or an empty file: a slip such as --out main.fleet.hcl
// must not cost the fleet, nor one such as --out /dev/null the device.
func mayReplace(name string) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() && info.Size() == 0 {
		return nil // what else keeps it from being written, writing tells
	}
	if info.Mode().IsRegular() {
		if _, err = readPlanFile(name); !errors.Is(err, plan.ErrNotPlanFile) {
			return nil
		}
	}
	return hinted{
		fmt.Errorf("the plan can't be saved as %s: that is something else than a plan", name),
		"Give --out another name, or remove what has it.",
	}
}

func (o *planOptions) save(p plan.Plan, statePath string, b state.Binding) error {
	if err := mayReplace(o.out); err != nil {
		return err
	}
	absolute, err := filepath.Abs(statePath)
	if err != nil {
		return fmt.Errorf("the plan can't be saved: %w", err)
	}
	now := time.Now().UTC()
	file := plan.File{
		ID: rand.Text(), Created: now, Expires: now.Add(planLifetime), Program: programVersion(),
		Account: b.Account, Endpoint: b.Endpoint, State: absolute, Plan: p,
	}
	if err := o.writePlanFile(file, absolute); err != nil {
		return err
	}
	o.view().Notice(savedNotice(file, o.fromStart(o.out)))
	return nil
}
