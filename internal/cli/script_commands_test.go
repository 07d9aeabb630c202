package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// servedSimulators are the processes that serve made, by their script's directory.
var servedSimulators sync.Map

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	served, _ := servedSimulators.LoadAndDelete(ts.Getenv("WORK"))
	if served != nil {
		ts.Check(served.(*exec.Cmd).Process.Signal(syscall.SIGTERM))
		ts.Check(served.(*exec.Cmd).Wait())
	}
	if len(args) == 1 && args[0] == "none" {
		return
	}
	sim := exec.Command("bastion-fleet", append([]string{"sim", "serve", "--secret-key", canary.SecretKey}, args...)...)
	sim.Dir = ts.MkAbs(".")
	out, err := sim.StdoutPipe()
	ts.Check(err)
	ts.Check(sim.Start())
	ts.Defer(func() { _ = sim.Process.Kill() })
	url, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	servedSimulators.Store(ts.Getenv("WORK"), sim)
	useSimulator(ts, strings.TrimSpace(url))
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	for _, trace := range []string{"goroutine ", "panic: "} {
		if strings.Contains(ts.ReadFile("stderr"), trace) {
			ts.Fatalf("a stack trace")
		}
	}
}

// An event is the envelope that every line of --json has.
type event struct {
	Level     string    `json:"@level"`
	Message   string    `json:"@message"`
	Module    string    `json:"@module"`
	Timestamp time.Time `json:"@timestamp"`
	Type      string    `json:"type"`
}

func cmdEvents(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: events TYPE...")
	}
	if text := ts.ReadFile("stderr"); text != "" {
		ts.Fatalf("beside JSON on stdout, stderr has:\n%s", text)
	}
	var types []string
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			ts.Fatalf("%v in the line %s", err, line)
		}
		if e.Level == "" || e.Message == "" || e.Module != "bastion-fleet" || e.Timestamp.IsZero() {
			ts.Fatalf("a line without its envelope: %s", line)
		}
		types = append(types, e.Type)
	}
	if d := cmp.Diff(args, slices.Compact(types)); d != "" {
		ts.Fatalf("types of events (-want +got):\n%s", d)
	}
}

// simulated is what GET /sim/ledger says.
type simulated struct {
	Purchases []simulator.Purchase `json:"purchases"`
	Counters  struct {
		Calls       int `json:"calls"`
		Reads       int `json:"reads"`
		MaxInFlight int `json:"max_in_flight"`
	} `json:"counters"`
}

func readLedger(ts *testscript.TestScript) simulated {
	url := ts.Getenv("SIM")
	if url == "" {
		ts.Fatalf("there is no simulator: begin with simulate")
	}
	answer, err := http.Get(strings.TrimSuffix(url, "/v1") + simulator.LedgerPath)
	ts.Check(err)
	defer answer.Body.Close()
	var s simulated
	ts.Check(json.NewDecoder(answer.Body).Decode(&s))
	return s
}

func number(ts *testscript.TestScript, usage string, neg bool, args []string) int {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: %s", usage)
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	return n
}

// cmdSold looks for texts in what the simulator was asked for.
func cmdSold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: sold TEXT...")
	}
	asked, err := json.Marshal(readLedger(ts).Purchases)
	ts.Check(err)
	for _, text := range args {
		if !strings.Contains(string(asked), text) {
			ts.Fatalf("nothing was sold with %q: %s", text, asked)
		}
	}
}

func cmdLedger(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, "ledger N [state list's arguments]", neg, args)
	sold := readLedger(ts).Purchases
	if len(sold) != want {
		ts.Fatalf("%d purchases in the ledger, want %d", len(sold), want)
	}
	var inLedger, inState []string
	adopted := map[string]bool{}
	for _, o := range stateList(ts, args[1:]) {
		for _, p := range o.Purchases {
			inState = append(inState, fmt.Sprint(o.Region, p.BuyID, p.SourceIDs, p.BIDs, p.RequestID, p.Quantity))
			adopted[knownAs("", p.BIDs)] = true
		}
	}
	for _, p := range sold {
		buyID, sourceIDs, bids, requestID := p.BuyID, p.SourceIDs, []string{}, p.RequestID
		if adopted[knownAs("", p.BIDs())] { // all that a listing shows
			buyID, sourceIDs, bids, requestID = "", []string{}, p.BIDs(), ""
		}
		inLedger = append(inLedger, fmt.Sprint(p.Region, buyID, sourceIDs, bids, requestID, p.Quantity))
	}
	slices.Sort(inLedger)
	slices.Sort(inState)
	if d := cmp.Diff(inLedger, inState); d != "" {
		ts.Fatalf("the ledger and the state differ (-ledger +state):\n%s", d)
	}
}

// knownAs is what tells a purchase in a state apart: its buyId, or the bids of one that was adopted.
func knownAs(buyID string, bids []string) string {
	if buyID != "" {
		return buyID
	}
	return strings.Join(bids, " ")
}

func cmdHonest(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(honest(readLedger(ts).Purchases, stateList(ts, args)))
}

