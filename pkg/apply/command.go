package apply

import (
	"errors"
	"time"
)

// obey does what commands ask for, until the returned function is called.
func (e *engine) obey() (stop func()) {
	ending, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case c, open := <-e.Commands:
				if !open {
					return
				}
				e.carryOut(c)
			case <-ending:
				return
			}
		}
	}()
	return func() {
		close(ending)
		<-ended
	}
}

// carryOut answers each command by an event, even where nothing changes: who asked waits for it. A run that drains can
// be neither paused nor resumed.
func (e *engine) carryOut(c Command) {
	if e.draining.Err() != nil {
		return
	}
	switch c.Kind {
	case Pause:
		e.brake.pull()
		e.observing.Lock()
		defer e.observing.Unlock()
		e.Observe(Paused{By: c.By, InFlight: int(e.inFlight.Load()), At: time.Now()})
	case Resume:
		e.emit(Resumed{By: c.By, At: time.Now()})
		e.brake.release()
	case Abort:
		e.aborted.Store(true)
		e.stop(abortedBy(c.By))
	}
}

func abortedBy(who string) error {
	if who == "" {
		return errors.New("aborted")
	}
	return errors.New("aborted by " + who)
}
