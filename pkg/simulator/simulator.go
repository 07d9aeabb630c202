package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"
)

// Options set a Simulator up. The zero value is an account without latency, lag and faults.
type Options struct {
	AccessKey string // empty: sim
	SecretKey string // empty: sim

	// LedgerFile keeps the account across processes: every purchase is a line of JSON in it before it is answered. One
	// process at a time may use it. Empty: the account ends with the Simulator.
	LedgerFile string

	Latency    time.Duration // from a call's arrival to its answer
	Jitter     time.Duration // up to this much is added to Latency, evenly spread
	ListingLag time.Duration // from a purchase to the moment when listings and describeSourceId show it
	RetryAfter time.Duration // what throttles ask for, in whole seconds; 0: they don't say

	// ComeUp is how long a bought instance takes until it runs. Until then listings and describeSourceId show it with a
	// status that is neither running nor expired: which the API shows then is unknown.
	ComeUp time.Duration

	Faults Faults // how often createInstance calls fail, and how
	Script Script // decides in place of Faults when set
	// Profile says how createInstance calls go, region by region, in place of Latency, Jitter, Faults and Script when set.
	Profile *Profile
	// InstanceFaults says how often what was bought does not come up or stay up, and InstanceScript decides in its place when set.
	InstanceFaults InstanceFaults
	InstanceScript InstanceScript
	Seed           uint64 // of all faults and Jitter; the same seed gives the same fault to the nth call, or instance, in a region
}

// maxBody bounds the body of a call, in bytes.
const maxBody = 1 << 20

// A Simulator plays the API of one account. It is safe for concurrent use.
type Simulator struct {
	o      Options
	cast   *cast  // of o.Profile, or nil
	prefix string // of all ids, fresh for each Simulator: ids stay unique across restarts

	mu       sync.Mutex
	gate     gate
	account  account
	counters Counters
	serial   uint64 // of requests and purchases
	inFlight int
	file     *os.File // nil: the account has none
	closed   bool
}

var (
	_ http.Handler      = (*Simulator)(nil)
	_ http.RoundTripper = (*Simulator)(nil)
)

// New returns a simulator. With a ledger file it continues the account that the file holds; Close it then.
func New(o Options) (*Simulator, error) {
	if o.AccessKey == "" {
		o.AccessKey = "sim"
	}
	if o.SecretKey == "" {
		o.SecretKey = "sim"
	}
	if o.Latency < 0 || o.Jitter < 0 || o.ListingLag < 0 || o.ComeUp < 0 || o.RetryAfter < 0 {
		return nil, errors.New("the simulator's durations must not be negative")
	}
	byRate, err := o.Faults.Script(o.Seed)
	if err != nil {
		return nil, err
	}
	if o.Script == nil {
		o.Script = byRate
	}
	fates, err := o.InstanceFaults.Script(o.Seed)
	if err != nil {
		return nil, err
	}
	if o.InstanceScript == nil {
		o.InstanceScript = fates
	}
	var cast *cast
	if o.Profile != nil {
		if cast, err = o.Profile.play(); err != nil {
			return nil, err
		}
		o.Script = func(c Call) Fault { return cast.region(c.Region).fault(c) }
	}
	s := &Simulator{
		cast:     cast,
		o:        o,
		prefix:   newPrefix(),
		gate:     newGate(o.AccessKey, o.SecretKey),
		account:  newAccount(o),
		counters: newCounters(),
	}
	if o.LedgerFile == "" {
		return s, nil
	}
	if err := s.openLedger(o.LedgerFile); err != nil {
		return nil, fmt.Errorf("the simulated account %s: %w", o.LedgerFile, err)
	}
	return s, nil
}

// Close closes the ledger file. Nothing is bought afterwards in an account that has one.
func (s *Simulator) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil || s.closed {
		return nil
	}
	s.closed = true
	return s.file.Close()
}

// ServeHTTP plays the API, and gives the ledger under /sim/ledger to whoever asks.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == LedgerPath {
		s.serveLedger(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // there is nobody left to answer, or nothing to answer to
	}
	a := s.serve(r.Context(), r, r.Host, body)
	a.send(w)
}

// RoundTrip plays the API without a socket. It works inside a testing/synctest bubble: all of its waiting is on timers
// and on the request's context.
func (s *Simulator) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readAndClose(r.Body)
	if err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, context.Cause(r.Context())
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	return s.serve(r.Context(), r, host, body).response(r)
}

func readAndClose(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, io.LimitReader(body, maxBody+1)); err != nil {
		return nil, err
	}
	if buf.Len() > maxBody {
		return nil, fmt.Errorf("a call's body may have %d bytes", maxBody)
	}
	return buf.Bytes(), nil
}

// serve makes the call.
func (s *Simulator) serve(ctx context.Context, r *http.Request, host string, body []byte) answer {
	q := s.admit(r, host, body)
	q.ctx = ctx
	if q.refused != nil {
		return q.answer(nil, q.refused)
	}
	return q.operation(s, q)
}

// latency is how long the answer to a call takes.
func (s *Simulator) latency(q request) time.Duration {
	d := s.o.Latency
	if s.o.Jitter > 0 {
		dice := rand.New(rand.NewPCG(s.o.Seed, q.serial))
		d += time.Duration(dice.Int64N(int64(s.o.Jitter) + 1))
	}
	return d
}

// delay holds the answer back for d. That of a caller who left is dropped.
func delay(q request, d time.Duration, a answer) answer {
	if !sleep(q.ctx, d) {
		return dropped(context.Cause(q.ctx))
	}
	return a
}

// sleep waits for d and tells whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
