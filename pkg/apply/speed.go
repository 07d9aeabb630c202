package apply

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// pace is how fast a region is called: never faster than its limits, slower after throttles, and faster again as long as
// calls get through. It hands out turns in the sequence in which they are asked for. It outlives waves: what the API does
// not take in one wave, it does not take in the next.
//
//   - A throttle halves the calls in flight and the rate, once a round trip: calls that were in flight when it did say nothing
//     about the new speed. A region without a limit of its rate has one until it is back at its limits.
//   - What is halved is the speed at which the throttled call began, and at the limits what got through, where that is less: so
//     a [meter] says, which calls that end late still move.
//   - The speed grows again along the curve of [recovery], but not while latency climbs.
//   - Throttled calls are paid from a [budget] that purchases fill. Once it is spent the region probes: one call at a time, with
//     growing pauses, until one gets through. Then it goes on at half of what got through before.
type pace struct {
	region string
	limits order.RegionLimits
	retry  Retry
	tell   *teller
	gate   gate // closed while the API wants a pause, and between probes

	mu       sync.Mutex
	waiting  []*waiter // for a turn, the first one first
	wake     *time.Timer
	head     *rate.Reservation // of the first one that waits
	rate     *rate.Limiter
	inFlight int

	speed    recovery
	round    int // counts the changes to slower; a call of an earlier round slows nothing down
	budget   budget
	probing  bool
	pauses   *backoff.ExponentialBackOff // between probes
	latency  latency
	held     bool // by the latency: told once
	through  meter
	ended    time.Time // when the last call did
	admitted int       // calls that got through
	slowedAt int       // admitted when the region was slowed down last; -1: never
	last     time.Time // when the last of them did
	storm    storm
}

// A waiter is a call that waits for its turn.
type waiter struct {
	turn    turn
	granted bool
	ready   chan struct{} // closed when it has its turn; nil: nobody waits yet
}

// A turn is the leave to make one call. It is given back by done or by unused.
type turn struct {
	round     int
	began     time.Time
	perSecond float64 // how fast the region was called then
}

// newPace returns a region's pace at its limits. What changes it tells through emit, until it is closed.
func newPace(region string, limits order.RegionLimits, retry Retry, emit func(Event)) *pace {
	now := time.Now()
	p := &pace{
		region: region, limits: limits, retry: retry,
		rate:   rate.NewLimiter(rate.Inf, 1),
		speed:  unlimited(),
		budget: newBudget(limits.Parallelism),
		pauses: retry.pauses(),

		through: meter{from: now},
		ended:   now,

		slowedAt: -1,
	}
	p.tell = newTeller(emit)
	p.wake = time.AfterFunc(time.Hour, p.pumpNow)
	p.wake.Stop()
	p.retune(now)
	p.tell.told = SpeedChanged{Parallelism: limits.Parallelism, Rate: limits.Rate}
	return p
}

// take waits for a turn, or returns ctx's error.
func (p *pace) take(ctx context.Context) (turn, error) {
	w := &waiter{}
	p.mu.Lock()
	p.waiting = append(p.waiting, w)
	p.pump(time.Now())
	if w.granted {
		p.mu.Unlock()
		return w.turn, nil
	}
	w.ready = make(chan struct{})
	p.mu.Unlock()
	select {
	case <-w.ready:
		return w.turn, nil
	case <-ctx.Done():
		p.leave(w)
		return turn{}, ctx.Err()
	}
}

// leave takes a waiter out of the queue; a turn that it got meanwhile is given back.
func (p *pace) leave(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, w); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		return
	}
	p.inFlight--
	p.pump(time.Now())
}

// unused gives back a turn of which no call was made.
func (p *pace) unused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	p.pump(time.Now())
}

// done gives a turn back and tells what its call came to, and how long that took.
func (p *pace) done(t turn, err error, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.inFlight--
	p.ended = now
	if err == nil {
		p.bought(t, now, took)
	} else {
		p.refused(t, now, asCallError(err))
	}
	p.pump(now)
}

// refused counts a call that bought nothing. Those that were not sent, or that are in doubt, tell nothing about how fast the
// API may be called.
func (p *pace) refused(t turn, now time.Time, call *CallError) {
	switch call.Failure.Class {
	case order.ClassThrottled:
		p.throttled(t, now, call.RetryAfter)
	case order.ClassRejected, order.ClassDenied:
		p.letThrough(t, now)
	}
}

// stands tells whether a turn is still one at the region's speed: after a throttle there are fewer, and those that wait for
// another leave meanwhile ask again.
func (p *pace) stands(t turn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return t.round == p.round
}

// bought counts a call that got through, and lets the region recover by it.
func (p *pace) bought(t turn, now time.Time, took time.Duration) {
	since := now.Sub(p.last)
	p.letThrough(t, now)
	p.latency.observe(now, took)
	p.budget.earn()
	if t.round != p.round || p.speed.unlimited() {
		return
	}
	if p.latency.climbing {
		p.tell.change(p.event(p.latency.reason()), !p.held)
		p.held = true
		return
	}
	p.held = false
	p.speed.grow(since, took, p.budget.low())
	back := p.speed.perSecond() >= p.fastest()
	if back {
		p.speed, p.through = unlimited(), meter{from: now}
	}
	p.retune(now)
	if back {
		p.tell.change(p.event("at the limits again"), true)
	} else {
		p.tell.change(p.event("recovering from throttles"), false)
	}
}

