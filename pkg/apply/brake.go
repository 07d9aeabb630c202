package apply

import (
	"context"
	"sync"
)

// brake holds a run's calls back while it is paused. The zero value is off.
type brake struct {
	mu  sync.Mutex
	off chan struct{} // closed when the brake is let go; nil while it is off
}

// pull puts the brake on.
func (b *brake) pull() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.off == nil {
		b.off = make(chan struct{})
	}
}

// release lets go of the brake.
func (b *brake) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.off != nil {
		close(b.off)
		b.off = nil
	}
}

func (b *brake) on() bool { return b.wait() != nil }

func (b *brake) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.off
}

// pass returns when the brake is off, or with ctx's error.
func (b *brake) pass(ctx context.Context) error {
	for {
		off := b.wait()
		if off == nil {
			return ctx.Err()
		}
		select {
		case <-off:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
