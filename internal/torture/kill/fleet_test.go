//go:build unix

package kill_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// The exit codes that a run may end with when nobody ends it.
const (
	exitDone       = 0
	exitError      = 1
	exitIncomplete = 3
)

// A fleet is a directory with a fleet file, the API that it is bought from, and what its programs said.
type fleet struct {
	t           *testing.T
	stage       *torture.Stage
	api         *api
	dir         string
	wished      map[string]int
	parallelism int
	told        []string // buyIds that programs said they had recorded, or were answered and lived on
	sold        int      // purchases in the ledger when the last program ended
	kills       int
	block       string          // the order block's name by now
	waves       string          // wave blocks; empty: there are none
	said        strings.Builder // by all programs, for when something is wrong
}

// newFleet makes a fleet of so many orders in two regions, every third of them of two instances.
func newFleet(t *testing.T, s *torture.Stage, orders, parallelism int, o simulator.Options) *fleet {
	t.Helper()
	f := &fleet{t: t, stage: s, api: newAPI(t, o), dir: scratch(t), parallelism: parallelism, block: firstName}
	f.wish(orders)
	return f
}

// The names of the order block, before and after its move. The audit knows the first alone.
const firstName, secondName = "gw", "gateway"

// rename gives the order block another name, and moves what is recorded.
func (f *fleet) rename() {
	f.t.Helper()
	f.block = secondName
	f.wish(len(f.wished))
}

// asCalled gives records back the name that their descriptions have. What is left behind at the first name holds nothing.
func asCalled(records []order.Record) {
	for i := range records {
		if r := &records[i]; r.Address.Name == secondName && !r.Gone {
			r.Address.Name = firstName
			if r.Doubt != nil {
				r.Doubt.Order.Address.Name = firstName
			}
		}
	}
}

