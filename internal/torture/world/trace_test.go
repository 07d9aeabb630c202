package world

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A trace is what happened, a line each, without anything that differs from one play of a seed to the next.
type trace struct {
	mu    sync.Mutex
	lines []string
	calls []string // of the step that is being played, in whatever sequence they came
}

// say adds a line.
func (t *trace) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// call takes note of a call and of what it met.
func (t *trace) call(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, "  "+fmt.Sprintf(format, args...))
}

// endStep adds the step's calls in the order of their names.
func (t *trace) endStep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.Sort(t.calls)
	t.lines = append(t.lines, t.calls...)
	t.calls = nil
}

// hash tells two traces apart.
func (t *trace) hash() string {
	sum := sha256.Sum256([]byte(t.String()))
	return hex.EncodeToString(sum[:8])
}

func (t *trace) String() string { return strings.Join(t.lines, "\n") }
