package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

type importOptions struct {
	*globals
	locking
	bids        []string
	sourceIDs   []string
	buyID       string
	matching    bool
	autoApprove bool
}

func newStateImportCmd(g *globals) *cobra.Command {
	o := &importOptions{globals: g}
	c := &cobra.Command{
		Use:   "import (ADDRESS --bid BID... [--source-id ID]... [--buy-id ID] | --matching)",
		Short: "Record what exists already as the purchase of an order",
		Long: `Record what exists already as the purchase of the order at ADDRESS of the fleet here, so that it is not bought again:
after the state was lost, or for what was bought by hand. The order must lack exactly as many instances as are given, and
each must be shown in its region and be in no other order.

It shows how the instances differ from the order, asks, and records them with who said so. It buys nothing and changes
nothing in the cloud. What differs is recorded as it is, and the next plan shows it as an update.

With --matching it lists the regions of all orders that lack instances, and gives them what carries the fleet's markers
where it can be told whose that is: zone, network, size, description and terms must be those of one order alone, or of
orders that wish the same throughout. What it can't tell it names and leaves.

Exit codes: 0 done; 1 error; 3 with --matching, when instances were left; 130 interrupted, nothing was recorded.`,
		Example: `  bastion-fleet state import --matching
  bastion-fleet state import order.gw --bid bid-1a2b3c
  bastion-fleet state import 'order.branch["bj"]' --bid bid-1a2b3c --bid bid-4d5e6f --buy-id buy-7g8h9i`,
		Args: takes(0, 1, "one ADDRESS, or --matching"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.bids, "bid", nil, "an instance of the order, `BID` (repeatable)")
	f.StringArrayVar(&o.sourceIDs, "source-id", nil, "a sourceId of the purchase, `ID`, where it is known (repeatable)")
	f.StringVar(&o.buyID, "buy-id", "", "the purchase's buyId, `ID`, where it is known")
	f.BoolVar(&o.matching, "matching", false, "import everything of the fleet that can be told apart")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "record it without asking, differences included")
	o.addLockingFlags(f)
	return c
}

func (o *importOptions) run(ctx context.Context, args []string) error {
	address, err := o.check(args)
	if err != nil {
		return err
	}
	ctx, release := o.drainOnInterrupt(ctx)
	defer release()
	o.view().Version(programVersion())
	f, err := o.loadFleet(".")
	if err != nil {
		return err
	}
	a, err := o.account()
	if err != nil {
		return err
	}
	if a.missing != nil {
		return a.missing
	}
	path := o.statePath(".")
	s, err := state.Read(path) // before anything is opened for writing
	if err == nil && !o.matching {
		_, err = o.pair(f, s, address)
	}
	if _, held := errors.AsType[*state.HeldError](err); err != nil && !held { // to open it may wait
		return unusable(err)
	}
	if o.simulate {
		if err := makeSimulatedPlace(path); err != nil {
			return err
		}
	}
	return o.withState(ctx, o.globals, path, "import", func(s *state.Store) error {
		if o.matching {
			return o.importMatching(ctx, s, a, f)
		}
		return o.importOne(ctx, s, a, f, address)
	})
}

// check reads arguments and flags. With --matching there is no address.
func (o *importOptions) check(args []string) (address order.Address, err error) {
	if err := o.checkLocking(); err != nil {
		return address, err
	}
	slices.Sort(o.bids)
	o.sourceIDs = slices.Compact(slices.Sorted(slices.Values(o.sourceIDs)))
	switch {
	case o.matching && (len(args)+len(o.bids)+len(o.sourceIDs) > 0 || o.buyID != ""):
		return address, hinted{errors.New("--matching finds out by itself what belongs together"), "Give it without ADDRESS and ids."}
	case o.matching:
		return address, nil
	case len(args) == 0:
		return address, hinted{errors.New("what to import is not said"), "Give an ADDRESS with the bids of its instances, or --matching."}
	case len(o.bids) == 0:
		return address, hinted{errors.New("which instances the order has is not said"), "Give --bid BID once for each of them."}
	case firstRepeated(o.bids) != "":
		return address, hinted{fmt.Errorf("--bid %s is given twice", firstRepeated(o.bids)), "Each instance counts once."}
	}
	if address, err = order.ParseAddress(args[0]); err != nil {
		return address, hinted{err, howToAddress}
	}
	return address, checkIDs(slices.Concat(o.bids, o.sourceIDs, []string{o.buyID}))
}

func firstRepeated(sorted []string) string {
	for n := 1; n < len(sorted); n++ {
		if sorted[n] == sorted[n-1] {
			return sorted[n]
		}
	}
	return ""
}

// planOf is the plan that tells what orders lack. Where blocks are still to do something to records, it tells of those as
// they will be.
func (o *importOptions) planOf(f fleet.Fleet, s state.Snapshot) (plan.Plan, error) {
	p, err := new(planning).build(f, s, false)
	if err == nil && p.Rewrites() > 0 {
		err = hinted{
			errors.New("the fleet's moved, removed and import blocks are not carried out yet"),
			"Run bastion-fleet apply first, or take the blocks out.",
		}
	}
	return p, err
}

