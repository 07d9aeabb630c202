//go:build unix

package kill_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// shortBake is a bake that many runs can be killed in.
const shortBake = 300 * time.Millisecond

// Fleets that are bought in waves, killed at random moments and while they are paused, get what they lack in two campaigns.
// Whatever happens, no order is called for before the canary of its campaign has ended well.
func TestCampaignsKilledAtRandom(t *testing.T) {
	s := torture.Begin(t, "campaigns")
	for n := range s.Size(2, 100) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(s.Seed(), uint64(n)))
			o := randomFaults(dice)
			o.ComeUp = time.Duration(dice.IntN(100)) * time.Millisecond
			f := newFleet(t, s, 20+dice.IntN(20), 1<<dice.IntN(5), o)
			f.waves = fmt.Sprintf("wave \"canary\" {\n max_orders = %d\n bake = %q\n }\n wave \"half\" { percent = 50 }", 1+dice.IntN(6), shortBake)
			f.wish(len(f.wished))
			f.interfereInWaves(dice)
			f.rest()
			for len(f.doubts()) > 0 { // which a campaign lasts as long as
				f.resolveSome(dice, 10)
			}
			f.rest()
			f.api.calm.Store(false)
			f.wish(len(f.wished) + 10 + dice.IntN(20))
			f.interfereInWaves(dice)
			f.finish()
			f.checkGates()
		})
	}
}

func (f *fleet) interfereInWaves(dice *rand.Rand) {
	f.t.Helper()
	for range 3 + dice.IntN(f.stage.Size(3, 15)) {
		if dice.IntN(4) > 0 {
			f.interfere(dice)
			continue
		}
		seen := f.api.await(1 + dice.IntN(5))
		c := f.startApply("")
		ended := make(chan struct{})
		go func() {
			select {
			case <-seen:
				f.pauseIfUnderWay()
				_ = c.Process.Kill()
			case <-ended: // there was less to buy
			}
		}()
		f.ended(c)
		close(ended)
	}
}

// pauseIfUnderWay asks a run that may be over by now to pause, and gives it the time to do so.
func (f *fleet) pauseIfUnderWay() {
	path := state.DefaultPath(f.dir)
	if id, _, running := state.RunningRun(path); running && state.AskRun(path, id, state.Command{Kind: state.CommandPause}) == nil {
		time.Sleep(shortBake)
	}
}

// checkGates holds the run logs against what a canary is there for.
func (f *fleet) checkGates() {
	f.t.Helper()
	path := state.DefaultPath(f.dir)
	runs, err := state.ReadRuns(path)
	if err != nil {
		f.t.Fatal(err)
	}
	var g gates
	for _, run := range runs {
		log, err := state.ReadRunLog(path, run.ID)
		if err != nil {
			f.t.Fatal(err)
		}
		g.wave = ""
		for e, err := range log.Entries() {
			if err == nil {
				err = g.take(e)
			}
			if err != nil {
				f.t.Fatalf("run %s: %v\n%s", run.ID, err, f.rerun())
			}
		}
	}
	if g.campaigns == 0 {
		f.t.Errorf("the first campaign never ended\n%s", f.rerun())
	}
}

// gates are how the waves of a fleet stand by its runs' logs.
type gates struct {
	wave      string    // that is under way
	open      bool      // the campaign's canary has ended well since it began last
	tried     time.Time // when it bought last
	campaigns int       // that have ended, or left nothing but doubts
}

func (g *gates) take(e state.Entry) error {
	canary := g.wave == "canary"
	switch {
	case e.Note != nil && e.Note.Kind == state.NoteWaveStarted:
		g.wave = e.Note.Wave
		g.open = g.open && g.wave != "canary"
	case e.Note != nil && e.Note.Kind == state.NoteWaveEnded && canary:
		g.open = e.Note.End == "good"
	case e.Outcome != nil && e.Outcome.Result == order.ResultBought && canary:
		g.tried = e.Outcome.Purchase.At
	case e.Intent != nil && !canary && !g.open:
		return fmt.Errorf("%s is called for in wave %q before the canary has ended well", e.Address, g.wave)
	case e.Intent != nil && !canary && e.At.Sub(g.tried) < shortBake:
		return fmt.Errorf("%s is called for in wave %q %v after the canary's last purchase", e.Address, g.wave, e.At.Sub(g.tried))
	case e.Ended != nil && e.Ended.Finished:
		g.campaigns++
		g.open = false
	case e.Ended != nil && e.Ended.AllButDoubts: // over if they turn out to be bought, and else not: it stays open for what is bought again
		g.campaigns++
	}
	return nil
}
