//go:build unix

package kill_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// An api is the simulated API on a port, which outlives the programs that are killed.
type api struct {
	*simulator.Simulator
	url  string
	calm atomic.Bool // no fault happens any more

	mu      sync.Mutex
	quiet   *sync.Cond                 // open has become 0
	open    int                        // connections
	faults  map[string]simulator.Fault // that calls met, by the description that they asked for
	calls   int
	awaited int           // the call that seen waits for
	seen    chan struct{} // closed when it comes
}

// newAPI serves the API with the options' faults, until calm is set.
func newAPI(t *testing.T, o simulator.Options) *api {
	t.Helper()
	a := &api{faults: map[string]simulator.Fault{}}
	a.quiet = sync.NewCond(&a.mu)
	script := o.Script
	if script == nil {
		var err error
		if script, err = o.Faults.Script(o.Seed); err != nil {
			t.Fatal(err)
		}
	}
	o.Script = func(c simulator.Call) simulator.Fault {
		fault := simulator.NoFault
		if !a.calm.Load() {
			fault = script(c)
		}
		a.called(c, fault)
		return fault
	}
	o.SecretKey = canary.SecretKey
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	a.Simulator = sim
	server := httptest.NewUnstartedServer(sim)
	server.Config.ConnState = a.count
	server.Start()
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// called takes note of a call.
func (a *api) called(c simulator.Call, fault simulator.Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[c.Desc] = fault
	if a.calls++; a.calls == a.awaited {
		close(a.seen)
	}
}

// await returns a channel that is closed when the n-th call from now on comes. What was awaited before is not any more.
func (a *api) await(n int) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.awaited, a.seen = a.calls+n, make(chan struct{})
	return a.seen
}

// answered are the buyIds of the purchases, from the ledger's n-th on, whose answers were left whole.
func (a *api) answered(n int) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []string
	for _, p := range a.Ledger()[n:] {
		if a.faults[p.Desc] == simulator.NoFault {
			ids = append(ids, p.BuyID)
		}
	}
	return ids
}

func (a *api) count(_ net.Conn, s http.ConnState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch s {
	case http.StateNew:
		a.open++
	case http.StateClosed, http.StateHijacked:
		a.open--
	}
	if a.open == 0 {
		a.quiet.Broadcast()
	}
}

// settle waits until the calls of a program that is gone have come to their end: until then they may still buy.
func (a *api) settle(t *testing.T) {
	t.Helper()
	// Connections are accepted in the order in which they were made: once this one is, all of the program's are.
	last := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := last.Get(a.url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.open > 0 {
		a.quiet.Wait()
	}
}
