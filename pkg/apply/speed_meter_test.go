package apply

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// burst takes n turns at once of a region that may have as many in flight.
func burst(t *testing.T, n int) (*pace, []turn) {
	t.Helper()
	p := newPace("a", order.RegionLimits{Parallelism: n}, DefaultRetry(), func(Event) {})
	var turns []turn
	for range n {
		turn, err := p.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		turns = append(turns, turn)
	}
	return p, turns
}

var errThrottled = &CallError{Failure: order.Failure{Class: order.ClassThrottled}}

// Of 32 calls that begin together 8 get through, but throttles are answered before some of them. Those that end late count for
// the time in which they began, and for nothing else.
func TestWhatEndsLateTellsWhatGotThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, turns := burst(t, 32)
		defer p.close()
		time.Sleep(1150 * time.Millisecond)
		p.done(turns[0], nil, 1150*time.Millisecond)
		for _, turn := range turns[8:] {
			p.done(turn, errThrottled, 1150*time.Millisecond)
		}
		if got, want := p.speed.perSecond(), (1+2+2)/1.15/2; math.Abs(got-want) > 1e-9 {
			t.Errorf("%v a second once one call had got through, want %v", got, want)
		}
		time.Sleep(850 * time.Millisecond)
		for _, turn := range turns[1:8] {
			p.done(turn, nil, 2*time.Second)
		}
		if got, want := p.speed.perSecond(), (8+2*math.Sqrt(8)+2)/1.15/2; math.Abs(got-want) > 1e-9 {
			t.Errorf("%v a second once eight had, want %v", got, want)
		}
	})
}

// A time in which nothing is in flight, as between waves, is none in which little got through.
func TestATimeWithoutCallsIsNotMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, turns := burst(t, 32)
		defer p.close()
		time.Sleep(time.Second)
		for _, turn := range turns {
			p.done(turn, nil, time.Second)
		}
		time.Sleep(time.Hour)
		turn, err := p.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		p.done(turn, errThrottled, time.Second)
		if got, want := p.speed.perSecond(), (32+2*math.Sqrt(32)+2)/2/2; math.Abs(got-want) > 1e-9 {
			t.Errorf("%v a second after an hour's pause, want %v", got, want)
		}
	})
}

// What is halved below the limits is the speed at which the throttled call began, not the one it has come to since.
func TestTheSpeedOfTheThrottledCallIsHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, turns := burst(t, 32)
		defer p.close()
		p.speed = recovery{known: 8, x: 1}
		slow := turn{began: time.Now(), perSecond: p.speedNow()}
		time.Sleep(time.Second)
		p.done(turns[0], nil, time.Second)
		p.speed.x = 2.5
		p.done(slow, errThrottled, time.Second)
		if got := p.speed.perSecond(); got != 8*flatAt/2 {
			t.Errorf("%v a second, want half of %v", got, 8*flatAt)
		}
	})
}

// A slowed region of which calls differ in length has room for the long ones, and makes no two calls at once.
func TestASlowedRegionAsksEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, turns := burst(t, 64)
		defer p.close()
		time.Sleep(2 * time.Second)
		for i, turn := range turns[1:] {
			p.done(turn, nil, time.Duration(1+i%2)*time.Second)
		}
		p.done(turns[0], errThrottled, 2*time.Second)
		if got := p.parallelism(); got <= 32 || got > 64 {
			t.Errorf("%d calls may be in flight, want more than half of 64: some take 2 s and others 1", got)
		}
		p.speed = recovery{known: 400, x: 1}
		p.limits.Parallelism = 1000
		p.retune(time.Now())
		if got := p.rate.Burst(); got != 1 {
			t.Errorf("%d calls at once, at %v a second", got, p.perSecond())
		}
	})
}
