package world

import (
	"fmt"
	"time"
)

// converge lets the faults cease and the lag pass, and settles everything. Then the ledger must be what the files wish.
func (w *world) converge() error {
	time.Sleep(2 * time.Hour)
	if err := w.reconcile(); err != nil {
		return err
	}
	w.cloud.begin(0, nil, 0)
	h, err := w.held()
	if err != nil {
		return err
	}
	w.figures.Held = len(doubts(h))
	for range w.figures.Held {
		if err := w.resolveOne(); err != nil {
			return err
		}
	}
	if err := w.acceptSpecs(); err != nil {
		return err
	}
	if err := w.applyAll(); err != nil {
		return err
	}
	p := w.process()
	if err := w.run(p, "plan", w.home, "--detailed-exitcode"); err != nil {
		return err
	}
	if p.code != exitDone {
		return fmt.Errorf("after the last apply there is something left to plan\n%s", p.said())
	}
	if err := w.checkLimits(); err != nil {
		return err
	}
	return w.checkLedger()
}

// checkLimits holds the calls that were in flight at one time against the limits.
func (w *world) checkLimits() error {
	c, l := w.cloud.sim.Counters(), w.fleet.limits
	if c.MaxInFlight > l.parallelism {
		return fmt.Errorf("%d calls were in flight at one time, the limit is %d", c.MaxInFlight, l.parallelism)
	}
	for region, n := range c.MaxInFlightRegions {
		if l.perRegion > 0 && n > l.perRegion {
			return fmt.Errorf("%s: %d calls were in flight at one time, the limit is %d", region, n, l.perRegion)
		}
	}
	return nil
}

// acceptSpecs writes into the files what was bought where they wish for another spec, which no purchase brings about.
func (w *world) acceptSpecs() error {
	h, err := w.held()
	if err != nil {
		return err
	}
	bought := map[string]string{}
	for _, r := range w.fleet.called(h.Records) {
		if len(r.Purchases) > 0 {
			bought[r.Address.String()] = r.Order.Spec
		}
	}
	for n := range w.fleet.wishes {
		if spec, known := bought[w.fleet.wishes[n].address()]; known {
			w.fleet.wishes[n].spec = spec
		}
	}
	return w.fleet.write(w.home)
}

// checkLedger holds what was sold against the wishes. Of an order that is no longer wished for, what was bought stays.
func (w *world) checkLedger() error {
	sold := map[string]int{}
	for _, p := range w.cloud.sim.Ledger() {
		sold[addressIn(p.Desc)] += p.Quantity
	}
	for _, wish := range w.fleet.wishes {
		if n := sold[wish.address()]; n != wish.quantity {
			return fmt.Errorf("%s: %d instances are wished, and %d were sold", wish.address(), wish.quantity, n)
		}
	}
	return nil
}
