package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// errInterrupted is why an operator's run drains.
var errInterrupted = errors.New("interrupted")

// drainOnInterrupt returns a context that the first Ctrl-C or SIGTERM cancels: no call begins from then on, and those
// in flight are finished. The second leaves at once. What was in flight then is in doubt, and recorded as such. A
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
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-stopped:
			return
		}
		select {
		case <-signals:
			// A view of its own: the command's may be at work.
			ui.New(g.streams(), g.json).Warning("left at once: orders whose call was in flight are in doubt, and the next plan names them")
			os.Exit(exitInterrupted)
		case <-stopped:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(stopped)
		cancel(nil)
	}
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
