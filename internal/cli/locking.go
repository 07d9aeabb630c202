package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// locking is how a command that writes the state comes by it.
type locking struct{ lockTimeout time.Duration }

func (l *locking) addLockingFlags(f *pflag.FlagSet) {
	f.DurationVar(&l.lockTimeout, "lock-timeout", 0, "wait for `D`, for instance 30s, while another process holds the state")
}

// checkLocking refuses what --lock-timeout can't mean. Commands do it before anything else.
func (l *locking) checkLocking() error {
	if l.lockTimeout < 0 {
		return hinted{fmt.Errorf("--lock-timeout is %s: it can't be negative", l.lockTimeout), "Give it a time to wait, for instance 30s."}
	}
	return nil
}

// owner is the command as others see it. While it waits for them, the operator sees them.
func (l *locking) owner(g *globals, command string) state.Owner {
	return state.Owner{Command: command, Waits: func(held *state.HeldError) {
		g.view().Notice(fmt.Sprintf("Waiting for up to %s: %v", l.lockTimeout, held))
	}}
}

// withState does f with the state at path, opened for writing under its lock. What the operator ends before f has
// recorded anything gets its exit code.
func (l *locking) withState(ctx context.Context, g *globals, path, command string, f func(*state.Store) error) error {
	store, err := state.Open(ctx, path, l.owner(g, command), l.lockTimeout)
	if err != nil {
		return interrupted(unusable(err))
	}
	err = interrupted(f(store))
	if closeErr := store.Close(); closeErr != nil {
		return errors.Join(closeErr, err)
	}
	return err
}

// interrupted gives what the operator ended before anything was called its exit code.
func interrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return exitCode(exitInterrupted)
	}
	return err
}

// operator is who runs the program, for the record.
func operator(s *state.Store) string {
	return s.Holder().Who()
}
