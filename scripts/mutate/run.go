package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// patience bounds one run of go test. A mutant that hangs is noticed too.
const patience = 4 * time.Minute

// A verdict is what became of a mutant.
type verdict struct {
	mutant
	by   string // the test that noticed it; empty: none did
	took time.Duration
}

// sound tells whether the mutant was noticed, or could not be.
func (v verdict) sound() bool { return v.by != "" || v.equal != "" }

// try runs the mutant's tests until one notices it. An error says that it could not be tried.
func (m mutant) try(ctx context.Context, root string) (verdict, error) {
	dir, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return verdict{}, err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return verdict{}, err
	}
	begun := time.Now()
	for _, tests := range m.tests {
		by, err := noticed(ctx, root, overlay, strings.Fields(tests))
		if by != "" || err != nil {
			return verdict{m, by, time.Since(begun)}, err
		}
	}
	return verdict{mutant: m, took: time.Since(begun)}, nil
}

// noticed runs go test and returns the test that failed, if one did.
func noticed(ctx context.Context, root, overlay string, tests []string) (string, error) {
	args := append([]string{"test", "-count=1", "-failfast", "-vet=off", "-timeout", patience.String()}, tests...)
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = root
	c.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay) // for programs that tests build too
	out, err := c.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case !errors.As(err, &failed) || ctx.Err() != nil:
		return "", err
	}
	if strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]") {
		return "", fmt.Errorf("it does not compile:\n%s", out)
	}
	return failure(string(out)), nil
}

var (
	failLine  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	hungLine  = regexp.MustCompile(`(?m)^running tests:\n\t(\S+)`)
	panicLine = regexp.MustCompile(`(?m)^(panic|fatal error): (.*)$`)
)

// failure names what failed: the innermost test that the output tells of.
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
		return match[1] + " (hangs)"
	}
	if match := panicLine.FindStringSubmatch(out); match != nil {
		return match[1] + ": " + match[2]
	}
	return "a test binary that ended early"
}
