package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// TestMain lets every test of this package run the real program, as bastion-fleet.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bastion-fleet": func() { os.Exit(Main()) }})
}

// TestScripts plays the sessions in testdata/script. Beside testscript's own commands they know:
//
//	simulate [--latency D] [--fault KIND=RATE]... [--sequence KIND,KIND,...]
//		serves a simulated API at $SIM, with the keys sim/sim in the environment. A sequence names the faults of each
//		region's first calls; apply with --parallelism 1 to know which order meets which.
//	ledger N
//		holds the simulated account against the state: N purchases, each of them in the state under its ids, and
//		nothing in the state that was not bought. Arguments after N go to state list.
//	calls N
//		the API was asked N times to create
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"simulate": cmdSimulate,
			"ledger":   cmdLedger,
			"calls":    cmdCalls,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// simulators are the running scripts' *simulator.Simulator, by their URL.
var simulators sync.Map

func cmdSimulate(ts *testscript.TestScript, neg bool, args []string) {
	o, err := simulatorOptions(args)
	ts.Check(err)
	sim, err := simulator.New(o)
	ts.Check(err)
	server := httptest.NewServer(sim)
	ts.Defer(server.Close)
	url := server.URL + "/v1"
	simulators.Store(url, sim)
	ts.Setenv("SIM", url)
	ts.Setenv("JDCLOUD_ACCESS_KEY", "sim")
	ts.Setenv("JDCLOUD_SECRET_KEY", "sim")
}

func simulatorOptions(args []string) (simulator.Options, error) {
	o := simulator.Options{Faults: simulator.Faults{}, Seed: 1}
	for ; len(args) > 1; args = args[2:] {
		var err error
		switch flag, value := args[0], args[1]; flag {
		case "--latency":
			o.Latency, err = time.ParseDuration(value)
		case "--fault":
			fault, rate, parseErr := simulator.ParseFault(value)
			o.Faults[fault], err = rate, parseErr
		case "--sequence":
			var faults []simulator.Fault
			for _, name := range strings.Split(value, ",") {
				fault, _, parseErr := simulator.ParseFault(name + "=1")
				faults, err = append(faults, fault), errors.Join(err, parseErr)
			}
			o.Script = simulator.Sequence(faults...)
		default:
			err = fmt.Errorf("simulate: unknown flag %s", flag)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func scriptSimulator(ts *testscript.TestScript) *simulator.Simulator {
	sim, ok := simulators.Load(ts.Getenv("SIM"))
	if !ok {
		ts.Fatalf("there is no simulator: begin with simulate")
	}
	return sim.(*simulator.Simulator)
}

func cmdLedger(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: ledger N [state list's arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	sold := scriptSimulator(ts).Ledger()
	if len(sold) != want {
		ts.Fatalf("%d purchases in the ledger, want %d", len(sold), want)
	}
	list := exec.Command("bastion-fleet", append([]string{"state", "list", "--json"}, args[1:]...)...)
	list.Dir = ts.MkAbs(".")
	out, err := list.Output()
	ts.Check(err)
	ts.Check(sameIDs(sold, out))
}

// A listedOrder is what state list --json says of an order, as far as ids go.
type listedOrder struct {
	Address   string   `json:"address"`
	Region    string   `json:"region"`
	Status    string   `json:"status"`
	Desc      string   `json:"desc"`
	BuyID     string   `json:"buy_id"`
	SourceIDs []string `json:"source_ids"`
	Purchases []struct {
		BuyID     string   `json:"buy_id"`
		SourceIDs []string `json:"source_ids"`
		RequestID string   `json:"request_id"`
		Quantity  int      `json:"quantity"`
	} `json:"purchases"`
}

// sameIDs holds a ledger against state list --json, id by id.
func sameIDs(sold []simulator.Purchase, stateList []byte) error {
	var orders []listedOrder
	if err := json.Unmarshal(stateList, &orders); err != nil {
		return fmt.Errorf("state list --json: %w", err)
	}
	var inLedger, inState []string
	for _, p := range sold {
		inLedger = append(inLedger, fmt.Sprint(p.Region, p.BuyID, p.SourceIDs, p.RequestID, p.Quantity))
	}
	for _, o := range orders {
		for _, p := range o.Purchases {
			inState = append(inState, fmt.Sprint(o.Region, p.BuyID, p.SourceIDs, p.RequestID, p.Quantity))
		}
	}
	slices.Sort(inLedger)
	slices.Sort(inState)
	if d := cmp.Diff(inLedger, inState); d != "" {
		return fmt.Errorf("the ledger and the state differ (-ledger +state):\n%s", d)
	}
	return nil
}

func cmdCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: calls N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := scriptSimulator(ts).Counters().Calls; got != want {
		ts.Fatalf("%d calls, want %d", got, want)
	}
}
