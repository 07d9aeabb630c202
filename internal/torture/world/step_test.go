package world

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// The exit codes that users' scripts hold on to.
const (
	exitDone        = 0
	exitError       = 1
	exitIncomplete  = 3
	exitInterrupted = 130
)

// A step is what an operator does.
type step struct {
	name   string
	weight int
	play   func(*world) error
}

var steps = []step{
	{"an apply", 6, func(w *world) error { return w.applyWith(w.drawFaults(true)) }},
	{"an apply that is killed", 8, (*world).applyKilled},
	{"an apply that is drained", 3, (*world).applyDrained},
	{"an apply that is paused", 3, (*world).applyPaused},
	{"two applies at a time", 2, (*world).applyTwice},
	{"a saved plan", 3, (*world).applyPlan},
	{"an edit and an apply", 5, (*world).editAndApply},
	{"a reconcile", 3, (*world).reconcile},
	{"a word on an order in doubt", 3, (*world).resolveOne},
	{"a copy of the state", 1, (*world).takeCopy},
	{"an operator elsewhere", 2, (*world).applyElsewhere},
	{"an hour or two of rest", 1, func(w *world) error { time.Sleep(time.Hour); return nil }},
}

func drawStep(dice *rand.Rand) step {
	sum := 0
	for _, s := range steps {
		sum += s.weight
	}
	n := dice.IntN(sum)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	panic("the weights don't add up")
}

// What can go wrong with a create. After those that pass it is made again, after a pause whose length is random.
var (
	doubtful = []simulator.Fault{
		simulator.ErrorBefore, simulator.ErrorAfter, simulator.DropRequest, simulator.DropAnswer, simulator.CutAnswer,
		simulator.ForeignAnswer, simulator.Stall,
	}
	final   = []simulator.Fault{simulator.Reject, simulator.Quota}
	passing = []simulator.Fault{simulator.Throttle, simulator.ThrottleAs400, simulator.Unreachable}
)

// drawFaults sets what goes wrong in this step. In a paced world those with random pauses are left out where something
// would cut the run short: which orders it got to would be random too.
func (w *world) drawFaults(whole bool) []string {
	kinds := append(append([]simulator.Fault{}, doubtful...), final...)
	if !w.cloud.paced || whole && !w.fleet.limits.tight() {
		kinds = append(kinds, passing...)
	}
	gloom := 0.0
	if !w.cloud.paced || whole {
		gloom = pick(w.dice, 0, 0, 0.2, 0.7)
	}
	faults := simulator.Faults{}
	for range w.dice.IntN(4) {
		faults[pick(w.dice, kinds...)] += pick(w.dice, 0.03, 0.1, 0.25)
	}
	w.cloud.begin(w.cloud.step, faults, gloom)
	args := append([]string{"apply", w.home}, w.approvals()...)
	if w.dice.IntN(2) == 0 {
		args = append(args, "--json")
	}
	return args
}

// applyWith applies undisturbed.
func (w *world) applyWith(args []string) error {
	p := w.process()
	if err := w.run(p, args...); err != nil {
		return err
	}
	return w.checkApply(p)
}

// applyKilled kills an apply that has something to buy, and perhaps the next one too.
func (w *world) applyKilled() error {
	w.fleet.add(w.dice, 1+w.dice.IntN(6))
	if err := w.fleet.write(w.home); err != nil {
		return err
	}
	for range 1 + w.dice.IntN(3) {
		h, err := w.held()
		if err != nil {
			return err
		}
		p := w.process()
		p.killAt = 1 + w.dice.IntN(placesPerOrder*w.unsatisfied(h)+2)
		p.dice = rand.New(rand.NewPCG(w.dice.Uint64(), 0))
		args := w.drawFaults(false)
		if err := w.run(p, args...); err != nil {
			return err
		}
		time.Sleep(time.Minute) // what was under way arrives
		if p.killed != "" {
			continue
		}
		if err := w.checkApply(p); err != nil {
			return err
		}
	}
	return nil
}

// placesPerOrder is how often a process can be killed for each order that it buys.
const placesPerOrder = 6

// applyDrained presses Ctrl-C in an apply.
func (w *world) applyDrained() error {
	p := w.process()
	p.drain = time.Duration(w.dice.Int64N(int64(pick(w.dice, 200*time.Millisecond, 2*time.Second))))
	if err := w.run(p, w.drawFaults(false)...); err != nil {
		return err
	}
	return w.checkApply(p)
}

// checkApply holds an apply's exit code and words against what is so now.
func (w *world) checkApply(p *process) error {
	h, err := w.held()
	if err != nil {
		return err
	}
	open, held := w.unsatisfied(h), doubts(h)
	switch done := open == 0 && len(held) == 0; {
	case p.code == exitDone && done, p.code == exitIncomplete && !done:
	case p.code == exitInterrupted && p.mayBeEnded() && !done:
	case p.cutBake() && len(w.fleet.waves) > 0:
	case p.unasked():
		return nil
	case p.code == exitError && w.cloud.gloom > 0 && p.bought == 0:
		return nil // it must be able to look before it buys
	default:
		return fmt.Errorf("exit code %d, with %d orders open and %d in doubt:\n%s", p.code, open, len(held), p.said())
	}
	for _, d := range held {
		if !strings.Contains(p.said(), d.Order.Address.String()) && p.code != exitInterrupted {
			return fmt.Errorf("%s is in doubt, and was not named:\n%s", d.Order.Address, p.said())
		}
	}
	return nil
}

