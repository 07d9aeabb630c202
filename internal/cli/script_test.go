package cli

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// TestMain lets every test of this package run the real program, as bastion-fleet. Built with the race detector, it
// would sleep for a second at its end.
func TestMain(m *testing.M) {
	_ = os.Setenv(raceOptions, strings.TrimSpace(os.Getenv(raceOptions)+" atexit_sleep_ms=0"))
	testscript.Main(m, map[string]func(){"bastion-fleet": func() { os.Exit(Main()) }})
}

const raceOptions = "GORACE"

// TestScripts plays the sessions in testdata/script. Beside testscript's own commands they know:
//
//	simulate [--latency D] [--listing-lag D] [--come-up D] [--retry-after D] [--fault KIND=RATE]...
//			[--on DESC=KIND,KIND,...]... [--instance DESC=KIND]...
//		serves a simulated API at $SIM, with credentials for it in the environment, and its secret key as $THE_SECRET_KEY to
//		go back to. --on names the faults, or none, that
//		the first calls for the order with that description meet, and with KIND* all that follow; --instance the fault
//		of what is bought for it.
//	serve ARG...
//		runs bastion-fleet sim serve ARG... with its URL in $SIM; another serve, or serve none, ends the one before
//	exits CODE PROGRAM [ARG...]
//		is exec for a program that ends with the exit code, and with no stack trace
//	events TYPE...
//		the last program wrote JSON lines of these types to stdout, repetitions counted once, and nothing to stderr
//	ledger N
//		holds the simulated account against the state, which must be sound: N purchases, each of them in the state under
//		its ids, and nothing in the state that was not bought. Arguments after N go to state verify and state list.
//	honest
//		holds the two against each other where answers were lost: the state is sound, nothing was bought twice, nothing
//		is in the state that was not bought, and what was bought and is not in the state is in doubt there. Orders are
//		told apart by their descriptions.
//	calls N
//		the API was asked N times to create
//	reads N
//		the API was called N times to look at something: a page of a listing, an instance
//	inflight N
//		at most N of these calls were made at one time
//	await N
//		waits until the API was asked N times to create
//	logged TEXT
//		waits until the newest run log of the state in the current directory holds the text
//	paused
//		lets the calls in flight end, and sees that no other begins
//	expire PLANFILE
//		lets the time pass in which a plan file can be applied
//	edit PLANFILE OLD NEW
//		replaces a text within a plan file, and makes its checksum right again; its seal takes the key
//	age STATE FORMAT
//		makes a state one of another format
//	flip FILE OFFSET
//		changes a byte of a file; a negative offset counts from its end
//
// $DEFAULTS is a fleet file with what the orders of all sessions have in common, $EXAMPLES the directory of example
// fleets.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../examples/fleets")
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := filepath.Abs("testdata/session/defaults.fleet.hcl")
	if err != nil {
		t.Fatal(err)
	}
	testscript.RunT(watchOutput(t), testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			watchFiles(env)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			env.Setenv(raceOptions, os.Getenv(raceOptions))
			env.Setenv("EXAMPLES", examples)
			env.Setenv("DEFAULTS", defaults)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"simulate": cmdSimulate,
			"serve":    cmdServe,
			"exits":    cmdExits,
			"events":   cmdEvents,
			"ledger":   cmdLedger,
			"sold":     cmdSold,
			"honest":   cmdHonest,
			"calls":    cmdCalls,
			"reads":    cmdReads,
			"inflight": cmdInFlight,
			"await":    cmdAwait,
			"logged":   cmdLogged,
			"paused":   cmdPaused,
			"expire":   cmdExpire,
			"edit":     cmdEdit,
			"age":      cmdAge,
			"flip":     cmdFlip,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func cmdSimulate(ts *testscript.TestScript, neg bool, args []string) {
	o, err := simulatorOptions(args)
	ts.Check(err)
	sim, err := simulator.New(o)
	ts.Check(err)
	server := httptest.NewServer(sim)
	ts.Defer(server.Close)
	useSimulator(ts, server.URL+"/v1")
}

func useSimulator(ts *testscript.TestScript, url string) {
	ts.Setenv("SIM", url)
	ts.Setenv("JDCLOUD_ACCESS_KEY", "sim")
	ts.Setenv("JDCLOUD_SECRET_KEY", canary.SecretKey)
	ts.Setenv("JDCLOUD_SECURITY_TOKEN", canary.SecurityToken)
	ts.Setenv("THE_SECRET_KEY", canary.SecretKey)
}

func simulatorOptions(args []string) (simulator.Options, error) {
	o := simulator.Options{SecretKey: canary.SecretKey, Faults: simulator.Faults{}, Seed: 1}
	scripted := &script{
		faults: map[string][]simulator.Fault{}, last: map[string]simulator.Fault{}, instances: map[string]simulator.InstanceFault{},
	}
	for ; len(args) > 1; args = args[2:] {
		var err error
		switch flag, value := args[0], args[1]; flag {
		case "--latency":
			o.Latency, err = time.ParseDuration(value)
		case "--listing-lag":
			o.ListingLag, err = time.ParseDuration(value)
		case "--come-up":
			o.ComeUp, err = time.ParseDuration(value)
		case "--retry-after":
			o.RetryAfter, err = time.ParseDuration(value)
		case "--fault":
			fault, rate, parseErr := simulator.ParseFault(value)
			o.Faults[fault], err = rate, parseErr
		case "--on":
			err = scripted.read(value)
			o.Script = scripted.fault
		case "--instance":
			desc, kind, _ := strings.Cut(value, "=")
			scripted.instances[desc], _, err = simulator.ParseInstanceFault(kind + "=1")
			o.InstanceScript = scripted.instance
		default:
			err = fmt.Errorf("simulate: unknown flag %s", flag)
		}
		if err != nil {
			return o, err
		}
	}
	if len(args) > 0 {
		return o, fmt.Errorf("simulate: %s needs a value", args[0])
	}
	return o, nil
}

// A script holds the faults still to come for each description.
type script struct {
	mu     sync.Mutex
	faults map[string][]simulator.Fault
	last   map[string]simulator.Fault // after those

	instances map[string]simulator.InstanceFault // not written to once the simulator is made
}

func (s *script) instance(i simulator.Instance) simulator.InstanceFault {
	return s.instances[unmarked(i.Desc)]
}

func (s *script) fault(c simulator.Call) simulator.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	desc := unmarked(c.Desc)
	coming := s.faults[desc]
	if len(coming) == 0 {
		return s.last[desc]
	}
	s.faults[desc] = coming[1:]
	return coming[0]
}

// unmarked is a description without its marker.
func unmarked(desc string) string {
	desc, _, _ = strings.Cut(desc, "[bf:")
	return strings.TrimSuffix(desc, " ")
}

// read adds DESC=KIND,KIND,… or DESC=KIND,KIND*.
func (s *script) read(text string) error {
	desc, names, _ := strings.Cut(text, "=")
	for name := range strings.SplitSeq(names, ",") {
		name, forever := strings.CutSuffix(name, "*")
		fault := simulator.NoFault
		if name != fault.String() {
			var err error
			if fault, _, err = simulator.ParseFault(name + "=1"); err != nil {
				return err
			}
		}
		s.faults[desc] = append(s.faults[desc], fault)
		if forever {
			s.last[desc] = fault
		}
	}
	return nil
}
