package apply

import (
	"cmp"
	"context"
	"math"
	"sync"
	"time"
)

// lookahead says how many intents may be recorded ahead of their calls: enough to cover a commit of some 10 ms while
// calls take 50 and end in bursts, and no more, for a killed process leaves each of them in doubt. A low rate needs
// fewer.
func lookahead(parallelism int, perSecond float64) int {
	n := max(1, parallelism/2)
	if perSecond > 0 {
		n = min(n, max(1, int(math.Ceil(perSecond/10))))
	}
	return n
}

// stepAhead waits until one more intent may be recorded before its call can be made. Each region has one place of its
// own, so that a region that waits long can't hold the others up. The returned function gives the place back.
func (r *region) stepAhead() (called func(), err error) {
	if err := cmp.Or(r.brake.pass(r.draining), r.pace.gate.pass(r.draining)); err != nil {
		return nil, err
	}
	if err := r.early.Acquire(r.draining, 1); err != nil {
		return nil, err
	}
	giveBack := func(places chan struct{}) func() {
		return func() {
			<-places
			r.early.Release(1)
		}
	}
	select {
	case r.own <- struct{}{}:
		return giveBack(r.own), nil
	case r.shared <- struct{}{}:
		return giveBack(r.shared), nil
	case <-r.draining.Done():
		r.early.Release(1)
		return nil, r.draining.Err()
	}
}

// stepAheadAfter is stepAhead after a pause.
func (r *region) stepAheadAfter(d time.Duration) (called func(), err error) {
	if err := pause(r.draining, d); err != nil {
		return nil, err
	}
	return r.stepAhead()
}

// takeTurn waits until a call may be made. There is no turn any more once the region drains or the journal fails. When the
// run was paused meanwhile, all is waited for again: else the calls that wait would begin at once when it goes on, faster
// than the region's rate allows. So it is when the region was throttled meanwhile.
func (r *region) takeTurn() (turn, error) {
	for {
		t, err := r.takeTurnUnpaused()
		if err != nil {
			return turn{}, err
		}
		r.inFlight.Add(1)
		err = cmp.Or(r.draining.Err(), r.Journal.Err())
		if err == nil && !r.brake.on() && r.pace.stands(t) {
			return t, nil
		}
		r.inFlight.Add(-1)
		r.calls.Release(1)
		r.pace.unused()
		if err != nil {
			return turn{}, err
		}
	}
}

// takeTurnUnpaused waits until the run is not paused, for the region's pace, and for a slot in the run. The run's slot
// comes last, so that a slow region takes none from others.
func (r *region) takeTurnUnpaused() (turn, error) {
	if err := r.brake.pass(r.draining); err != nil {
		return turn{}, err
	}
	t, err := r.pace.take(r.draining)
	if err != nil {
		return turn{}, err
	}
	if err := r.calls.Acquire(r.draining, 1); err != nil {
		r.pace.unused()
		return turn{}, err
	}
	return t, nil
}

// endTurn lets another call be made, at the pace that follows from what this one came to. It stays in flight until it is
// told.
func (r *region) endTurn(t turn, err error, took time.Duration) {
	r.calls.Release(1)
	r.pace.done(t, err, took)
}

// gate holds a region's calls back while the API wants it slower.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

// hold keeps the gate closed for d from now, or longer where it is already closed for longer.
func (g *gate) hold(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// left is for how long from now it is closed.
func (g *gate) left(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until.Sub(now)
}

// pass returns when the gate is open, or with ctx's error.
func (g *gate) pass(ctx context.Context) error {
	for {
		left := g.left(time.Now())
		if left <= 0 {
			return ctx.Err()
		}
		if err := pause(ctx, left); err != nil {
			return err
		}
	}
}

// pause waits for d, or returns ctx's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
