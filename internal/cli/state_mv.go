package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type mvOptions struct {
	*globals
	locking
	autoApprove bool
}

func newStateMvCmd(g *globals) *cobra.Command {
	o := &mvOptions{globals: g}
	c := &cobra.Command{
		Use:   "mv FROM TO",
		Short: "Record what was bought for one order as bought for another",
		Long: `Record what was bought for the order at FROM as bought for the one at TO, so that an order which got another name is not
bought again. Two names of blocks, both without a key, move all orders of the block, each with its key.

It asks, calls nothing, and records who said so. What is in doubt keeps its doubt, and what its call bought is found as
before. An address at which something is bought or in doubt is refused. A moved block in the fleet's files does the same
for every state of the fleet.`,
		Example: `  bastion-fleet state mv order.gw order.gateway
  bastion-fleet state mv order.gw 'order.branch["bj"]'`,
		Args: takes(2, 2, "FROM and TO"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0], args[1]) },
	}
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "move without asking")
	o.addLockingFlags(c.Flags())
	return c
}

func (o *mvOptions) run(ctx context.Context, from, to string) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	var m order.Move
	for _, end := range []struct {
		text string
		into *order.Address
	}{{from, &m.From}, {to, &m.To}} {
		var err error
		if *end.into, err = order.ParseAddress(end.text); err != nil {
			return hinted{err, howToAddress}
		}
	}
	o.view().Version(programVersion())
	path := o.statePath(".")
	s, err := state.Read(path) // before anything is opened for writing
	if err == nil {
		_, err = movesOf(s, m)
	}
	if _, held := errors.AsType[*state.HeldError](err); err != nil && !held { // to open it may wait
		return unusable(err)
	}
	return o.withState(ctx, o.globals, path, "state mv", func(s *state.Store) error { return o.move(ctx, s, m) })
}

// move asks, and does it as a run of its own, under the state's lock.
func (o *mvOptions) move(ctx context.Context, store *state.Store, m order.Move) error {
	s := store.Snapshot()
	moves, err := movesOf(s, m)
	if err != nil {
		return err
	}
	o.view().Rewriting(moves, nil)
	question := fmt.Sprintf("Move %s in the state? The files must have the new %s, or an apply buys again.", counted(len(moves), "order"), names(len(moves)))
	if err := o.confirm(ctx, question, o.autoApprove); err != nil {
		return err
	}
	if err := store.Bind(s.Binding); err != nil {
		return err
	}
	if err := rewriteState(ctx, store, "state mv", plan.Plan{Moves: moves}); err != nil {
		return err
	}
	o.view().Rewritten(len(moves), 0)
	return nil
}

func names(n int) string {
	if n == 1 {
		return "name"
	}
	return "names"
}

// movesOf is what the move does to the records, and refuses what it can't do to all of them.
func movesOf(s state.Snapshot, m order.Move) ([]plan.Move, error) {
	known := make(map[order.Address]order.Record, len(s.Records))
	for _, r := range s.Records {
		known[r.Address] = r
	}
	var moves []plan.Move
	for i := range s.Records {
		r := &s.Records[i]
		to, moved := m.Of(r.Address)
		if !moved || r.Vacant() {
			continue
		}
		there := known[to]
		there.Address = to
		if _, _, err := r.MoveTo(there, r.UpdatedAt); err != nil {
			return nil, hinted{err, "Nothing was changed. bastion-fleet state list shows what is recorded where; move or remove that first."}
		}
		moves = append(moves, plan.Moving(r, to))
	}
	if len(moves) == 0 {
		return nil, notInState(m.From.String())
	}
	return moves, nil
}
