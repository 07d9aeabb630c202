package world

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A wave is one of the rollout block's.
type wave struct {
	name    string
	most    int           // orders; 0: no bound
	percent int           // of each region's; 0: no bound
	bake    time.Duration // 0: not at all
	approve bool
}

// drawWaves returns no waves, or some that leave orders to those after them.
func drawWaves(dice *rand.Rand) []wave {
	if dice.IntN(2) == 0 {
		return nil
	}
	var waves []wave
	for n := range 1 + dice.IntN(3) {
		w := wave{name: fmt.Sprintf("w%d", n+1), bake: pick(dice, 0, 0, time.Minute, 10*time.Minute), approve: dice.IntN(3) == 0}
		if dice.IntN(2) == 0 {
			w.most = 1 + dice.IntN(4)
		} else {
			w.percent = pick(dice, 10, 25, 60)
		}
		waves = append(waves, w)
	}
	if dice.IntN(2) == 0 { // else what is left is the remaining wave
		waves = append(waves, wave{name: "rest", bake: pick(dice, 0, time.Minute), approve: dice.IntN(2) == 0})
	}
	return waves
}

// text is the wave as the files have it.
func (w wave) text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "  wave %q {\n", w.name)
	if w.most > 0 {
		fmt.Fprintf(&s, "    max_orders = %d\n", w.most)
	}
	if w.percent > 0 {
		fmt.Fprintf(&s, "    percent = %d\n", w.percent)
	}
	if w.bake > 0 {
		fmt.Fprintf(&s, "    bake = %q\n", w.bake)
	}
	fmt.Fprintf(&s, "    approve = %t\n  }\n", w.approve)
	return s.String()
}

// approvals are the flags by which an operator answers: for all waves, or for some.
func (w *world) approvals() []string {
	if len(w.fleet.waves) == 0 || w.dice.IntN(2) == 0 {
		return []string{"--auto-approve"}
	}
	var flags []string
	for _, wave := range w.fleet.waves {
		if w.dice.IntN(3) > 0 {
			flags = append(flags, "--approve-wave="+wave.name)
		}
	}
	if len(flags) == 0 {
		flags = append(flags, "--approve-wave=remaining")
	}
	return flags
}

// unasked tells whether nobody was there to approve the plan of an apply that bought nothing.
func (p *process) unasked() bool {
	said := strings.Contains(p.said(), "ot approved: nothing was bought") || strings.Contains(p.said(), "can't ask for approval")
	return p.code == exitError && p.bought == 0 && !slices.Contains(p.args, "--auto-approve") && said
}

// cutBake tells whether all is bought and the last wave did not end well, or was not watched to its end.
func (p *process) cutBake() bool {
	bad := strings.Contains(p.said(), "ended badly") || strings.Contains(p.said(), `"end":"bad"`)
	cut := strings.Contains(p.said(), "was cut short") || strings.Contains(p.said(), `"end":"cut_short"`)
	return p.code == exitIncomplete && bad || p.code == exitInterrupted && cut
}

// instanceFault decides what becomes of what is bought for an order in this step.
func (c *cloud) instanceFault(i simulator.Instance) simulator.InstanceFault {
	dice := c.dice("instance", addressIn(i.Desc)).Float64() // it holds the account's lock, and the step's faults are others'
	for f := simulator.Stuck; f <= simulator.Falls; f++ {
		if dice -= 0.03; dice < 0 {
			return f
		}
	}
	return simulator.NoInstanceFault
}

// sourceIn names what a read asks for: a source by its order, for its id is another one each time that a seed is played.
func (c *cloud) sourceIn(path string) string {
	before, id, found := strings.Cut(path, "/order/")
	if !found {
		return path
	}
	for _, p := range c.sim.Ledger() {
		if n := slices.Index(p.SourceIDs, id); n >= 0 {
			return fmt.Sprintf("%s/order/%s %d of %d", before, addressIn(p.Desc), n+1, p.Quantity)
		}
	}
	return path
}

// An ask is what an operator asks of a run from another process, and when.
type ask struct {
	after time.Duration
	kind  state.CommandKind
}

