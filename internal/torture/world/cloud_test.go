package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A cloud is the account that the world buys from, and the way there.
type cloud struct {
	sim   *simulator.Simulator
	seed  uint64
	paced bool
	trace *trace

	mu      sync.Mutex
	faults  simulator.Faults // of creates, in this step
	gloom   float64          // how often a listing fails in this step, in one way or another
	step    int
	arrived map[string]int // creates by description
	sent    map[string]int
	listed  map[string]int // listings by region, in this step
}

func newCloud(seed uint64, paced bool, lag time.Duration, t *trace) (*cloud, error) {
	c := &cloud{seed: seed, paced: paced, trace: t, arrived: map[string]int{}, sent: map[string]int{}}
	var err error
	c.sim, err = simulator.New(simulator.Options{
		ListingLag: lag, ComeUp: pick(c.dice("come up"), 0, 30*time.Second, 3*time.Minute), RetryAfter: time.Minute,
		Script: c.fault, InstanceScript: c.instanceFault,
	})
	return c, err
}

// begin sets what goes wrong in a step.
func (c *cloud) begin(step int, faults simulator.Faults, gloom float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step, c.faults, c.gloom, c.listed = step, faults, gloom, map[string]int{}
}

// dice are the same for the same names, whoever asks when.
func (c *cloud) dice(names ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, names...)
	return rand.New(rand.NewPCG(c.seed, h.Sum64()))
}

// fault decides on a create by whose it is and how many came before it.
func (c *cloud) fault(call simulator.Call) simulator.Fault {
	address := addressIn(call.Desc)
	c.mu.Lock()
	c.arrived[address]++
	n, faults := c.arrived[address], c.faults
	c.mu.Unlock()
	met, dice := simulator.NoFault, c.dice("fault", address, n).Float64()
	for f := simulator.NoFault + 1; f <= simulator.Stall; f++ {
		if dice -= faults[f]; dice < 0 {
			met = f
			break
		}
	}
	if met == simulator.Unreachable && n%3 == 0 {
		met = simulator.NoFault // three in a row would end a run that reached nobody yet, and which run that is depends on chance
	}
	c.trace.call("create %s, call %d: %s", address, n, met)
	return met
}

// addressIn is a description without its marker.
func addressIn(desc string) string {
	address, _, _ := strings.Cut(desc, " [bf:")
	return address
}

// span is how long something takes: in a paced world a time of its own, in a crowded one that of many others.
func (c *cloud) span(most time.Duration, names ...any) time.Duration {
	d := time.Duration(c.dice(names...).Int64N(int64(most))) + 1
	if !c.paced {
		return d.Truncate(most / 3)
	}
	return d
}

// A carrier brings the calls of one process to the cloud.
type carrier struct {
	cloud   *cloud
	process *process
}

var errDead = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED} // seen by the dead alone

// RoundTrip makes a call. What a process that was killed had sent may arrive all the same.
func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return c.read(r)
	}
	address, err := describedIn(r)
	if err != nil {
		return nil, err
	}
	n := c.cloud.count(c.cloud.sent, address)
	if c.process.passes("send", address) != alive {
		return nil, errDead
	}
	c.process.sent()
	time.Sleep(c.cloud.span(80*time.Millisecond, "there", address, n))
	if c.process.dead() && c.cloud.dice("underway", address, n).IntN(2) == 0 {
		return nil, errDead
	}
	response, err := c.cloud.sim.RoundTrip(r)
	time.Sleep(c.cloud.span(80*time.Millisecond, "back", address, n))
	if c.process.passes("answer", address) != alive {
		return nil, errDead
	}
	return response, err
}

func (c *cloud) count(of map[string]int, name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	of[name]++
	return of[name]
}

// describedIn reads the description out of a create, and leaves the request as it was.
func describedIn(r *http.Request) (string, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var create struct {
		InstanceSpec struct{ Desc string }
	}
	err = json.Unmarshal(body, &create)
	return addressIn(create.InstanceSpec.Desc), err
}

// read makes a call that buys nothing. It may fail, and a listing's pages may count what they don't show.
func (c carrier) read(r *http.Request) (*http.Response, error) {
	path := c.cloud.sourceIn(r.URL.Path)
	n := c.cloud.count(c.cloud.listed, path)
	time.Sleep(c.cloud.span(80*time.Millisecond, "read", path, n)) // first, for regions are read at one instant
	if c.process.passes("read", path) != alive {
		return nil, errDead
	}
	dice := c.cloud.dice("gloom", c.cloud.step, path, n)
	gloomy := dice.Float64() < c.cloud.gloom
	how := dice.IntN(3)
	switch {
	case gloomy && how == 0:
		return nil, io.ErrUnexpectedEOF
	case gloomy && how == 1:
		return throttled(r), nil
	}
	response, err := c.cloud.sim.RoundTrip(r)
	if err == nil && gloomy {
		err = disagree(response)
	}
	if c.process.passes("shown", path) != alive {
		return nil, errDead
	}
	return response, err
}

func throttled(r *http.Request) *http.Response {
	body := `{"requestId":"r","error":{"code":429,"status":"RATE_LIMIT","message":"too many requests"}}`
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// disagree lets a page count one instance more than there are.
func disagree(response *http.Response) error {
	var page struct {
		RequestID string `json:"requestId"`
		Result    struct {
			Bastions   []json.RawMessage `json:"bastions"`
			TotalCount int               `json:"totalCount"`
		} `json:"result"`
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		return err
	}
	page.Result.TotalCount++
	body, err := json.Marshal(page)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return err
}
