//go:build amd64 || arm64

package powercut_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture/powercut"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// programDir is where the real program is built.
var programDir string

// program is the path of the real program, built when it is first needed.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "bastion-fleet")
	build := exec.Command("go", "build", "-o", path, "github.com/bastion-fleet/bastion-fleet/cmd/bastion-fleet")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bastion-fleet-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	programDir = dir
	return m.Run()
}

// fleetName is the name of the fleet in every world.
const fleetName = "cut"

// A world is a fleet in a directory, and an API that it is bought from.
type world struct {
	dir string
	tmp string                              // for temporary files
	url string                              // of the API, for as long as the world lasts: the state is bound to it
	sim atomic.Pointer[simulator.Simulator] // the account that is there now
}

// scratch is a directory in memory where there is one: nothing here is to outlive the machine's power.
func scratch(t testing.TB) string {
	t.Helper()
	parent := "/dev/shm"
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "powercut-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newWorld returns a world without a fleet and with a fresh account, whose faults the script decides on.
func newWorld(t testing.TB, script simulator.Script) *world {
	t.Helper()
	w := &world{dir: scratch(t), tmp: scratch(t)}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.sim.Load().ServeHTTP(out, r) }))
	t.Cleanup(server.Close)
	w.url = server.URL + "/v1"
	w.account(t, nil, script)
	return w
}

// account replaces the API's account by one to which just this was sold.
func (w *world) account(t testing.TB, sold []simulator.Purchase, script simulator.Script) {
	t.Helper()
	ledger := filepath.Join(scratch(t), "ledger")
	var lines []byte
	for _, p := range sold {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := os.WriteFile(ledger, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Options{LedgerFile: ledger, Script: script})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	w.sim.Store(sim)
}

// fleet writes the fleet's file: orders of one instance, and how many of them are bought at a time.
func (w *world) fleet(t testing.TB, orders, parallelism int) {
	t.Helper()
	text := fmt.Sprintf(`
fleet %q {}
order "gw" {
  count      = %d
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-1"
  subnet_id  = "subnet-1"
  spec       = "bastion-50"
  ip_version = "v4"
  desc       = "order.gw[${count.index}]" # an audit tells orders apart by it
  charge {
    mode     = "MONTHLY"
    unit     = "MONTH"
    duration = 1
    auto_pay = true
  }
}
rollout {
  parallelism       = %d
  failure_tolerance = %d
  max_in_doubt      = %d
}
`, fleetName, orders, parallelism, orders, orders)
	if err := os.WriteFile(filepath.Join(w.dir, "cut.fleet.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wished is what such a fleet asks for.
func wished(orders int) map[string]int {
	w := make(map[string]int)
	for i := range orders {
		w[order.Address{Name: "gw", Key: order.IndexKey(i)}.String()] = 1
	}
	return w
}

// statePath is where a fleet's state is.
func statePath(dir string) string { return filepath.Join(dir, filepath.FromSlash(stateName)) }

// stateName is the database's name below a fleet's directory.
const stateName = ".bastion-fleet/state.db"

// record runs the program in the world and records it.
func (w *world) record(t testing.TB, fault func(powercut.Call) syscall.Errno, args ...string) *powercut.Trace {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	trace, err := powercut.Record(powercut.Run{
		Root: w.dir, Program: path, Args: append(args, "--json", "--endpoint", w.url),
		Env:   w.env(),
		Fault: fault,
	})
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return trace
}

// env is the program's environment.
func (w *world) env() []string {
	return []string{"HOME=" + w.dir, "TMPDIR=" + w.tmp, "JDCLOUD_ACCESS_KEY=sim", "JDCLOUD_SECRET_KEY=sim"}
}

// run runs the program to its end, unrecorded. That orders are held is no error.
func (w *world) run(args ...string) error {
	path, err := program()
	if err != nil {
		return err
	}
	const incomplete = 3
	c := exec.Command(path, append(args, "--json", "--endpoint", w.url)...)
	c.Dir, c.Env = w.dir, w.env()
	if out, err := c.CombinedOutput(); err != nil && c.ProcessState.ExitCode() != incomplete {
		return fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return nil
}
