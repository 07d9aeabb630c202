package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// errInterrupted is why an operator's run drains.
var errInterrupted = errors.New("interrupted")

// oneInterrupt is how long signals count as the same one: timeout and many supervisors signal the process and then its
// group, which it is in, and a person's finger may press twice.
const oneInterrupt = time.Second

// drainOnInterrupt returns a context that the first Ctrl-C or SIGTERM cancels: no call begins from then on, and those
// in flight are finished. A second one leaves at once. What was in flight then is in doubt, and recorded as such. A
// terminal that closes counts as a signal too, and an output that nobody reads any more as none: either would end the
// process in the middle of its calls.
func (g *globals) drainOnInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Ignore(syscall.SIGPIPE)
	stopped := make(chan struct{})
	go watch(signals, stopped, func() { cancel(errInterrupted) }, g.leave)
	return ctx, func() {
		signal.Stop(signals)
		close(stopped)
		cancel(nil)
	}
}

// watch calls first at the first signal, and second at the next one that is not the same again, until it is stopped.
func watch(signals <-chan os.Signal, stopped <-chan struct{}, first, second func()) {
	var began time.Time
	for {
		select {
		case <-signals:
		case <-stopped:
			return
		}
		switch {
		case began.IsZero():
			began = time.Now()
			first()
		case time.Since(began) >= oneInterrupt:
			second()
			return
		}
	}
}

// leave ends the program in the middle of its calls, without waiting for anything.
func (g *globals) leave() {
	streams := g.streams()
	if !g.json {
		fmt.Fprintln(streams.Err) // a fresh line: the terminal has written ^C, perhaps behind what was being said
	}
	// A view of its own: the command's may be at work.
	ui.New(streams, g.json).Warning("left at once: what was answered is recorded; orders whose call was in flight are " +
		"in doubt: bastion-fleet state list and the next plan name them")
	os.Exit(exitInterrupted)
}

// askPerson puts a question to who sits at the terminal, who may answer with Ctrl-C too.
func (g *globals) askPerson(ctx context.Context, question string) (bool, error) {
	yes, err := abandonable(ctx, func() (bool, error) { return g.streams().Confirm(question) })
	if ctx.Err() != nil {
		fmt.Fprintln(g.streams().Err) // nobody's Enter has ended the question
		return false, ctx.Err()
	}
	return yes, err
}

// abandonable returns what f returns, or ctx's error once that ends: f may wait for a person, or for a file's other
// end, and goes on alone then.
func abandonable[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := f()
		done <- outcome{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case o := <-done:
		return o.value, o.err
	}
}
