package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// The limits of one run of go test. A mutant that runs into one of them is noticed by it.
const (
	patience = 10 * time.Minute // for the tests
	building = 5 * time.Minute  // for what comes before and after them
	maxGiB   = 8                // of memory, for each process: its address space
)

// A verdict is what became of a mutant.
type verdict struct {
	mutant
	by   string // the test that noticed it, or the limit; empty: none did
	err  error  // why it could not be tried
	took time.Duration
}

// A fate is what may become of a mutant.
type fate string

// The fates.
const (
	killed   fate = "killed"
	equal    fate = "equal" // not noticed, as it can't be
	survived fate = "SURVIVED"
	broken   fate = "BROKEN" // not tried
)

func (v verdict) fate() fate {
	switch {
	case v.err != nil:
		return broken
	case v.by != "":
		return killed
	case v.equal != "":
		return equal
	default:
		return survived
	}
}

// A trial tries mutants of the module at root. A test that fails without a mutant too notices none.
type trial struct {
	root string

	mu    sync.Mutex
	sound map[string]func() error // whether tests pass without a mutant
}

func newTrial(root string) *trial { return &trial{root: root, sound: make(map[string]func() error)} }

// try runs the mutant's tests until one notices it.
func (t *trial) try(ctx context.Context, m mutant) verdict {
	begun := time.Now()
	by, err := t.noticedBy(ctx, m)
	return verdict{m, by, err, time.Since(begun)}
}

func (t *trial) noticedBy(ctx context.Context, m mutant) (by string, err error) {
	for _, tests := range m.tests {
		by, err := t.noticedIn(ctx, m, tests)
		if err == nil && by != "" {
			err = t.passes(ctx, tests)
		}
		if by != "" || err != nil {
			return by, err
		}
	}
	return "", nil
}

// noticedIn runs tests with the mutant, in a directory of their own.
func (t *trial) noticedIn(ctx context.Context, m mutant, tests string) (by string, err error) {
	dir, err := os.MkdirTemp(scratch(tests), "mutant-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(t.root, dir)
	if err != nil {
		return "", err
	}
	return noticed(ctx, t.root, dir, overlay, tests)
}

// passes returns why tests that failed with a mutant are no witness: they fail without one too. It runs them once.
func (t *trial) passes(ctx context.Context, tests string) error {
	t.mu.Lock()
	once, known := t.sound[tests]
	if !known {
		once = sync.OnceValue(func() error {
			dir, err := os.MkdirTemp(scratch(tests), "mutant-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			by, err := noticed(ctx, t.root, dir, "", tests)
			if by != "" {
				err = fmt.Errorf("go test %s fails without it too: %s", tests, by)
			}
			return err
		})
		t.sound[tests] = once
	}
	t.mu.Unlock()
	return once()
}

// scratch is where tests keep their files: in memory, but for those of commands. Sessions fill a disk up, and memory is full
// in another way.
func scratch(tests string) string {
	if strings.HasPrefix(tests, commands) {
		return ""
	}
	return memoryDir()
}

// memoryDir is a directory in memory where there is one, and else that of temporary files: syncs take most of the time of
// many tests, and what is on trial here is whether they are asked for.
func memoryDir() string {
	const dir = "/dev/shm"
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return ""
}

// noticed runs go test on the module at root and returns the test that failed, if one did. What the tests leave in dir is
// the caller's to remove.
func noticed(ctx context.Context, root, dir, overlay, tests string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, patience+building)
	defer cancel()
	args := append([]string{"go", "test", "-count=1", "-failfast", "-vet=off", "-timeout", patience.String()}, strings.Fields(tests)...)
	c := bounded(limited, args)
	c.Dir = root
	c.Env = append(os.Environ(), "TMPDIR="+dir,
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay) // for programs that tests build too
	out, err := c.CombinedOutput()
	if c.Process != nil {
		_ = endAll(c) // mostly there is nothing left
	}
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return fmt.Sprintf("more than %v", patience+building), nil
	case errors.Is(err, exec.ErrWaitDelay):
		return "a process that outlives its test", nil
	case !errors.As(err, new(*exec.ExitError)):
		return "", err
	case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
		return "", fmt.Errorf("it does not compile:\n%s", out)
	}
	return failure(string(out)), nil
}

var (
	failLine  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	hungLine  = regexp.MustCompile(`(?m)^\s*running tests:\n\s*(\S+)`)
	fullLine  = regexp.MustCompile(`(?m)^fatal error: (runtime: )?(out of memory|cannot allocate memory)`)
	panicLine = regexp.MustCompile(`(?m)^(panic|fatal error): (.*)$`)
)

// failure names what failed: the innermost test that the output tells of, or the limit that was reached.
func failure(out string) string {
	if all := failLine.FindAllStringSubmatch(out, -1); all != nil {
		name := all[0][1]
		for _, match := range all {
			if strings.HasPrefix(match[1], name+"/") {
				name = match[1]
			}
		}
		return name
	}
	if match := hungLine.FindStringSubmatch(out); match != nil {
		return fmt.Sprintf("%s: more than %v", match[1], patience)
	}
	if fullLine.MatchString(out) {
		return fmt.Sprintf("more than %d GiB of memory", maxGiB)
	}
	if match := panicLine.FindStringSubmatch(out); match != nil {
		return match[1] + ": " + match[2]
	}
	return "a test binary that ended early"
}
