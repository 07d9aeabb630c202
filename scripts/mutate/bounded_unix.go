//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// bounded is the command with a bound to the memory of each of its processes, where the system knows one. It ends with its
// context, and with it all that it started.
func bounded(ctx context.Context, args []string) *exec.Cmd {
	script := fmt.Sprintf(`ulimit -v %d 2>/dev/null; exec "$@"`, maxGiB<<20)
	c := exec.CommandContext(ctx, "sh", append([]string{"-c", script, "sh"}, args...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return endAll(c) }
	c.WaitDelay = 10 * time.Second // a process that was left has the output, which would be waited for
	return c
}

// endAll ends what a command that was started has left running: a test that is ended by a limit leaves the programs that it
// started.
func endAll(c *exec.Cmd) error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
