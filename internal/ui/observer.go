package ui

import (
	"io"
	"sync"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// How often progress is shown where nothing else happens.
const (
	boardPeriod = 100 * time.Millisecond
	linePeriod  = 10 * time.Second
)

// A progress is how a run is shown: as a board, as lines, or as JSON. Its methods are called for one at a time.
type progress interface {
	// event returns what an event has to say; nothing for most.
	event(e apply.Event, t *tally, took time.Duration) []byte
	// tick returns what the time has to say; it may begin by drawing over what the last tick returned.
	// said is what events have said since.
	tick(said []byte, t *tally, now time.Time) []byte
	// leave says that somebody else writes from now on: what stands there is not drawn over any more.
	leave()
}

// An observer counts events as they come and leaves the writing to a goroutine of its own, so that a slow terminal
// does not hold up a run.
type observer struct {
	to       io.Writer
	progress progress
	onlyTick bool // events wait for the next tick, which draws the board beneath them anyway
	urgent   func(apply.NotRecorded)

	mu    sync.Mutex // taken after writing; guards progress too
	tally tally
	said  []byte

	writing   sync.Mutex // held while to is written to
	suspended bool       // under writing: somebody else writes

	wake    chan struct{}
	stop    chan struct{}
	stopped chan struct{}
	closing sync.Once
}

func newObserver(to io.Writer, p progress, f RunFacts, period time.Duration, onlyTick bool, urgent func(apply.NotRecorded)) *observer {
	o := &observer{
		to: to, progress: p, onlyTick: onlyTick, urgent: urgent, tally: newTally(f),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go o.run(period)
	return o
}

// Handle takes one event in.
func (o *observer) Handle(e apply.Event) {
	if lost, ok := e.(apply.NotRecorded); ok {
		o.flush(o.onlyTick)
		o.writing.Lock()
		o.urgent(lost)
		o.writing.Unlock()
	}
	o.mu.Lock()
	took := o.tally.count(e)
	said := o.progress.event(e, &o.tally, took)
	o.said = append(o.said, said...)
	o.mu.Unlock()
	if len(said) > 0 && !o.onlyTick {
		select {
		case o.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// Suspend writes how things stand, and nothing more until Resume.
func (o *observer) Suspend() {
	o.flush(o.onlyTick)
	o.writing.Lock()
	defer o.writing.Unlock()
	o.suspended = true
	o.mu.Lock() // events come meanwhile
	defer o.mu.Unlock()
	o.progress.leave()
}

// Resume lets the goroutine write again.
func (o *observer) Resume() {
	o.writing.Lock()
	defer o.writing.Unlock()
	o.suspended = false
}

// Close writes what is left and ends the goroutine.
func (o *observer) Close() {
	o.Resume()
	o.closing.Do(func() { close(o.stop) })
	<-o.stopped
}

func (o *observer) run(period time.Duration) {
	defer close(o.stopped)
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			o.flush(true)
		case <-o.wake:
			o.flush(false)
		case <-o.stop:
			o.flush(o.onlyTick)
			return
		}
	}
}

// flush writes what was said since the last time and, with tick, how things stand. Errors of writing progress are
// not worth ending a run that buys: what counts is in the state.
func (o *observer) flush(tick bool) {
	o.writing.Lock()
	defer o.writing.Unlock()
	if o.suspended {
		return
	}
	o.mu.Lock()
	out := o.said
	o.said = nil
	if tick && !o.tally.started.IsZero() {
		out = o.progress.tick(out, &o.tally, time.Now())
	}
	o.mu.Unlock()
	if len(out) > 0 {
		_, _ = o.to.Write(out)
	}
}
