package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// drainOnInterrupt returns a context that the first Ctrl-C or SIGTERM cancels: no call begins from then on, and those
// in flight are finished. The second leaves at once. What was in flight then is in doubt, and recorded as such.
func (g *globals) drainOnInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stopped := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel()
		case <-stopped:
			return
		}
		select {
		case <-signals:
			fmt.Fprintln(os.Stderr, "\nLeft at once. Orders whose call was in flight are in doubt; the next plan names them.")
			os.Exit(exitInterrupted)
		case <-stopped:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(stopped)
		cancel()
	}
}
