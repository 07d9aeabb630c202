package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func newStateCmd(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "state",
		Short: "Look at what was bought, check it, and put it right",
		Long: `Look at what was bought, check it, and put it right. The state is the one of the fleet in this directory. After
bastion-fleet apply DIR, say --chdir DIR here; --state and --simulate, if the apply had them, are needed here too.`,
	}
	return group(c, newStateListCmd(g), newStateShowCmd(g), newStateMvCmd(g), newStateRmCmd(g), newStateImportCmd(g), newStateVerifyCmd(g), newStateBackupCmd(g),
		newStateRestoreCmd(g), newStateRebindCmd(g))
}

func newStateListCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "list [ADDRESS]...",
		Short: "List the orders that the state knows, with their buyIds",
		Long: `List the orders that the state knows: all, or those at the given addresses, which may end in *.
With --json it prints one array.`,
		Example: `  bastion-fleet state list
  bastion-fleet state list 'order.branch*' --chdir branches
  bastion-fleet state list --json --simulate`,
		RunE: func(_ *cobra.Command, args []string) error {
			path := g.statePath(".")
			s, err := state.Read(path)
			if err != nil {
				return unusable(err)
			}
			if s.Fresh() && len(args) == 0 && !g.json {
				g.view().Notice(noState(path))
				return nil
			}
			selected, err := selectRecords(slices.DeleteFunc(s.Records, order.Record.Vacant), args)
			if err != nil {
				return err
			}
			g.view().StateList(selected)
			return nil
		},
	}
}

// noState is what to look at where somebody expected a state.
func noState(path string) string {
	return fmt.Sprintf("There is no state at %s: nothing was bought yet, or elsewhere. See --chdir DIR, --state FILE and --simulate.", path)
}

func newStateShowCmd(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "show ADDRESS",
		Short: "Show all that the state knows of an order",
		Long: `Show all that the state knows of an order: every purchase with its ids, what failed, and the marker of a call that
is in doubt.`,
		Example: `  bastion-fleet state show 'order.branch["bj"]'
  bastion-fleet state show order.gw --chdir branches`,
		Args: takes(1, 1, "one ADDRESS"),
		RunE: func(_ *cobra.Command, args []string) error {
			address, err := order.ParseAddress(args[0])
			if err != nil {
				return hinted{err, howToAddress}
			}
			s, err := state.Read(g.statePath("."))
			if err != nil {
				return unusable(err)
			}
			i, found := slices.BinarySearchFunc(s.Records, address, func(r order.Record, a order.Address) int {
				return r.Address.Compare(a)
			})
			if !found {
				return notInState(address.String())
			}
			g.view().StateShow(s.Records[i])
			return nil
		},
	}
}

// notInState refuses an address or a pattern that no record has.
func notInState(what string) error {
	return hinted{fmt.Errorf("the state knows no %s", what), "bastion-fleet state list shows what it knows."}
}

func selectRecords(records []order.Record, patterns []string) ([]order.Record, error) {
	if len(patterns) == 0 {
		return records, nil
	}
	keep := make([]bool, len(records))
	for _, text := range patterns {
		p, err := order.ParsePattern(text)
		if err != nil {
			return nil, hinted{err, howToAddress}
		}
		found := false
		for i := range records {
			if p.Match(records[i].Address) {
				keep[i], found = true, true
			}
		}
		if !found {
			return nil, notInState(text)
		}
	}
	var selected []order.Record
	for i := range records {
		if keep[i] {
			selected = append(selected, records[i])
		}
	}
	return selected, nil
}
