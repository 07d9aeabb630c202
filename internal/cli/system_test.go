package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// world is a fleet's orders, its state and the simulated account.
type world struct {
	path      string
	sim       *simulator.Simulator
	transport http.RoundTripper // nil: sim
	orders    []order.Order
}

// wished returns n orders in two regions, sorted by address. Each tells its address in its description.
func wished(n int) []order.Order {
	regions := []string{"cn-east-2", "cn-north-1"}
	orders := make([]order.Order, n)
	for i := range orders {
		a := order.Address{Name: "gw", Key: order.IndexKey(i)}
		orders[i] = order.Order{
			Address: a, Region: regions[i%2], AZ: regions[i%2] + "a", VPCID: "vpc-1", SubnetID: "subnet-1",
			Spec: "bastion-50", Quantity: 1 + i%3, IPVersion: order.IPv4v6, Desc: a.String(),
			Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitMonth, Duration: 1, AutoPay: i%5 != 0},
		}
	}
	return orders
}

func (w *world) plan(r order.Rollout) (plan.Plan, error) {
	s, err := state.Read(w.path)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Build(plan.Input{
		Fleet: "f", Orders: w.orders, Rollout: r,
		Known: plan.Known{Lineage: s.Lineage, Serial: s.Serial, Records: s.Records},
	})
}

// run plans and applies once, as apply does, and holds the run's log against the state.
func (w *world) run(ctx context.Context, r order.Rollout) (apply.Result, error) {
	p, err := w.plan(r)
	if err != nil {
		return apply.Result{}, err
	}
	store, err := state.Open(ctx, w.path, state.Owner{Command: "apply"}, 0)
	if err != nil {
		return apply.Result{}, err
	}
	defer store.Close()
	if err := store.Bind(state.Binding{Fleet: "f", Account: "a", Endpoint: simulatedEndpoint}); err != nil {
		return apply.Result{}, err
	}
	client, err := w.client(r)
	if err != nil {
		return apply.Result{}, err
	}
	defer client.Close()
	run, err := store.StartRun(ctx, state.RunInfo{ID: state.NewRunID(time.Now()), Started: time.Now()})
	if err != nil {
		return apply.Result{}, err
	}
	result, stopped := apply.Run(ctx, apply.Config{
		Run: run.ID(), Fleet: "f", Lineage: run.Lineage(), Buys: p.Buys(), Rollout: r,
		Buyer: buyer{client}, Journal: run, Observe: func(apply.Event) {},
	})
	if err := run.Close(summary(plan.Plan{}, result, new(latencies))); err != nil {
		return result, err
	}
	if err := w.checkLog(run.ID(), store.Snapshot()); err != nil {
		return result, err
	}
	return result, stopped
}

func (w *world) client(r order.Rollout) (*bastion.Client, error) {
	c, err := bastion.NewCredentials("sim", "sim", "")
	if err != nil {
		return nil, err
	}
	endpoint, err := bastion.ParseEndpoint(simulatedEndpoint)
	if err != nil {
		return nil, err
	}
	transport := w.transport
	if transport == nil {
		transport = w.sim
	}
	return bastion.New(bastion.Options{Endpoint: endpoint, Credentials: c, Parallelism: r.Parallelism, Transport: transport})
}

// checkLog folds a run's log and compares it with what the state holds of the same orders.
func (w *world) checkLog(run string, s state.Snapshot) error {
	f, err := os.Open(state.PathsOf(w.path).RunLog(run))
	if err != nil {
		return err
	}
	defer f.Close()
	fold, err := state.FoldLog(f)
	if err != nil {
		return err
	}
	held := map[order.Address]order.Record{}
	for _, r := range s.Records {
		held[r.Address] = r
	}
	for _, r := range fold.Records {
		if d := cmp.Diff(held[r.Address], r, cmp.AllowUnexported(order.Key{})); d != "" {
			return fmt.Errorf("%s (-state +log):\n%s", r.Address, d)
		}
	}
	return nil
}

// check holds the ledger against the state.
func (w *world) check() error {
	s, err := state.Read(w.path)
	if err != nil {
		return err
	}
	records := map[string]order.Record{}
	recorded := map[string]bool{}
	for _, r := range s.Records {
		records[r.Address.String()] = r
		for _, p := range r.Purchases {
			recorded[knownAs(p.BuyID, p.BIDs)] = true
		}
	}
	unrecorded := map[string]bool{}
	for _, p := range w.sim.Ledger() {
		address, _, _ := strings.Cut(p.Desc, " [bf:")
		if known := knownAs("", p.BIDs()); recorded[known] {
			delete(recorded, known)
			continue
		}
		if recorded[p.BuyID] {
			delete(recorded, p.BuyID)
			continue
		}
		r := records[address]
		if r.Status() != order.StatusInDoubt {
			return fmt.Errorf("%s for %s is neither in the state nor in doubt", p.BuyID, address)
		}
		if unrecorded[address] || string(r.Doubt.Marker) != string(order.FindMarker(p.Desc)) {
			return fmt.Errorf("%s was bought by a call that its open intent does not stand for", address)
		}
		unrecorded[address] = true
	}
	for id := range recorded {
		return fmt.Errorf("%s is in the state and was never sold", id)
	}
	return nil
}