// toldOfHolder tells whether the process failed because another one holds the state. Who waits is told of it too, and may
// fail of something else later.
func (p *process) toldOfHolder() bool {
	return slices.ContainsFunc(strings.Split(p.said(), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "Error: ") && strings.Contains(line, "is held by")
	})
}

// applyTwice lets a second operator apply while the first does. He waits, or is told who holds the state.
func (w *world) applyTwice() error {
	first, second := w.process(), w.process()
	args := w.drawFaults(false)
	late := time.Duration(w.dice.Int64N(int64(time.Second)))
	waits := w.dice.IntN(2) == 0
	var both sync.WaitGroup
	both.Go(func() { first.run(args...) })
	both.Go(func() {
		time.Sleep(late)
		args := []string{"apply", w.home, "--auto-approve"}
		if waits {
			args = append(args, "--lock-timeout", "24h")
		}
		second.run(args...)
	})
	both.Wait()
	if err := errors.Join(w.goOn(first, "apply"), w.goOn(second, "apply"), w.checkGates(append(first.args, second.args...)...)); err != nil {
		return err
	}
	if second.code == exitError && second.toldOfHolder() {
		if waits || second.bought > 0 {
			return fmt.Errorf("the second operator made %d calls and was told, though he waits: %t\n%s", second.bought, waits, second.said())
		}
		return w.checkApply(first)
	}
	return w.checkApply(second)
}

// applyPlan saves a plan and applies it, and applies it again.
func (w *world) applyPlan() error {
	file := filepath.Join(w.home, "saved.plan")
	p := w.process()
	if err := w.run(p, "plan", w.home, "--out", file); err != nil {
		return err
	}
	if p.code != exitDone {
		return fmt.Errorf("plan: exit code %d\n%s", p.code, p.said())
	}
	p = w.process()
	if err := w.run(p, append([]string{"apply", file}, w.drawFaults(true)[2:]...)...); err != nil {
		return err
	}
	if err := w.checkApply(p); err != nil || p.code == exitError {
		return err // one that could not look before it bought has not used the plan
	}
	again := w.process()
	if err := w.run(again, "apply", file); err != nil {
		return err
	}
	if again.bought > 0 || p.bought > 0 && again.code != exitError {
		return fmt.Errorf("applied again, the plan bought %d times and ended with exit code %d\n%s", again.bought, again.code, again.said())
	}
	return nil
}

// editAndApply changes the files, a few times, and applies.
func (w *world) editAndApply() error {
	for range 1 + w.dice.IntN(3) {
		w.trace.say("%s", w.fleet.edit(w.dice))
	}
	if err := w.fleet.write(w.home); err != nil {
		return err
	}
	return w.applyWith(w.drawFaults(true))
}

// reconcile looks for what is in doubt.
func (w *world) reconcile() error {
	w.drawFaults(true)
	p := w.process()
	if err := w.run(p, "reconcile"); err != nil {
		return err
	}
	h, err := w.held()
	if err != nil {
		return err
	}
	held := len(doubts(h))
	switch {
	case p.code == exitDone && held == 0, p.code == exitIncomplete && held > 0:
	case p.code == exitError && held > 0 && w.cloud.gloom > 0:
	default:
		return fmt.Errorf("reconcile: exit code %d, with %d orders in doubt\n%s", p.code, held, p.said())
	}
	if p.code != exitError {
		return w.checkFound(h)
	}
	return nil
}

// checkFound complains of an order in doubt whose purchase listings have shown since this step began.
func (w *world) checkFound(h torture.Holding) error {
	for _, d := range doubts(h) {
		if sale, sold := w.soldBy(d.Marker); sold && w.shown(sale) {
			return fmt.Errorf("%s is in doubt, and listings show %s", d.Order.Address, sale.BuyID)
		}
	}
	return nil
}

// resolveOne lets an operator look one order in doubt up in the ledger, and say what became of it.
func (w *world) resolveOne() error {
	h, err := w.held()
	if err != nil {
		return err
	}
	open := doubts(h)
	if len(open) == 0 {
		return nil
	}
	d := open[w.dice.IntN(len(open))]
	word := []string{"--not-bought"}
	if sale, sold := w.soldBy(d.Marker); sold {
		word = []string{"--bought", sale.BuyID}
		for _, id := range sale.SourceIDs {
			word = append(word, "--source-id", id)
		}
	}
	p := w.process()
	if err := w.run(p, append([]string{"resolve", d.Order.Address.String(), "--auto-approve"}, word...)...); err != nil {
		return err
	}
	w.trace.say("  of %s: %s", d.Order.Address, word[0])
	if p.code != exitDone {
		return fmt.Errorf("resolve %s: exit code %d\n%s", d.Order.Address, p.code, p.said())
	}
	return nil
}
