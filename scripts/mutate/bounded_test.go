//go:build unix

package main

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What a mutant's tests start is ended with them, or they would be waited for until that has ended by itself.
func TestABoundedCommandEndsWithAllThatItStarted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c := bounded(ctx, []string{"sh", "-c", "sleep 600 & wait"})
	c.WaitDelay = 0 // for ever
	if out, err := c.CombinedOutput(); err == nil {
		t.Errorf("it ended by itself: %s", out)
	}
}

func TestTheMemoryOfABoundedCommandIsBounded(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // others know no bound of it, or count it differently
	}
	out, err := bounded(t.Context(), []string{"sh", "-c", "ulimit -v"}).CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "8388608" {
		t.Errorf("%q, %v; want 8388608, in KiB", got, err)
	}
}
