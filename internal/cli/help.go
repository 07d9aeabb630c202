package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
)

// The flags that mean nothing to some commands, though cobra reads a global flag everywhere: before the command's name
// too, as in bastion-fleet --state FILE plan.
var (
	varFlags     = []string{"var", "var-file"}
	accountFlags = []string{"endpoint", "profile"}
	stateFlags   = []string{"state", "simulate"}
	fleetFlags   = slices.Concat(varFlags, accountFlags)
	buyingFlags  = slices.Concat(fleetFlags, stateFlags)
)

// meaningless returns the global flags that c's help leaves out.
func meaningless(c *cobra.Command) []string {
	switch c.Name() {
	case "rebind": // it takes the credentials of these flags
		return varFlags
	case "import": // it reads the fleet and the cloud
		return nil
	}
	for c.HasParent() && c.Parent().HasParent() {
		c = c.Parent()
	}
	switch c.Name() {
	case "reconcile":
		return varFlags
	case "output", "console":
		return accountFlags
	case "state", "resolve", "runs", "report":
		return fleetFlags
	case "validate", "graph":
		return slices.Concat(accountFlags, stateFlags)
	case "show", "fmt", "sim", "version", "help", "completion":
		return buyingFlags
	default:
		return nil
	}
}

// arrangeHelp makes the help of all commands show their flags in the order of their making, and only those that mean
// something there. All commands and flags must be there already.
func arrangeHelp(root *cobra.Command) {
	keepOrder(root)
	show := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		for _, name := range meaningless(c) {
			root.PersistentFlags().Lookup(name).Hidden = true // the process shows no other help
		}
		show(c, args)
	})
}

func keepOrder(c *cobra.Command) {
	c.Flags().SortFlags = false
	c.InheritedFlags().SortFlags = false
	for _, child := range c.Commands() {
		keepOrder(child)
	}
}

// newHelpCmd is like cobra's help command, but for a command that does not exist it fails.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if len(rest) > 0 && (err != nil || found.HasSubCommands()) {
				return unknownCommand(found, rest[0])
			}
			return errors.Join(err, found.Help())
		},
	}
}
