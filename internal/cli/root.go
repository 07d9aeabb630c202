// Package cli is the command line: a file a command, the flags, the exit codes, and the only place where the parts
// are wired together.
package cli

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes. Scripts hold on to them.
const (
	exitDone        = 0
	exitError       = 1
	exitChanges     = 2   // plan --detailed-exitcode found changes
	exitIncomplete  = 3   // apply ended with orders failed, skipped, in doubt or not executable; reconcile or an import left some; fmt --check found some to do
	exitInterrupted = 130 // the operator ended it
)

// exitCode ends the program with a code and no further word: what there was to say has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// hinted is an error that knows what to do about it.
type hinted struct {
	error
	hint string
}

func (e hinted) Hint() string  { return e.hint }
func (e hinted) Unwrap() error { return e.error }

func newRootCmd(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "bastion-fleet",
		Short: "Order JD Cloud Bastion instances in bulk, and never twice",
		Long: strings.TrimSpace(`
bastion-fleet orders JD Cloud Bastion instances in bulk, across regions, and never buys anything twice.

Fleet files (*.fleet.hcl) say which instances are wanted. plan says what has to be bought, apply buys it and keeps
every buyId. Where an answer is lost, the order is in doubt: it is named, and not bought again.

Credentials are JDCLOUD_ACCESS_KEY and JDCLOUD_SECRET_KEY (with JDCLOUD_SECURITY_TOKEN, if they are temporary) in the
environment, else a profile of ~/.jdc/config. plan needs none, nor does anything with --simulate. A fleet's variables
may stand in the environment too, as BASTION_FLEET_VAR_name.`),
		Example: `  bastion-fleet plan                 # what would be bought for the fleet in this directory
  bastion-fleet apply --simulate     # try it out: nothing real is bought
  bastion-fleet apply                # buy it
  bastion-fleet state list           # what was bought, with every buyId`,
		Version:           programVersion(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: g.begin,
	}
	root.SetVersionTemplate("bastion-fleet {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelpCmd())
	g.addGlobalFlags(root.PersistentFlags())
	group(root,
		newPlanCmd(g), newApplyCmd(g),
		newValidateCmd(g), newFmtCmd(g), newShowCmd(g), newOutputCmd(g), newConsoleCmd(g), newGraphCmd(g),
		newStateCmd(g), newReconcileCmd(g), newResolveCmd(g), newRunsCmd(g), newReportCmd(g),
		newSimCmd(g), newVersionCmd(g),
	)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			group(c)
		}
	}
	arrangeHelp(root)
	return root
}

// version is set when a release is built.
var version = ""

// programVersion is the version that was set, else the one of the module that was built.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func newVersionCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  takes(0, 0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if g.json {
				g.view().Version(programVersion())
				return nil
			}
			_, err := fmt.Fprintln(g.streams().Out, "bastion-fleet", programVersion())
			return err
		},
	}
}