// honest returns what is wrong with a state of orders whose descriptions differ, if anything is.
func honest(sold []simulator.Purchase, listed []listedOrder) error {
	byDesc, unsold := map[string]listedOrder{}, map[string]string{}
	for _, o := range listed {
		byDesc[o.Desc] = o
		for _, p := range o.Purchases {
			unsold[knownAs(p.BuyID, p.BIDs)] = o.Address
		}
	}
	seen := map[string]bool{}
	for _, p := range sold {
		desc := unmarked(p.Desc)
		if seen[desc] {
			return fmt.Errorf("%q was bought twice", desc)
		}
		seen[desc] = true
		known := unsold[p.BuyID] + unsold[knownAs("", p.BIDs())]
		if known == "" && byDesc[desc].Status != string(order.StatusInDoubt) {
			return fmt.Errorf("%s of %q is neither in the state nor in doubt there", p.BuyID, desc)
		}
		delete(unsold, p.BuyID)
		delete(unsold, knownAs("", p.BIDs()))
	}
	if len(unsold) > 0 {
		return fmt.Errorf("the state holds what was never sold: %v", unsold)
	}
	return nil
}

// stateList returns what the state holds, once state verify has found it sound.
func stateList(ts *testscript.TestScript, args []string) []listedOrder {
	verify := exec.Command("bastion-fleet", append([]string{"state", "verify"}, args...)...)
	verify.Dir = ts.MkAbs(".")
	if out, err := verify.CombinedOutput(); err != nil {
		ts.Fatalf("state verify: %v: %s", err, out)
	}
	list := exec.Command("bastion-fleet", append([]string{"state", "list", "--json"}, args...)...)
	list.Dir = ts.MkAbs(".")
	out, err := list.Output()
	if err != nil {
		ts.Fatalf("state list: %v: %s", err, out)
	}
	var listed []listedOrder
	ts.Check(json.Unmarshal(out, &listed))
	return listed
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
		BIDs      []string `json:"bids"`
		RequestID string   `json:"request_id"`
		Quantity  int      `json:"quantity"`
	} `json:"purchases"`
}

func cmdCalls(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, "calls N", neg, args)
	if got := readLedger(ts).Counters.Calls; got != want {
		ts.Fatalf("%d calls, want %d", got, want)
	}
}

func cmdReads(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, "reads N", neg, args)
	if got := readLedger(ts).Counters.Reads; got != want {
		ts.Fatalf("%d calls that only read, want %d", got, want)
	}
}

func cmdInFlight(ts *testscript.TestScript, neg bool, args []string) {
	limit := number(ts, "inflight N", neg, args)
	if got := readLedger(ts).Counters.MaxInFlight; got > limit || got == 0 {
		ts.Fatalf("%d calls at one time, want 1 to %d", got, limit)
	}
}

// patience bounds the wait for what another process does.
const patience = 30 * time.Second

func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, "await N", neg, args)
	for until := time.Now().Add(patience); readLedger(ts).Counters.Calls < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			ts.Fatalf("no %d calls within %s", want, patience)
		}
	}
}

func cmdLogged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: logged TEXT")
	}
	awaitText(ts, "the newest run log", args[0], func() string {
		logs, _ := filepath.Glob(ts.MkAbs(".bastion-fleet/runs/*.ndjson"))
		return slices.Max(append(logs, ""))
	})
}

func cmdWritten(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: written FILE TEXT")
	}
	awaitText(ts, args[0], args[1], func() string { return ts.MkAbs(args[0]) })
}

// awaitText waits until a file, as soon as there is one, holds the text.
func awaitText(ts *testscript.TestScript, what, text string, file func() string) {
	for until := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if written, _ := os.ReadFile(file()); strings.Contains(string(written), text) {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%s does not say %s within %s", what, text, patience)
		}
	}
}

func cmdPaused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: paused")
	}
	const call, calls = 250 * time.Millisecond, 2 // longer than the calls of a session take, and how many would have begun
	time.Sleep(call)
	before := readLedger(ts).Counters.Calls
	time.Sleep(calls * call)
	if after := readLedger(ts).Counters.Calls; after != before {
		ts.Fatalf("%d calls began while the run was paused", after-before)
	}
}

func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE OFFSET")
	}
	offset, err := strconv.Atoi(args[1])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	content, err := os.ReadFile(name)
	ts.Check(err)
	if offset < 0 {
		offset += len(content)
	}
	content[offset] ^= 1
	ts.Check(os.WriteFile(name, content, 0o600))
}

func cmdExpire(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expire PLANFILE")
	}
	sealed, err := readPlanFile(ts.MkAbs(args[0]))
	ts.Check(err)
	key, err := state.ReadPlanKey(sealed.State())
	ts.Check(err)
	file, err := sealed.Open(plan.NewKey(key))
	ts.Check(err)
	file.Created = file.Created.Add(-planLifetime)
	file.Expires = file.Expires.Add(-planLifetime)
	ts.Check(writeFile(ts.MkAbs(args[0]), func(w io.Writer) error { return file.Encode(w, plan.NewKey(key)) }))
}

func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit PLANFILE OLD NEW")
	}
	head, zipped, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	unzip, err := gzip.NewReader(strings.NewReader(zipped))
	ts.Check(err)
	text, err := io.ReadAll(unzip)
	ts.Check(err)
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s has no %s, but %s", args[0], args[1], text)
	}
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	_, err = zip.Write(bytes.ReplaceAll(text, []byte(args[1]), []byte(args[2])))
	ts.Check(errors.Join(err, zip.Close()))
	words := strings.Fields(head)
	edited := fmt.Sprintf("%s %s %x %s\n%s", words[0], words[1], sha256.Sum256(body.Bytes()), words[3], body.String())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(edited), 0o600))
}

func cmdAge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: age STATE FORMAT")
	}
	db, err := bolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	ts.Check(err)
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(args[1])) })
	ts.Check(errors.Join(err, db.Close()))
}