// applyPaused pauses an apply, and lets it go on or ends it.
func (w *world) applyPaused() error {
	w.fleet.add(w.dice, 1+w.dice.IntN(6))
	if err := w.fleet.write(w.home); err != nil {
		return err
	}
	p := w.process()
	first := time.Duration(w.dice.Int64N(int64(2 * time.Second)))
	p.asks = []ask{
		{first, state.CommandPause},
		{first + time.Duration(w.dice.Int64N(int64(20*time.Minute))), pick(w.dice, state.CommandResume, state.CommandAbort)},
	}
	if err := w.run(p, w.drawFaults(false)...); err != nil {
		return err
	}
	w.trace.say("  asked %v of it, %d times with an answer", p.asks, p.asked)
	return w.checkApply(p)
}

// steer asks the process's run what it is to be asked, as long as it is under way.
func (p *process) steer(ended <-chan struct{}) {
	began := time.Now()
	for _, a := range p.asks {
		select {
		case <-ended:
			return
		case <-time.After(time.Until(began.Add(a.after))):
		}
		path := statePath(p.home)
		if id, _, running := state.RunningRun(path); running && id != "" && state.AskRun(path, id, state.Command{Kind: a.kind}) == nil {
			p.asked++
		}
	}
}

// mayBeEnded tells whether somebody could have ended the run: by Ctrl-C, or from another process.
func (p *process) mayBeEnded() bool {
	return p.drain > 0 || slices.ContainsFunc(p.asks, func(a ask) bool { return a.kind == state.CommandAbort })
}

// checkGates reads the log of every run that this world has not read yet, and that an apply with the given flags made: nothing
// may be called for outside of a wave, or in one that wants approval and has none, and no wave may begin unless the ones before
// ended well.
func (w *world) checkGates(args ...string) error {
	logs, err := filepath.Glob(state.PathsOf(statePath(w.home)).RunLog("*"))
	if err != nil {
		return err
	}
	for _, name := range logs {
		id := strings.TrimSuffix(filepath.Base(name), ".ndjson")
		if w.read[id] {
			continue
		}
		w.read[id] = true
		if err := w.checkLog(id, args); err != nil {
			return fmt.Errorf("run %s: %w", id, err)
		}
	}
	return nil
}

func (w *world) checkLog(id string, args []string) error {
	log, err := state.ReadRunLog(statePath(w.home), id)
	if err != nil {
		return err
	}
	if log.Info.Command != "apply" {
		return nil
	}
	current, closed := "", "" // the wave that has begun, and the one after which none may
	begun := false
	for e, err := range log.Entries() {
		switch {
		case err != nil:
			return err
		case e.Intent != nil && !begun:
			return fmt.Errorf("a call for %s outside of any wave", e.Address)
		case e.Intent != nil && !w.approved(current, args):
			return fmt.Errorf("a call for %s in wave %q, which nobody approved: %v", e.Address, current, args)
		case e.Note == nil:
		case e.Note.Kind == state.NoteWaveStarted && closed != "":
			return fmt.Errorf("wave %q began, though %s", e.Note.Wave, closed)
		case e.Note.Kind == state.NoteWaveStarted:
			current, begun = e.Note.Wave, true
		case e.Note.Kind == state.NoteWaveEnded && begun && e.Note.Wave != current:
			return fmt.Errorf("wave %q ended in wave %q", e.Note.Wave, current)
		case e.Note.Kind == state.NoteWaveEnded:
			begun = false
			if e.Note.End != apply.WaveGood.String() {
				closed = fmt.Sprintf("wave %q ended as %s", e.Note.Wave, e.Note.End)
			}
		}
	}
	return nil
}

// approved tells whether the flags of an apply approve a wave, if it wants that.
func (w *world) approved(name string, args []string) bool {
	i := slices.IndexFunc(w.fleet.waves, func(wave wave) bool { return wave.name == name })
	return i < 0 || !w.fleet.waves[i].approve || slices.Contains(args, "--auto-approve") || slices.Contains(args, "--approve-wave="+name)
}

// applyAll applies until nothing is left to do: a campaign may take an apply for each of its waves.
func (w *world) applyAll() error {
	for range len(w.fleet.waves) + 3 {
		p := w.process()
		if err := w.run(p, "apply", w.home, "--auto-approve"); err != nil {
			return err
		}
		if p.code == exitDone {
			return nil
		}
		if p.code != exitIncomplete || len(w.fleet.waves) == 0 {
			return fmt.Errorf("the last apply ended with exit code %d\n%s", p.code, p.said())
		}
	}
	return errors.New("as many applies as there are waves did not buy all")
}