// letThrough ends a storm: the API answers what was asked.
func (p *pace) letThrough(t turn, now time.Time) {
	p.admitted++
	p.last, p.storm = now, storm{}
	if p.through.count(t.began); p.through.over(t.began) {
		p.speed.learn(p.through.perSecond())
		p.retune(now)
	}
	if p.probing && t.round == p.round {
		p.probing = false
		p.round++
		p.retune(now)
		p.tell.change(p.event("calls get through again"), true)
	}
}

// throttled slows the region down, and has it probe once the budget is spent, or nothing got through since it was slowed down
// last: then slower is not what helps.
func (p *pace) throttled(t turn, now time.Time, retryAfter time.Duration) {
	p.storm.lasts(now, p.retry.MaxRetryAfter)
	p.budget.spend()
	p.gate.hold(min(retryAfter, p.retry.MaxRetryAfter))
	current := t.round == p.round
	switch {
	case p.probing:
		if current {
			p.gate.hold(p.pauses.NextBackOff())
		}
	case p.budget.empty() || current && p.admitted == p.slowedAt:
		p.slowDown(t, now)
		p.probing = true
		p.round++
		p.pauses = p.retry.pauses()
		p.gate.hold(p.pauses.NextBackOff())
		p.tell.change(p.event("throttled, one call at a time until one gets through"), true)
	case current:
		p.slowDown(t, now)
		p.tell.change(p.event("throttled"), true)
	}
}

// slowDown halves the speed of a call that was throttled, if something got through since it did so last.
func (p *pace) slowDown(t turn, now time.Time) {
	if t.round != p.round || p.admitted == p.slowedAt {
		return
	}
	p.slowedAt = p.admitted
	p.round++
	atLimits := p.speed.unlimited()
	p.speed.halve(t.perSecond)
	if atLimits {
		p.through.end(now)
		p.speed.learn(p.through.perSecond())
	}
	p.retune(now)
}

// fastest is how many calls a second the region's limits amount to, whichever of them counts.
func (p *pace) fastest() float64 {
	perSecond := float64(p.limits.Parallelism) / p.latency.expected().Seconds()
	if p.limits.Rate > 0 {
		perSecond = min(perSecond, p.limits.Rate)
	}
	return perSecond
}

// speedNow is how many calls a second the region is to make: what its limits amount to, or less.
func (p *pace) speedNow() float64 { return min(p.speed.perSecond(), p.fastest()) }

// parallelism is how many calls may be in flight now. Below the limits those that take long have room beside the others: what
// is slowed is the rate, and it would not be kept while they hold the places of calls that are due.
func (p *pace) parallelism() int {
	most := float64(p.limits.Parallelism)
	switch {
	case p.probing:
		return 1
	case p.speed.unlimited():
		return p.limits.Parallelism
	}
	return int(min(most, math.Ceil(most*p.speedNow()/p.fastest()*p.latency.spread())))
}

// perSecond is how many calls a second may begin now; 0: no limit. Below its limits a region that has no rate has one all the
// same: calls in flight together would come and go together, and a slowed API is to be asked evenly.
func (p *pace) perSecond() float64 {
	if p.speed.unlimited() {
		return p.limits.Rate
	}
	return p.speedNow()
}

// retune sets the limiter to the speed. Who waits first waits anew, by the new speed.
func (p *pace) retune(now time.Time) {
	limit, burst := rate.Inf, 1
	if r := p.perSecond(); r > 0 {
		limit = rate.Limit(r)
		if p.speed.unlimited() {
			burst = max(1, int(r*smoothing.Seconds()))
		}
	}
	if limit == p.rate.Limit() {
		return
	}
	if p.head != nil {
		p.head.CancelAt(now)
		p.head = nil
	}
	p.rate.SetLimitAt(now, limit)
	p.rate.SetBurstAt(now, burst)
}

// smoothing is over how long a configured rate is kept exactly: timers that come late by less lose nothing. A region that is
// slowed down asks evenly, for two calls at once may be what the API throttles.
const smoothing = 20 * time.Millisecond

func (p *pace) pumpNow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pump(time.Now())
}

// pump hands out the turns that are due.
func (p *pace) pump(now time.Time) {
	for len(p.waiting) > 0 && p.inFlight < p.parallelism() {
		if wait := p.due(now); wait > 0 {
			p.wake.Reset(wait)
			return
		}
		w := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		p.head = nil
		if p.inFlight == 0 {
			p.through.idle(now.Sub(p.ended))
		}
		p.inFlight++
		w.turn, w.granted = turn{p.round, now, p.speedNow()}, true
		if w.ready != nil {
			close(w.ready)
		}
	}
}

// due is how long the first one that waits has to wait yet: until the gate opens, and for the rate.
func (p *pace) due(now time.Time) time.Duration {
	if left := p.gate.left(now); left > 0 {
		return left
	}
	if p.rate.Limit() == rate.Inf {
		return 0
	}
	if p.head == nil {
		p.head = p.rate.ReserveN(now, 1)
	}
	return p.head.DelayFrom(now)
}

// progress is how many calls the API did not throttle so far, and for how long it has throttled each one since.
func (p *pace) progress() (admitted int, storm time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.admitted, p.storm.lasted
}

// close tells the last change, if that was not told yet.
func (p *pace) close() {
	p.wake.Stop()
	p.tell.close()
}

// event is the speed as others are told it.
func (p *pace) event(reason string) SpeedChanged {
	return SpeedChanged{
		Region: p.region, Parallelism: p.parallelism(), Rate: math.Round(p.perSecond()*100) / 100,
		Reason: reason, At: time.Now(),
	}
}
