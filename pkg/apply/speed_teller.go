package apply

import (
	"sync"
	"time"
)

// A teller tells changes of a region's speed: not more than one a second, small ones to faster not at all, and the last
// one always.
type teller struct {
	emit func(Event)

	mu      sync.Mutex
	told    SpeedChanged  // the speed that others know
	pending *SpeedChanged // what is to be told as soon as it may
	later   *time.Timer   // tells it
	closed  bool
}

const (
	tellEvery = time.Second
	tellFrom  = 1.5 // a speed that grew by less is not worth telling, unless the region is at its limits
)

func newTeller(emit func(Event)) *teller {
	t := &teller{emit: emit}
	t.later = time.AfterFunc(time.Hour, t.flush)
	t.later.Stop()
	return t
}

// change tells another speed if it is slower, much faster, or worth it for another reason.
func (t *teller) change(e SpeedChanged, worth bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if worth || t.pending != nil || t.faster(e) {
		t.tell(e)
	}
}

func (t *teller) faster(e SpeedChanged) bool {
	return float64(e.Parallelism) >= tellFrom*float64(t.told.Parallelism) || t.told.Rate > 0 && e.Rate >= tellFrom*t.told.Rate
}

// tell tells e now, or as soon as a second has passed since the last time. What is told later replaces what was to be told.
func (t *teller) tell(e SpeedChanged) {
	left := tellEvery - e.At.Sub(t.told.At)
	switch {
	case t.closed:
	case left <= 0:
		t.told, t.pending = e, nil
		t.emit(e)
	default:
		if t.pending == nil {
			t.later.Reset(left)
		}
		t.pending = &e
	}
}

// flush tells what is to be told yet.
func (t *teller) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending == nil || t.closed {
		return
	}
	e := *t.pending
	e.At = time.Now()
	t.told, t.pending = e, nil
	t.emit(e)
}

// close tells what is to be told yet, and nothing after that.
func (t *teller) close() {
	t.flush()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.later.Stop()
	t.closed = true
}
