package cli

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
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
//			[--on DESC=KIND,KIND,...]... [--hold DESC=N]... [--instance DESC=KIND]...
//		serves a simulated API at $SIM, with credentials for it in the environment, and its secret key as $THE_SECRET_KEY to
//		go back to. --on names the faults, or none, that
//		the first calls for the order with that description meet, and with KIND* all that follow; --hold that all but its
//		first N calls wait until they are released; --instance the fault of what is bought for it.
//	release
//		lets the calls that are held, and all others, go on
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
//	written FILE TEXT
//		waits until the file holds the text
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
			env.Values[releaseKey{}] = new(func())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"simulate": cmdSimulate,
			"release":  cmdRelease,
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
			"written":  cmdWritten,
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
	o, release, err := simulatorOptions(args)
	ts.Check(err)
	sim, err := simulator.New(o)
	ts.Check(err)
	server := httptest.NewServer(sim)
	ts.Defer(server.Close)
	ts.Defer(release) // the server waits for its calls
	*ts.Value(releaseKey{}).(*func()) = release
	useSimulator(ts, server.URL+"/v1")
}

// releaseKey is where a session keeps what lets the calls go on that its last simulator holds.
type releaseKey struct{}

func cmdRelease(ts *testscript.TestScript, neg bool, args []string) {
	release := *ts.Value(releaseKey{}).(*func())
	if neg || len(args) > 0 || release == nil {
		ts.Fatalf("usage: release, after simulate")
	}
	release()
}

func useSimulator(ts *testscript.TestScript, url string) {
	ts.Setenv("SIM", url)
	ts.Setenv("JDCLOUD_ACCESS_KEY", "sim")
	ts.Setenv("JDCLOUD_SECRET_KEY", canary.SecretKey)
	ts.Setenv("JDCLOUD_SECURITY_TOKEN", canary.SecurityToken)
	ts.Setenv("THE_SECRET_KEY", canary.SecretKey)
}

// simulatorOptions also returns what lets the calls go on that are held.
func simulatorOptions(args []string) (o simulator.Options, release func(), err error) {
	o = simulator.Options{SecretKey: canary.SecretKey, Faults: simulator.Faults{}, Seed: 1}
	scripted := &script{
		faults: map[string][]simulator.Fault{}, last: map[string]simulator.Fault{}, instances: map[string]simulator.InstanceFault{},
		let: map[string]int{}, released: make(chan struct{}),
	}
	release = sync.OnceFunc(func() { close(scripted.released) })
	for ; len(args) > 1; args = args[2:] {
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
		case "--hold":
			desc, n, _ := strings.Cut(value, "=")
			scripted.let[desc], err = strconv.Atoi(n)
			o.Script = scripted.fault
		case "--instance":
			desc, kind, _ := strings.Cut(value, "=")
			scripted.instances[desc], _, err = simulator.ParseInstanceFault(kind + "=1")
			o.InstanceScript = scripted.instance
		default:
			err = fmt.Errorf("simulate: unknown flag %s", flag)
		}
		if err != nil {
			return o, release, err
		}
	}
	if len(args) > 0 {
		return o, release, fmt.Errorf("simulate: %s needs a value", args[0])
	}
	return o, release, nil
}

// A script holds the faults still to come for each description.
type script struct {
	mu     sync.Mutex
	faults map[string][]simulator.Fault
	last   map[string]simulator.Fault // after those

	let      map[string]int // how many calls are not held; absent: none is
	released chan struct{}  // closed: no call is held any more

	instances map[string]simulator.InstanceFault // not written to once the simulator is made
}

func (s *script) instance(i simulator.Instance) simulator.InstanceFault {
	return s.instances[unmarked(i.Desc)]
}

func (s *script) fault(c simulator.Call) simulator.Fault {
	desc := unmarked(c.Desc)
	if s.holds(desc) {
		<-s.released
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	coming := s.faults[desc]
	if len(coming) == 0 {
		return s.last[desc]
	}
	s.faults[desc] = coming[1:]
	return coming[0]
}

// holds tells whether a call is to wait.
func (s *script) holds(desc string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, some := s.let[desc]
	if some {
		s.let[desc]--
	}
	return some && left <= 0
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
