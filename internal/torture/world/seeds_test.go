package world

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

const here = "internal/torture/world"

func TestMain(m *testing.M) {
	// The goroutine that passes signals on is made once, by whoever asks first: not by a bubble, which it would outlive.
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt)
	signal.Stop(asked)
	for _, name := range []string{bastion.EnvAccessKey, bastion.EnvSecretKey} {
		_ = os.Setenv(name, "sim") // a name without = and NUL is never refused
	}
	os.Exit(m.Run())
}

// TestWorlds plays one world after the other. A world that fails says how it is played alone.
func TestWorlds(t *testing.T) {
	stage := torture.Begin(t, "world")
	for n := range uint64(stage.Size(25, 5000)) {
		seed := stage.Seed() + n
		w, err := playSeed(t, seed)
		stage.Add(w.figures)
		if err != nil {
			t.Errorf("the world of seed %d: %v\n\nplay it alone: %s=%d go test -count=1 -run '^TestOneWorld$' -v ./%s",
				seed, err, torture.EnvSeed, seed, here)
		}
	}
}

// TestOneWorld plays the world of the given seed and tells its trace.
func TestOneWorld(t *testing.T) {
	stage := torture.Begin(t, "one world")
	w, err := playSeed(t, stage.Seed())
	t.Logf("the trace is %s\n%s", w.trace.hash(), w.trace)
	if err != nil {
		t.Error(err)
	}
}

// The same seed gives the same trace, in every world that is not crowded.
func TestTheSameSeedHasTheSameTrace(t *testing.T) {
	stage := torture.Begin(t, "same-trace")
	for n := range uint64(stage.Size(9, 1000)) {
		seed := stage.Seed() + n
		if seed%crowdedEvery == 0 {
			continue
		}
		one, err := playSeed(t, seed)
		two, again := playSeed(t, seed)
		stage.Add(one.figures)
		if err != nil || again != nil {
			t.Errorf("seed %d: %v, and again: %v", seed, err, again)
		}
		if one.trace.hash() != two.trace.hash() {
			t.Errorf("the two traces of seed %d part:\n%s", seed, parting(one.trace, two.trace))
		}
	}
}

// parting shows where two traces part.
func parting(one, two *trace) string {
	for n := range min(len(one.lines), len(two.lines)) {
		if one.lines[n] != two.lines[n] {
			return fmt.Sprintf("%s\n- %s\n+ %s", strings.Join(one.lines[max(0, n-5):n], "\n"), one.lines[n], two.lines[n])
		}
	}
	return fmt.Sprintf("one has %d lines, the other %d", len(one.lines), len(two.lines))
}

// playSeed plays the world of a seed in a bubble of its own.
func playSeed(t *testing.T, seed uint64) (w *world, err error) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0)) // runs that overlap don't put it back
	dir := inMemory(t)
	synctest.Test(t, func(*testing.T) {
		if w, err = newWorld(dir, seed); err == nil {
			err = w.play()
		}
	})
	if removed := os.RemoveAll(dir); removed != nil {
		t.Error(removed)
	}
	return w, err
}

// inMemory makes a directory in memory where the system has such a place: syncs take no time there.
func inMemory(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "bastion-fleet-world-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