// wish writes the fleet file anew, for so many orders.
func (f *fleet) wish(orders int) {
	f.t.Helper()
	f.wished = map[string]int{}
	for n := range orders {
		f.wished[order.Address{Name: "gw", Key: order.IndexKey(n)}.String()] = 1 + n%3/2
	}
	text := fmt.Sprintf(`
fleet "killed" {}
order "%s" {
  count      = %d
  quantity   = count.index %% 3 == 2 ? 2 : 1
  region     = count.index %% 2 == 0 ? "cn-north-1" : "cn-east-2"
  az         = count.index %% 2 == 0 ? "cn-north-1a" : "cn-east-2a"
  vpc_id     = "vpc-1"
  subnet_id  = "subnet-1"
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = "order.gw[${count.index}]" # the audit tells orders apart by it
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = true # or no listing would show it
  }
}
rollout {
  max_in_doubt      = 1000
  failure_tolerance = "100%%"
  %s
}
`, f.block, orders, f.waves)
	if f.block != firstName {
		text += fmt.Sprintf("moved {\n  from = order.%s\n  to = order.%s\n}\n", firstName, f.block)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "killed.fleet.hcl"), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// scratch is a directory in memory, where there is such a thing: a kill leaves what was written to the system alone, so
// it needs no disk.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "torture-kill-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// start runs a command that works with the API.
func (f *fleet) start(point string, args ...string) *command {
	f.t.Helper()
	return start(f.t, f.dir, point, append(args, "--endpoint", f.api.url)...)
}

// startApply begins an apply that ends at a failpoint, or by itself.
func (f *fleet) startApply(point string) *command {
	f.t.Helper()
	return f.start(point, "apply", "--auto-approve", "--json", "--parallelism", strconv.Itoa(f.parallelism))
}

// ended takes in how a command ended. Whatever that was, the state must know what was sold.
func (f *fleet) ended(c *command) ending {
	f.t.Helper()
	e := f.run(c)
	f.audit()
	return e
}

// run takes in how a command ended, and looks at no state.
func (f *fleet) run(c *command) ending {
	f.t.Helper()
	e := c.wait(f.t)
	f.told = append(f.told, torture.Told(e.out)...)
	if e.killed {
		f.kills++
		f.api.settle(f.t)
	} else {
		f.told = append(f.told, f.api.answered(f.sold)...)
	}
	f.sold = len(f.api.Ledger())
	return e
}

// killed runs an apply to a failpoint and tells whether it came by there.
func (f *fleet) killed(point string) bool {
	f.t.Helper()
	return f.ended(f.startApply(point)).killed
}

// audit holds the ledger against the state. What it finds ends the case.
func (f *fleet) audit() torture.Verdict {
	f.t.Helper()
	held, err := torture.Hold(state.DefaultPath(f.dir))
	if err != nil {
		f.t.Fatalf("after %d kills: %v\n%s", f.kills, err, f.rerun())
	}
	asCalled(held.Records)
	for i := range held.Logs {
		asCalled(held.Logs[i].Records)
	}
	verified, err := state.Verify(state.DefaultPath(f.dir))
	if err != nil || len(verified.Problems) > 0 {
		f.t.Fatalf("after %d kills the state is not sound: %v\n%s", f.kills, errors.Join(append(verified.Problems, err)...), f.rerun())
	}
	v := torture.Audit{Wished: f.wished, Sold: f.api.Ledger(), Held: held, Told: f.told}.Check()
	if !v.Sound() {
		f.stage.Add(v.Figures())
		f.t.Fatalf("after %d kills:\n%s\n%s\n%s", f.kills, v, f.rerun(), &f.said)
	}
	return v
}

// finish buys the rest of the fleet, and adds up what became of all of it.
func (f *fleet) finish() {
	f.t.Helper()
	figures := f.rest().Figures()
	figures.Cases, figures.Kills = 1, f.kills
	f.stage.Add(figures)
}

// rest buys the rest of the fleet, without further kills and faults. Everything that was sold must be held as bought
// then, and every order that is not bought must be in doubt, unsold, and named.
func (f *fleet) rest() torture.Verdict {
	f.t.Helper()
	f.api.calm.Store(true)
	e := f.ended(f.startApply(""))
	v := f.audit()
	if v.Doubtful > 0 {
		f.t.Errorf("%d sales were not found by their markers:\n%s%s\n%s", v.Doubtful, e.out, e.err, f.rerun())
	}
	want := exitDone
	if v.Held > 0 {
		want = exitIncomplete
	}
	if e.code != want || v.Bought+v.Adopted+v.Held != len(f.wished) {
		f.t.Errorf("exit code %d, %d orders bought, %d adopted, %d held of %d:\n%s%s\n%s",
			e.code, v.Bought, v.Adopted, v.Held, len(f.wished), e.out, e.err, f.rerun())
	}
	f.checkNamed(e)
	return v
}

// checkNamed looks for every order in doubt in what an apply said.
func (f *fleet) checkNamed(e ending) {
	f.t.Helper()
	for _, d := range f.doubts() {
		a, _ := json.Marshal(d.Order.Address) // as JSON has it: with escaped quotes
		if !strings.Contains(e.out, string(a)) {
			f.t.Errorf("%s is held, and the apply did not name it:\n%s%s\n%s", a, e.out, e.err, f.rerun())
		}
	}
}

// doubts are the calls of which nobody knows what they bought.
func (f *fleet) doubts() []order.Intent {
	f.t.Helper()
	s, err := state.Read(state.DefaultPath(f.dir))
	if err != nil {
		f.t.Fatal(err)
	}
	var all []order.Intent
	for _, r := range s.Records {
		if r.Doubt != nil {
			all = append(all, *r.Doubt)
		}
	}
	return all
}

// unsold is an order in doubt whose call never came.
func (f *fleet) unsold() order.Intent {
	f.t.Helper()
	sold := map[order.Marker]bool{}
	for _, p := range f.api.Ledger() {
		sold[order.FindMarker(p.Desc)] = true
	}
	for _, d := range f.doubts() {
		if !sold[d.Marker] {
			return d
		}
	}
	f.t.Fatalf("every order in doubt was sold:\n%s", &f.said)
	return order.Intent{}
}

func (f *fleet) rerun() string {
	return "This case alone: " + f.stage.Rerun(f.t, "internal/torture/kill")
}
