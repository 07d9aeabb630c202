package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/pty"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// Ctrl-C while the plan is asked about leaves the terminal at the beginning of a line, and nothing bought.
func TestCtrlCAtThePlansQuestion(t *testing.T) {
	w := newSignalWorld(t, 1, simulator.Options{})
	person, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	defer program.Close()
	apply := &process{t: t, cmd: w.command("apply")}
	apply.cmd.Stdin, apply.cmd.Stdout, apply.cmd.Stderr = program, apply, apply
	if err := apply.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = apply.cmd.Process.Kill() }()
	w.await("the question", func() bool { return strings.HasSuffix(apply.output(), "goes on: ") })
	apply.signal(syscall.SIGINT)
	if code := apply.wait(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if !strings.HasSuffix(apply.output(), "goes on: \n") || len(w.sim.Ledger()) != 0 {
		t.Errorf("%d orders were bought; it said:\n%s", len(w.sim.Ledger()), apply.output())
	}
}

// Ctrl-C while a wave is asked about ends the run there and then: nothing is in flight, and nothing in doubt.
func TestCtrlCAtAnApproval(t *testing.T) {
	w := newSignalWorld(t, 5, simulator.Options{})
	rollout := "rollout {\n  wave \"canary\" { max_orders = 2 }\n  wave \"rest\" { approve = true }\n}\n"
	if err := os.WriteFile(filepath.Join(w.dir, "rollout.fleet.hcl"), []byte(rollout), 0o600); err != nil {
		t.Fatal(err)
	}
	person, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	defer program.Close()
	if _, err := person.WriteString("yes\n"); err != nil {
		t.Fatal(err)
	}
	apply := &process{t: t, cmd: w.command("apply")}
	apply.cmd.Stdin, apply.cmd.Stdout, apply.cmd.Stderr = program, apply, apply
	if err := apply.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = apply.cmd.Process.Kill() }()
	w.await("the question", func() bool {
		return strings.Contains(apply.output(), "Wave rest: buy 3 instances by 3 orders in cn-north-1?")
	})
	apply.signal(syscall.SIGINT)
	if code := apply.wait(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	apply.said("Apply interrupted: 2 of 5 orders bought")
	apply.said("\nGo on with:\n  bastion-fleet apply --endpoint ")
	for _, o := range w.check() {
		if o.Status == string(order.StatusInDoubt) {
			t.Errorf("%s is in doubt", o.Address)
		}
	}
	if n := len(w.sim.Ledger()); n != 2 {
		t.Errorf("%d orders were bought without an answer", n-2)
	}
}
