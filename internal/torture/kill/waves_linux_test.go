package kill_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/pty"
	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// inWaves are a canary that bakes, of the first orders of each region, and the rest, which somebody has to approve.
const inWaves = `
  wave "canary" {
    max_orders = 4
    bake       = "1s"
  }
  wave "rest" { approve = true }`

// firstFour are the canary's.
var firstFour = []string{"order.gw[0]", "order.gw[1]", "order.gw[2]", "order.gw[3]"}

// Wherever in a campaign the program is killed, the next apply goes on there: nothing is bought twice or lost, no canary
// is bought again, and no order of a wave that nobody has approved.
func TestKillsInWaves(t *testing.T) {
	s := torture.Begin(t, "waves")
	for name, kill := range map[string]func(f *fleet){
		"in the canary":        func(f *fleet) { f.killedIn("call-returned:2", "--approve-wave", "canary") },
		"after its last order": func(f *fleet) { f.killedIn("outcome-durable:4", "--approve-wave", "canary") },
		"in its bake": func(f *fleet) {
			f.killedOnce(f.start("", "apply", "--json", "--approve-wave", "canary"), state.NoteBaking)
		},
		"at the approval": (*fleet).killedAtTheApproval,
		"while paused": func(f *fleet) {
			c := f.start("", "apply", "--json", "--approve-wave", "canary", "--parallelism", "1")
			<-f.api.await(1)
			if err := state.AskRun(state.DefaultPath(f.dir), f.underWay(), state.Command{Kind: state.CommandPause}); err != nil {
				f.t.Fatal(err)
			}
			f.killedOnce(c, state.NotePaused)
		},
		"in the rest": func(f *fleet) { f.killedIn("call-returned:6", "--auto-approve") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, s, 12, 2, simulator.Options{Latency: 20 * time.Millisecond, ComeUp: 50 * time.Millisecond})
			f.waves = inWaves
			f.wish(12)
			kill(f)
			if f.kills != 1 {
				t.Fatalf("it was killed %d times:\n%s", f.kills, &f.said)
			}
			sold := f.soldOrders()
			f.ended(f.start("", "apply", "--json", "--approve-wave", "canary"))
			switch after := f.soldOrders(); {
			case name == "in the rest":
				if !slices.Equal(after, sold) {
					t.Errorf("nobody has approved the rest, and it went on from %v to %v", sold, after)
				}
			case !slices.Equal(after, firstFour):
				t.Errorf("after the kill %v were bought, and after the apply that goes on %v", sold, after)
			}
			f.finish()
		})
	}
}

// killedIn lets an apply kill itself.
func (f *fleet) killedIn(point string, args ...string) {
	f.t.Helper()
	f.ended(f.start(point, append([]string{"apply", "--json"}, args...)...))
}

// killedOnce kills an apply when the log of its run has such a note.
func (f *fleet) killedOnce(c *command, note string) {
	f.t.Helper()
	for until := time.Now().Add(patience); !f.logged(note); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			f.t.Errorf("its log never said %s", note)
			break
		}
	}
	if err := c.Process.Kill(); err != nil {
		f.t.Error(err)
	}
	f.ended(c)
}

// killedAtTheApproval kills an apply while it asks somebody at a terminal, who has approved the plan.
func (f *fleet) killedAtTheApproval() {
	f.t.Helper()
	person, program, err := pty.Open()
	if err != nil {
		f.t.Fatal(err)
	}
	defer person.Close()
	defer program.Close()
	if _, err := person.WriteString("yes\n"); err != nil {
		f.t.Fatal(err)
	}
	f.killedOnce(startAt(f.t, program, f.dir, "", "apply", "--endpoint", f.api.url), state.NoteAwaitingApproval)
}

func (f *fleet) logged(note string) bool {
	f.t.Helper()
	logs, err := filepath.Glob(state.PathsOf(state.DefaultPath(f.dir)).RunLog("*"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, name := range logs {
		if text, err := os.ReadFile(name); err == nil && bytes.Contains(text, []byte(`"kind":"`+note+`"`)) {
			return true
		}
	}
	return false
}

// underWay is the run that is.
func (f *fleet) underWay() string {
	f.t.Helper()
	id, _, running := state.RunningRun(state.DefaultPath(f.dir))
	if !running {
		f.t.Fatal("no run is under way")
	}
	return id
}

// soldOrders are those in the ledger, sorted.
func (f *fleet) soldOrders() []string {
	var sold []string
	for _, p := range f.api.Ledger() {
		address, _, _ := strings.Cut(p.Desc, " [bf:")
		sold = append(sold, address)
	}
	slices.Sort(sold)
	return sold
}
