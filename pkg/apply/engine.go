package apply

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Config is what a run needs.
type Config struct {
	Run      string // the run's id
	Fleet    string // with Lineage, what markers are made of
	Lineage  string
	Buys     []plan.Buy  // sorted by region, as Plan.Buys returns them
	Waves    []plan.Wave // what Buy.Wave is an index of; none: everything is one wave without a name
	Earlier  []Earlier   // of the campaign: what is baked again, and what a wave is judged by, beside this run's orders
	Rollout  order.Rollout
	Retry    Retry // zero: DefaultRetry
	Buyer    Buyer
	Journal  Journal
	Approver Approver       // nil: nobody approves a wave
	Watcher  Watcher        // nil: no wave is baked
	Commands <-chan Command // nil: nobody asks anything of the run while it is under way
	Observe  func(Event)    // called for one event at a time; while it works, the run waits
}

// Why a whole run may stop.
var (
	// ErrJournal says that an intent or an outcome could not be made durable.
	ErrJournal = errors.New("the journal failed")
	// ErrDenied says that the API refuses the caller, whatever the order.
	ErrDenied = errors.New("the API refuses these credentials")
	// ErrUnreachable says that no connection to the API came about.
	ErrUnreachable = errors.New("the API can't be reached")
)

// Run buys what it is given, wave by wave, and returns what became of each order. When ctx is cancelled no further call
// begins; those in flight are finished and recorded. The error wraps ErrJournal, ErrDenied or ErrUnreachable and says
// why the whole run stopped; the result is true all the same.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Retry == (Retry{}) {
		c.Retry = DefaultRetry()
	}
	if len(c.Waves) == 0 {
		c.Waves = []plan.Wave{{}}
	}
	draining, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	e := &engine{
		Config:   c,
		operator: ctx,
		draining: draining,
		stop:     stop,
		calling:  context.WithoutCancel(ctx),
		calls:    semaphore.NewWeighted(int64(c.Rollout.Parallelism)),
		shared:   make(chan struct{}, lookahead(c.Rollout.Parallelism, 0)),
		entries:  newEntries(c.Buys),
	}
	result := Result{Waves: e.run(), Entries: e.entries, Interrupted: e.interrupted()}
	e.emit(Ended{Run: c.Run, Result: result, At: time.Now()})
	return result, e.fatal
}

// engine is what a run's waves and regions share.
type engine struct {
	Config
	operator context.Context // done: the operator ended the run
	draining context.Context // done: no further call begins; its cause says why
	stop     context.CancelCauseFunc
	calling  context.Context // of calls: it outlives a drain, for giving up on a call would turn what it buys into a doubt
	aborted  atomic.Bool     // the operator ended the run by a command
	aborting sync.Once
	fatal    error // why the whole run stopped; read it after all regions have ended

	calls    *semaphore.Weighted // the run's limit of calls in flight
	shared   chan struct{}       // holds the intents ahead of their calls, beside one for each region
	brake    brake               // on: the run is paused
	inFlight atomic.Int64        // calls that were begun and of which nobody was told yet what they came to
	reached  atomic.Bool         // some call got through to an answer, or may have
	regions  []*region           // in name order
	entries  []Entry             // one a buy, in its order; each is written by its own goroutine alone

	failedInRun atomic.Int64 // orders, so far

	observing sync.Mutex
}

// newEntries returns an entry for each order, skipped so far.
func newEntries(buys []plan.Buy) []Entry {
	entries := make([]Entry, len(buys))
	for i, b := range buys {
		entries[i] = Entry{Address: b.Order.Address, Region: b.Order.Region, Wave: b.Wave, Quantity: b.Order.Quantity}
	}
	return entries
}

// run works the waves off. When it returns, no goroutine of the run is left.
func (e *engine) run() []WaveResult {
	waves := e.schedule()
	e.emit(Started{Run: e.Run, Regions: regionTotals(e.regions), Waves: waveTotals(waves), At: time.Now()})
	unwatch, ignore := e.announceDrain(), e.obey()
	results := e.runWaves(waves)
	for _, r := range e.regions {
		r.end()
	}
	ignore()
	unwatch()
	e.skipWaves(waves)
	return results
}

// abort stops the whole run. The first reason counts, even in a run that its operator is draining already.
func (e *engine) abort(reason error) {
	e.aborting.Do(func() { e.fatal = reason })
	e.stop(reason)
}

// interrupted tells whether the operator ended the run.
func (e *engine) interrupted() bool { return e.operator.Err() != nil || e.aborted.Load() }

func (e *engine) emit(ev Event) {
	e.observing.Lock()
	defer e.observing.Unlock()
	e.Observe(ev)
}

// answered tells what a call came to. Until then it counts as in flight.
func (e *engine) answered(ev Event) {
	e.observing.Lock()
	defer e.observing.Unlock()
	e.Observe(ev)
	e.inFlight.Add(-1)
}

// announceDrain tells of the run's drain once it comes, until the returned function is called. It counts the calls in
// flight between two events, so that none is told of twice.
func (e *engine) announceDrain() (stop func()) {
	announced := make(chan struct{})
	unwatch := context.AfterFunc(e.draining, func() {
		defer close(announced)
		e.observing.Lock()
		defer e.observing.Unlock()
		e.Observe(Draining{
			Reason: context.Cause(e.draining).Error(), Interrupted: e.interrupted(),
			InFlight: int(e.inFlight.Load()), At: time.Now(),
		})
	})
	return func() {
		if !unwatch() {
			<-announced
		}
	}
}
