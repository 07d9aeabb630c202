package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type rmOptions struct {
	*globals
	locking
	force       bool
	autoApprove bool
}

func newStateRmCmd(g *globals) *cobra.Command {
	o := &rmOptions{globals: g}
	c := &cobra.Command{
		Use:   "rm ADDRESS...",
		Short: "Take what was bought for an order out of the fleet",
		Long: `Take what was bought for the orders at the given addresses, which may end in *, out of the fleet. Nothing is deleted in
the cloud. The ids are kept: state show still tells them, and listings take the instances for no stranger's.

It asks, calls nothing, and records who said so. Without --force it refuses an order that the fleet here still has, for
the next apply would buy it again, and one in doubt: its call may have bought, and nobody would look for that any more. A
removed block in the fleet's files does the same for every state of the fleet.`,
		Example: `  bastion-fleet state rm order.old
  bastion-fleet state rm 'order.branch["bj"]' 'order.gw*'`,
		Args: takes(1, math.MaxInt, "at least one ADDRESS"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },
	}
	c.Flags().BoolVar(&o.force, "force", false, "remove also what is in doubt, or still in the fleet's files: it may be bought again")
	c.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "remove without asking")
	o.addLockingFlags(c.Flags())
	return c
}

func (o *rmOptions) run(ctx context.Context, patterns []string) error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	o.view().Version(programVersion())
	ordered, err := o.orderedHere()
	if err != nil {
		return err
	}
	path := o.statePath(".")
	s, err := state.Read(path) // before anything is opened for writing
	if err == nil {
		_, err = o.find(s, patterns, ordered)
	}
	if _, held := errors.AsType[*state.HeldError](err); err != nil && !held { // to open it may wait
		return unusable(err)
	}
	return o.withState(ctx, o.globals, path, "state rm", func(s *state.Store) error { return o.remove(ctx, s, patterns, ordered) })
}

// find returns the records that are to be removed.
func (o *rmOptions) find(s state.Snapshot, patterns []string, ordered orderedHere) ([]order.Record, error) {
	found, err := selectRecords(slices.DeleteFunc(slices.Clone(s.Records), order.Record.Vacant), patterns)
	if err != nil || o.force {
		return found, err
	}
	for _, r := range found {
		if r.Doubt != nil {
			return nil, hinted{
				fmt.Errorf("%s is in doubt: its call may have bought %s", r.Address, counted(r.Doubt.Order.Quantity, "instance")),
				"bastion-fleet reconcile looks for what it bought, and bastion-fleet resolve takes your word for it. With --force it is removed " +
					"all the same: what it bought is then on nobody's list.",
			}
		}
		if err := ordered.refuse(r.Address); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// orderedHere is what the fleet here still has, and would be bought again once it is removed.
type orderedHere struct {
	orders map[order.Address]bool
	moved  []order.Moved
}

// orderedHere reads the fleet here, unless --force makes it none of our business. A fleet that can't be read may have
// anything.
func (o *rmOptions) orderedHere() (orderedHere, error) {
	if o.force {
		return orderedHere{}, nil
	}
	f, diags := o.load(".", fleet.Options{})
	if diags.HasErrors() {
		o.view().Diagnostics(diags, f.Files)
		return orderedHere{}, hinted{
			errors.New("whether the fleet still has the orders can't be told: it can't be read"),
			"Run this where the fleet's files are, or say --chdir DIR. With --force they are removed all the same; an order that the files have is then bought again.",
		}
	}
	ordered := make(map[order.Address]bool, len(f.Orders))
	for i := range f.Orders {
		ordered[f.Orders[i].Address] = true
	}
	return orderedHere{ordered, f.Moved}, nil
}

// refuse returns why what is recorded at an address is still the fleet's, or nil.
func (h orderedHere) refuse(a order.Address) error {
	if h.orders[a] {
		return hinted{
			fmt.Errorf("%s is still in the fleet's files: the next apply would buy it again", a),
			"Take it out of the files first. If it got another name, move it: bastion-fleet state mv. With --force it is removed all the same.",
		}
	}
	for _, m := range h.moved {
		if to, speaks := m.Of(a); speaks {
			return hinted{
				fmt.Errorf("%s is moved to %s by a block of the fleet's files (%s): the next apply would buy it again there", a, to, m.At),
				"Let an apply move it, or take the block out of the files first. With --force it is removed all the same.",
			}
		}
	}
	return nil
}

// remove asks, and does it as a run of its own, under the state's lock.
func (o *rmOptions) remove(ctx context.Context, store *state.Store, patterns []string, ordered orderedHere) error {
	s := store.Snapshot()
	found, err := o.find(s, patterns, ordered) // once more: what was bought while this waited counts too
	if err != nil {
		return err
	}
	removals := make([]plan.Removal, len(found))
	doubts := 0
	for i := range found {
		removals[i] = plan.Removing(&found[i])
		if found[i].Doubt != nil {
			doubts++
		}
	}
	o.view().Rewriting(nil, removals)
	if err := o.confirm(ctx, o.question(len(found), doubts), o.autoApprove); err != nil {
		return err
	}
	if err := store.Bind(s.Binding); err != nil {
		return err
	}
	if err := o.record(ctx, store, found); err != nil {
		return err
	}
	o.view().Rewritten(0, len(found))
	return nil
}

func (o *rmOptions) question(orders, doubts int) string {
	question := fmt.Sprintf("Remove %s from the state? Nothing is deleted in the cloud.", counted(orders, "order"))
	if doubts > 0 {
		question += fmt.Sprintf(" What %s in doubt may have bought is looked for no more.", counted(doubts, "call"))
	}
	return question
}

// record removes the records, giving up those in doubt, as a run of its own.
func (o *rmOptions) record(ctx context.Context, store *state.Store, found []order.Record) error {
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "state rm", Started: now})
	if err != nil {
		return unusable(err)
	}
	who := operator(store)
	run.Note(state.Note{Kind: "rewritten", At: now, Text: who + " said so by state rm"})
	var entries errgroup.Group // together: the journal commits what waits as a group
	entries.SetLimit(order.MaxParallelism)
	for _, r := range found {
		var givenUp *order.Failure
		if r.Doubt != nil {
			givenUp = &order.Failure{Class: order.ClassResolved, Message: who + " gave up what it may have bought"}
		}
		entries.Go(func() error { return run.Remove(r.Address, givenUp, time.Now()) })
	}
	removed := entries.Wait()
	closed := run.Close(state.RunSummary{Ended: time.Now()})
	return cmp.Or(removed, closed) // a journal that failed says the same at its end
}
