package world

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A world is one seed's fleet, account and operators.
type world struct {
	dice  *rand.Rand
	dir   string // of everything
	home  string // of the fleet, as the last process left it
	homes int    // that there were so far
	copy  string // an old copy of home; empty: there is none
	began time.Time
	lag   time.Duration
	fleet fleet
	cloud *cloud
	trace *trace

	told    []string        // buyIds that a process said it had recorded
	read    map[string]bool // runs whose logs were held against their waves
	figures torture.Figures
}

// crowdedEvery says which worlds are crowded.
const crowdedEvery = 3

// newWorld draws the world of a seed. It must be made in the bubble that it is played in.
func newWorld(dir string, seed uint64) (*world, error) {
	dice, paced := rand.New(rand.NewPCG(seed, 0)), seed%crowdedEvery > 0
	w := &world{
		dice: dice, dir: dir, home: filepath.Join(dir, "home"), began: time.Now(), trace: &trace{}, read: map[string]bool{},
		lag: pick(dice, 0, 30*time.Minute, 90*time.Minute), fleet: drawFleet(dice, paced), figures: torture.Figures{Cases: 1},
	}
	if dice.IntN(3) == 0 {
		w.fleet.settle = w.lag + 10*time.Minute // else listings could hide what was bought, and nothing is promised
	}
	var err error
	if w.cloud, err = newCloud(seed, paced, w.lag, w.trace); err != nil {
		return nil, err
	}
	return w, os.Mkdir(w.home, 0o700)
}

// play plays the world to its end.
func (w *world) play() error {
	w.trace.say("%d orders in %v, waves %+v, limits %+v, listings lag %v, doubts settle after %v", len(w.fleet.wishes),
		w.fleet.regions, w.fleet.waves, w.fleet.limits, w.lag, w.fleet.settle)
	for n := range 4 + w.dice.IntN(8) {
		s := drawStep(w.dice)
		w.trace.say("step %d: %s", n+1, s.name)
		if err := w.step(n+1, s.play); err != nil {
			return fmt.Errorf("step %d, %s: %w", n+1, s.name, err)
		}
	}
	if err := w.step(0, (*world).converge); err != nil {
		return fmt.Errorf("in the end: %w", err)
	}
	return nil
}

// step plays a step from the next whole hour on, so that how long the one before took plays no part, and audits.
func (w *world) step(n int, play func(*world) error) error {
	time.Sleep(time.Hour - time.Since(w.began)%time.Hour)
	w.cloud.begin(n, nil, 0)
	err := w.fleet.write(w.home)
	if err == nil {
		err = play(w)
	}
	w.trace.endStep()
	if err != nil {
		return err
	}
	return w.audit()
}

// process returns one that may run in the fleet's directory.
func (w *world) process() *process {
	return &process{cloud: w.cloud, home: w.home, image: w.nextHome}
}

func (w *world) nextHome() string {
	w.homes++
	return filepath.Join(w.dir, fmt.Sprintf("home-%d", w.homes))
}

// run runs a process to its end, or until it is killed, and goes on with what it left.
func (w *world) run(p *process, args ...string) error {
	p.run(args...)
	if err := w.goOn(p, args[0]); err != nil {
		return err
	}
	return w.checkGates(args...)
}

// goOn goes on with what a process left. Unlike processes it must not run beside another.
func (w *world) goOn(p *process, command string) error {
	w.told = append(w.told, torture.Told(p.said())...)
	if p.killed == "" {
		w.trace.say("%s: exit code %d", command, p.code)
		return nil
	}
	w.trace.say("%s: killed at %s", command, p.killed)
	w.figures.Kills++
	if p.failed != nil {
		return fmt.Errorf("killing it at %s: %w", p.killed, p.failed)
	}
	w.home = p.left
	return os.RemoveAll(p.home)
}

// held is what the state holds now.
func (w *world) held() (torture.Holding, error) { return torture.Hold(statePath(w.home)) }

// audit holds the ledger against the state.
func (w *world) audit() error {
	h, err := w.held()
	if err != nil {
		return err
	}
	v := torture.Audit{Wished: w.fleet.most, Sold: w.cloud.sim.Ledger(), Held: w.asCalled(h), Told: w.told}.Check()
	found := v.Figures()
	w.figures.Purchases, w.figures.Duplicates, w.figures.Lost = found.Purchases, found.Duplicates, found.Lost
	w.trace.say("  %d sold, %d held under their ids, %d adopted, %d in doubt", v.Purchases, v.Bought, v.Adopted, v.Held)
	for _, r := range h.Records {
		w.trace.say("  %s %s, attempt %d, %d of %d", r.Address, r.Status(), r.Attempt, r.Bought(), r.Order.Quantity)
	}
	if !v.Sound() {
		return fmt.Errorf("the audit: %s", v)
	}
	return w.verify()
}

// asCalled is what the state holds, by the names that the ledger knows.
func (w *world) asCalled(h torture.Holding) torture.Holding {
	h.Records, h.Logs = w.fleet.called(h.Records), slices.Clone(h.Logs)
	for n := range h.Logs {
		h.Logs[n].Records = w.fleet.called(h.Logs[n].Records)
	}
	return h
}

// verify holds the state against itself.
func (w *world) verify() error {
	v, err := state.Verify(statePath(w.home))
	return errors.Join(append(v.Problems, err)...)
}

// doubts are the calls that the state holds in doubt.
func doubts(h torture.Holding) []order.Intent {
	var open []order.Intent
	for _, r := range h.Records {
		if r.Doubt != nil {
			open = append(open, *r.Doubt)
		}
	}
	return open
}

// unsatisfied counts the wishes that are not bought as they stand in the files.
func (w *world) unsatisfied(h torture.Holding) int {
	bought := map[string]order.Record{}
	for _, r := range w.fleet.called(h.Records) {
		bought[r.Address.String()] = r
	}
	n := 0
	for _, wish := range w.fleet.wishes {
		if r := bought[wish.address()]; r.Doubt != nil || r.Bought() != wish.quantity || r.Order.Spec != wish.spec {
			n++
		}
	}
	return n
}

// soldBy returns the sale that a call made, if it made one.
func (w *world) soldBy(m order.Marker) (simulator.Purchase, bool) {
	for _, p := range w.cloud.sim.Ledger() {
		if order.FindMarker(p.Desc) == m {
			return p, true
		}
	}
	return simulator.Purchase{}, false
}