// pair is the order with what it lacks, still without its instances. It refuses an order that lacks nothing, or another
// number of instances than is given.
func (o *importOptions) pair(f fleet.Fleet, s state.Snapshot, a order.Address) (reconcile.Pair, error) {
	p, err := o.planOf(f, s)
	if err != nil {
		return reconcile.Pair{}, err
	}
	for _, b := range p.Buys() {
		if b.Order.Address == a {
			return reconcile.Pair{Order: b.Order, Attempt: b.Attempt}, o.checkCount(b.Order)
		}
	}
	at := slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.Address == a && c.Wished() })
	wished := slices.ContainsFunc(f.Orders, func(o order.Order) bool { return o.Address == a })
	switch {
	case !wished:
		return reconcile.Pair{}, hinted{fmt.Errorf("the fleet has no %s", a), "bastion-fleet plan shows its orders. " + howToAddress}
	case at >= 0 && p.Changes[at].Action == plan.InDoubt:
		return reconcile.Pair{}, hinted{fmt.Errorf("%s is in doubt", a), "bastion-fleet reconcile looks for what its call bought; " +
			"bastion-fleet resolve takes your word for it."}
	}
	return reconcile.Pair{}, hinted{fmt.Errorf("%s is bought already", a), "bastion-fleet state show tells as what. There is nothing to import."}
}

func (o *importOptions) checkCount(lacking order.Order) error {
	if len(o.bids) == lacking.Quantity {
		return nil
	}
	return hinted{
		fmt.Errorf("%s lacks %s, and %d are given", lacking.Address, counted(lacking.Quantity, "instance"), len(o.bids)),
		"Give --bid BID once for each instance that it lacks, or set its quantity to how many there are.",
	}
}

// importOne looks the instances up, shows them, asks, and records them, under the state's lock.
func (o *importOptions) importOne(ctx context.Context, store *state.Store, a account, f fleet.Fleet, at order.Address) error {
	s := store.Snapshot()
	if err := store.Bind(a.binding(f.Name, s)); err != nil {
		return err
	}
	p, err := o.pair(f, s, at)
	if err != nil {
		return err
	}
	if err := freeIDs(s, o.buyID, o.sourceIDs); err != nil {
		return err
	}
	client, err := o.client(a, o.statePath("."), order.Rollout{Parallelism: 1})
	if err != nil {
		return err
	}
	defer client.Close()
	if p.Instances, err = o.lookUp(ctx, client, s, p.Order.Region); err != nil {
		return err
	}
	imports, err := importsOf([]reconcile.Pair{p}, s)
	if err != nil {
		return err
	}
	imports[0].purchase.BuyID, imports[0].purchase.SourceIDs = o.buyID, o.sourceIDs
	return o.confirmAndRecord(ctx, store, imports, o.autoApprove)
}

// lookUp returns the instances that are named, each of which must be there and in no order. What the sources became must
// be among them.
func (o *importOptions) lookUp(ctx context.Context, c *bastion.Client, s state.Snapshot, region string) ([]reconcile.Instance, error) {
	var found []reconcile.Instance
	for _, bid := range o.bids {
		i, err := lookUpInstance(ctx, c, s, region, bid, "state import")
		if err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	for _, id := range o.sourceIDs {
		if err := o.checkSource(ctx, c, region, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// lookUpInstance returns an instance that must be there and in no order. Command is what looks again.
func lookUpInstance(ctx context.Context, c *bastion.Client, s state.Snapshot, region, bid, command string) (reconcile.Instance, error) {
	b, ok, err := c.DescribeBastion(ctx, region, bid)
	switch {
	case ctx.Err() != nil:
		return reconcile.Instance{}, ctx.Err()
	case err != nil:
		return reconcile.Instance{}, hinted{fmt.Errorf("the instance %s could not be looked up: %w", bid, err), adviceOn(err, command)}
	case !ok || b.BID != bid:
		return reconcile.Instance{}, hinted{fmt.Errorf("there is no instance %s in %s", bid, region), "Copy the bid from the console of the order's " +
			"region. An instance that was bought minutes ago may not be shown yet."}
	}
	i := listedInstance(b)
	return i, freeToImport(s, i)
}

// checkSource refuses a sourceId that belongs to other instances than those named.
func (o *importOptions) checkSource(ctx context.Context, c *bastion.Client, region, id string) error {
	b, ok, err := c.DescribeSourceID(ctx, region, id)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return hinted{fmt.Errorf("the source %s could not be looked up: %w", id, err), adviceOn(err, "state import")}
	case !ok:
		return hinted{fmt.Errorf("there is no source %s in %s, or nothing was made of it yet", id, region), "Look it up again, or leave it out: the bids are enough."}
	case !slices.Contains(o.bids, b.BID):
		return hinted{fmt.Errorf("the source %s is that of %s, which is not among the bids", id, b.BID), "Give what belongs together: " +
			strings.Join(o.bids, ", ") + " without this source, or that bid too."}
	}
	return nil
}

// freeToImport refuses an instance that another record holds, or accounts for by its marker.
func freeToImport(s state.Snapshot, i reconcile.Instance) error {
	marker := order.FindMarker(i.Desc)
	for _, r := range s.Records {
		holds := r.Doubt != nil && marker != "" && r.Doubt.Marker == marker
		for _, p := range r.Purchases {
			byMarker := marker != "" && p.Marker == marker && len(p.BIDs) == 0
			holds = holds || byMarker || slices.Contains(p.BIDs, i.BID)
		}
		if holds {
			return hinted{fmt.Errorf("the instance %s belongs to %s", i.BID, r.Address), "Each instance belongs to one order. bastion-fleet state " +
				"show tells what is known of that one."}
		}
	}
	return nil
}
