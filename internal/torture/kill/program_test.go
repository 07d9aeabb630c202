//go:build unix

// Package kill_test kills the real program, at every failpoint and at random times, and holds after every kill what was
// sold against what the state knows.
package kill_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/canary"
	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// program is bastion-fleet, built with its failpoints.
var program string

func TestMain(m *testing.M) {
	os.Exit(withProgram(m.Run))
}

func withProgram(run func() int) int {
	dir, err := os.MkdirTemp("", "torture-kill-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "bastion-fleet")
	build := exec.Command("go", "build", "-tags", "failpoint", "-o", program, "github.com/bastion-fleet/bastion-fleet/cmd/bastion-fleet")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %s\n", err, out)
		return 1
	}
	return run()
}

// patience bounds a command of the program: one that takes longer hangs. It is less than a call may take, for nothing here
// takes an answer that long: a call that waits for one waits in vain.
const patience = 45 * time.Second

// An ending is how a command ended, and what it said.
type ending struct {
	killed bool // by a signal; else it ended by itself
	code   int  // otherwise
	out    string
	err    string
}

// A command is the program on its way. Whoever starts it waits for it.
type command struct {
	*exec.Cmd
	cancel   context.CancelFunc
	out, err bytes.Buffer
}

// start runs the program in dir; it ends itself at a failpoint, if one is given in failpoint.Env's form.
func start(t *testing.T, dir, point string, args ...string) *command {
	t.Helper()
	return startAt(t, nil, dir, point, args...)
}

// startAt is start with somebody at a terminal to answer, or nobody.
func startAt(t *testing.T, terminal *os.File, dir, point string, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	c := &command{Cmd: exec.CommandContext(ctx, program, args...), cancel: cancel}
	c.Dir = dir
	if terminal != nil {
		c.Stdin = terminal
	}
	c.Env = append(os.Environ(), "JDCLOUD_ACCESS_KEY=sim", "JDCLOUD_SECRET_KEY="+canary.SecretKey, "NO_PROXY=*", failpoint.Env+"="+point)
	c.Stdout, c.Stderr = &c.out, &c.err
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGQUIT) } // it says where it hangs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// wait returns how the command ended. One that crashed or hung fails the test.
func (c *command) wait(t *testing.T) ending {
	t.Helper()
	defer c.cancel()
	_ = c.Wait() // its state says all
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	e := ending{out: c.out.String(), err: c.err.String(), code: c.ProcessState.ExitCode()}
	e.killed = status.Signaled()
	if strings.Contains(e.err, "goroutine ") {
		t.Fatalf("%v crashed or hung, %v:\n%s%s", c.Args, status, e.out, e.err)
	}
	if what := canary.Find([]byte(e.out + e.err)); what != "" {
		t.Errorf("%v printed %s", c.Args, what)
	}
	return e
}
