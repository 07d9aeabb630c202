package apply

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Config is what a run needs.
type Config struct {
	Run      string // the run's id
	Fleet    string // with Lineage, what markers are made of
	Lineage  string
	Buys     []plan.Buy // sorted by region, as Plan.Buys returns them
	Rollout  order.Rollout
	Retry    Retry // zero: DefaultRetry
	Buyer    Buyer
	Journal  Journal
	Waves    []plan.Wave    // what Buy.Wave names; none: everything is one wave without a name
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

// Run buys what it is given and returns what became of each order. When ctx is cancelled no further call begins;
// those in flight are finished and recorded. The error wraps ErrJournal, ErrDenied or ErrUnreachable and says why
// the whole run stopped; the result is true all the same.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Retry == (Retry{}) {
		c.Retry = DefaultRetry()
	}
	draining, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	e := &engine{
		Config:   c,
		draining: draining,
		stop:     stop,
		calls:    semaphore.NewWeighted(int64(c.Rollout.Parallelism)),
		shared:   make(chan struct{}, lookahead(c.Rollout.Parallelism, 0)),
		entries:  newEntries(c.Buys),
	}
	e.run(ctx)

	result := Result{Entries: e.entries, Interrupted: ctx.Err() != nil}
	e.emit(Ended{Run: c.Run, Result: result, At: time.Now()})
	return result, e.fatal
}

// engine is what a run's regions share.
type engine struct {
	Config
	draining context.Context // done: no further call begins; its cause says why
	stop     context.CancelCauseFunc
	aborting sync.Once
	fatal    error // why the whole run stopped; read it after all regions have ended

	calls    *semaphore.Weighted // the run's limit of calls in flight
	shared   chan struct{}       // holds the intents ahead of their calls, beside one for each region
	inFlight atomic.Int64        // calls that were begun and of which nobody was told yet what they came to
	reached  atomic.Bool         // some call got through to an answer, or may have
	entries  []Entry             // one a buy, in its order; each is written by its own goroutine alone

	observing sync.Mutex
}

// newEntries returns an entry for each order, skipped so far.
func newEntries(buys []plan.Buy) []Entry {
	entries := make([]Entry, len(buys))
	for i, b := range buys {
		entries[i] = Entry{Address: b.Order.Address, Region: b.Order.Region, Quantity: b.Order.Quantity}
	}
	return entries
}

// run works all regions off, each in its own goroutine, until operator is done.
func (e *engine) run(operator context.Context) {
	regions := e.regions()
	e.emit(Started{Run: e.Run, Regions: totals(regions), At: time.Now()})
	announced := make(chan struct{})
	unwatch := context.AfterFunc(e.draining, func() {
		defer close(announced)
		e.announceDrain(operator.Err() != nil)
	})
	var all errgroup.Group
	for _, r := range regions {
		all.Go(r.run)
	}
	_ = all.Wait() // regions report through their entries and through abort
	if !unwatch() {
		<-announced
	}
}

// abort stops the whole run. The first reason counts, even in a run that its operator is draining already.
func (e *engine) abort(reason error) {
	e.aborting.Do(func() { e.fatal = reason })
	e.stop(reason)
}

// regions cuts the sorted orders into one queue a region.
func (e *engine) regions() []*region {
	var regions []*region
	for start := 0; start < len(e.Buys); {
		name := e.Buys[start].Order.Region
		end := start
		for end < len(e.Buys) && e.Buys[end].Order.Region == name {
			end++
		}
		regions = append(regions, newRegion(e, name, e.Buys[start:end], e.entries[start:end]))
		start = end
	}
	return regions
}

func totals(regions []*region) []RegionTotal {
	sums := make([]RegionTotal, len(regions))
	for i, r := range regions {
		sums[i] = RegionTotal{Region: r.name, Orders: len(r.buys)}
		for _, b := range r.buys {
			sums[i].Instances += b.Order.Quantity
		}
	}
	return sums
}

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

// announceDrain counts the calls in flight between two events, so that none is told of twice.
func (e *engine) announceDrain(interrupted bool) {
	e.observing.Lock()
	defer e.observing.Unlock()
	e.Observe(Draining{
		Reason: context.Cause(e.draining).Error(), Interrupted: interrupted,
		InFlight: int(e.inFlight.Load()), At: time.Now(),
	})
}
