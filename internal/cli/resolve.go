package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type resolveOptions struct {
	*globals
	locking
	bought      string
	sourceIDs   []string
	notBought   bool
	autoApprove bool
}

func newResolveCmd(g *globals) *cobra.Command {
	o := &resolveOptions{globals: g}
	c := &cobra.Command{
		Use:   "resolve ADDRESS (--bought BUYID [--source-id ID]... | --not-bought)",
		Short: "Say what became of an order in doubt",
		Long: `Say what became of an order in doubt, once somebody has looked: state show ADDRESS gives the marker that ends the
description of what its call bought, if it bought, and the console has the region's instances and purchases.

It asks for confirmation, calls nothing, and records who said so and when. An order that was not bought is bought by the
next apply: if the word is wrong, twice.`,
		Example: `  bastion-fleet resolve 'order.branch["bj"]' --bought buy-1a2b3c --source-id src-4d5e6f
  bastion-fleet resolve order.gw --not-bought`,
		Args: takes(1, 1, "one ADDRESS"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.bought, "bought", "", "it was bought, as `BUYID`")
	f.StringArrayVar(&o.sourceIDs, "source-id", nil, "with --bought: a sourceId of the purchase, `ID` (repeatable)")
	f.BoolVar(&o.notBought, "not-bought", false, "it was not bought")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "record it without asking")
	o.addLockingFlags(f)
	return c
}

func (o *resolveOptions) run(ctx context.Context, text string) error {
	address, err := order.ParseAddress(text)
	if err != nil {
		return hinted{err, howToAddress}
	}
	if err := o.check(); err != nil {
		return err
	}
	path := o.statePath(".")
	s, err := state.Read(path) // before anything is opened for writing
	if err == nil {
		_, err = o.find(s, address)
	}
	if _, held := errors.AsType[*state.HeldError](err); err != nil && !held { // to open it may wait
		return unusable(err)
	}
	return o.withState(ctx, o.globals, path, "resolve", func(s *state.Store) error { return o.resolve(ctx, s, address) })
}

// check reads the flags.
func (o *resolveOptions) check() error {
	if err := o.checkLocking(); err != nil {
		return err
	}
	switch {
	case (o.bought != "") == o.notBought:
		return hinted{errors.New("what became of the order is not said"), "Give either --bought BUYID or --not-bought."}
	case len(o.sourceIDs) > 0 && o.notBought:
		return hinted{errors.New("--source-id names a part of a purchase"), "Give it with --bought only."}
	}
	o.sourceIDs = slices.Compact(slices.Sorted(slices.Values(o.sourceIDs)))
	return checkIDs(append(o.sourceIDs, o.bought))
}

// freeIDs refuses ids that are recorded for a purchase: they were copied from the wrong line. An empty buyID was not given.
func freeIDs(s state.Snapshot, buyID string, sourceIDs []string) error {
	for _, r := range s.Records {
		for _, p := range r.Purchases {
			if buyID != "" && p.BuyID == buyID {
				return hinted{fmt.Errorf("the purchase %s is recorded for %s", buyID, r.Address), "Each purchase belongs to one order. Look the buyId up again."}
			}
			for _, id := range sourceIDs {
				if slices.Contains(p.SourceIDs, id) {
					return hinted{fmt.Errorf("the source %s is recorded for %s", id, r.Address), "Each source belongs to one purchase. Look the sourceId up again."}
				}
			}
		}
	}
	return nil
}

// checkIDs refuses what can't be an id of the API's. An empty one was not given.
func checkIDs(ids []string) error {
	for _, id := range ids {
		if id != "" && (len(id) > order.MaxTextLength || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || !strconv.IsPrint(r) })) {
			return hinted{fmt.Errorf("%q is no id", id), "Copy it from the console: one word, without spaces."}
		}
	}
	return nil
}

// find returns the record of an order that is in doubt, and refuses every other.
func (o *resolveOptions) find(s state.Snapshot, a order.Address) (order.Record, error) {
	var found order.Record
	for _, r := range s.Records {
		if r.Address == a {
			found = r
		}
	}
	if err := freeIDs(s, o.bought, o.sourceIDs); err != nil {
		return found, err
	}
	switch {
	case found.Address == (order.Address{}):
		return found, notInState(a.String())
	case found.Doubt == nil:
		return found, hinted{fmt.Errorf("%s is not in doubt: it is %s", a, found.Status()), "There is nothing to resolve."}
	}
	return found, nil
}

// resolve asks, and records the answer as a run of its own.
func (o *resolveOptions) resolve(ctx context.Context, store *state.Store, a order.Address) error {
	s := store.Snapshot()
	record, err := o.find(s, a)
	if err != nil {
		return err
	}
	if err := o.confirm(ctx, o.question(*record.Doubt), o.autoApprove); err != nil {
		return err
	}
	if err := store.Bind(s.Binding); err != nil {
		return err
	}
	failpoint.Here("resolution-due")
	now := time.Now()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(now), Command: "resolve", Started: now})
	if err != nil {
		return unusable(err)
	}
	who := operator(store)
	outcome := o.outcome(*record.Doubt, run.ID(), who, now)
	run.Note(state.Note{
		Kind: "resolved", At: now, Address: a.String(), Region: record.Doubt.Order.Region, Attempt: record.Doubt.Attempt,
		Text: who + " said what became of it",
	})
	err = run.Finish(outcome)
	if err := errors.Join(err, run.Close(resolved(outcome))); err != nil {
		return err
	}
	after, err := record.Finish(outcome)
	if err == nil {
		o.view().StateShow(after)
	}
	return err
}

// question says once more what is about to be recorded.
func (o *resolveOptions) question(i order.Intent) string {
	what := fmt.Sprintf("%s of %s, attempt %d of %s in %s", counted(i.Order.Quantity, "instance"), i.Order.Address, i.Attempt,
		i.At.UTC().Format(time.DateTime), i.Order.Region)
	if o.notBought {
		return fmt.Sprintf("Record that %s bought nothing? The next apply buys it again.", what)
	}
	return fmt.Sprintf("Record that %s was bought as %s?", what, o.bought)
}

// outcome is what who said of the call that i announced.
func (o *resolveOptions) outcome(i order.Intent, run, who string, at time.Time) order.Outcome {
	out := order.Outcome{Run: run, Address: i.Order.Address, Attempt: i.Attempt, At: at}
	if o.notBought {
		out.Result = order.ResultNotBought
		out.Failure = order.Failure{Class: order.ClassResolved, Message: who + " said that nothing was bought"}
		return out
	}
	out.Result = order.ResultBought
	out.Purchase = order.Purchase{
		Attempt: i.Attempt, BuyID: o.bought, SourceIDs: o.sourceIDs, Quantity: i.Order.Quantity,
		Run: run, Marker: i.Marker, Unpaid: !i.Order.Charge.AutoPay, At: at,
	}
	return out
}

func resolved(o order.Outcome) state.RunSummary {
	s := state.RunSummary{Ended: time.Now()}
	if o.Result == order.ResultBought {
		s.Bought, s.Instances = 1, o.Purchase.Quantity
	}
	return s
}
