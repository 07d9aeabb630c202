package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// holdEnv makes the test binary a process that holds the state at the path it names, in the middle of a purchase,
// until it is killed.
const holdEnv = "STATE_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		if err := hold(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func hold(path string) error {
	s, err := Open(context.Background(), path, Owner{Command: "apply"}, 0)
	if err != nil {
		return err
	}
	if err := s.Bind(testBinding); err != nil {
		return err
	}
	r, err := s.StartRun(context.Background(), RunInfo{ID: NewRunID(testTime), Started: testTime})
	if err != nil {
		return err
	}
	if err := r.Begin(context.Background(), intent(r, testOrder(1), 1)); err != nil {
		return err
	}
	fmt.Println("holding", r.ID())
	select {}
}

// holder starts a process that holds the state at path and returns its run.
func holder(t *testing.T, path string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	run, ok := strings.CutPrefix(strings.TrimSpace(line), "holding ")
	if err != nil || !ok {
		t.Fatalf("the holder said %q: %v", line, err)
	}
	return cmd, run
}

func TestAHeldStateNamesItsHolder(t *testing.T) {
	path := place(t)
	cmd, run := holder(t, path)
	_, openErr := Open(t.Context(), path, Owner{Command: "apply"}, 0)
	_, readErr := Read(path)
	for name, err := range map[string]error{"Open": openErr, "Read": readErr} {
		held, ok := errors.AsType[*HeldError](err)
		if !ok || !errors.Is(err, ErrHeld) {
			t.Fatalf("%s = %v", name, err)
		}
		if h := held.Holder; h.PID != cmd.Process.Pid || h.Command != "apply" || h.Run != run || h.Host == "" || h.Since.IsZero() {
			t.Errorf("%s names %+v, want process %d, run %s", name, h, cmd.Process.Pid, run)
		}
		for _, part := range []string{fmt.Sprintf("process %d ", cmd.Process.Pid), "(apply, run " + run + ")"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s = %q, which lacks %q", name, err, part)
			}
		}
		if !strings.Contains(held.Hint(), "--lock-timeout") {
			t.Errorf("%s advises %q", name, held.Hint())
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(cancelled, path, Owner{}, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting under a cancelled context: %v", err)
	}
}

func TestAKilledHolderBlocksNobody(t *testing.T) {
	path := place(t)
	cmd, run := holder(t, path)
	opened := make(chan error, 1)
	waits := make(chan *HeldError, 2)
	var s *Store
	go func() {
		var err error
		s, err = Open(context.Background(), path, Owner{Command: "apply", Waits: func(held *HeldError) { waits <- held }}, time.Minute)
		opened <- err
	}()
	if held := <-waits; held.Holder.PID != cmd.Process.Pid {
		t.Errorf("it waits for %v", held)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	if len(waits) > 0 {
		t.Errorf("it was told twice: %v", <-waits)
	}
	records := s.Snapshot().Records
	if len(records) != 1 || records[0].Status() != order.StatusInDoubt || records[0].Doubt.Run != run {
		t.Errorf("after the kill: %+v", records)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if h := readHolder(PathsOf(path).Lock); h != (Holder{}) {
		t.Errorf("a released lock names %+v", h)
	}
}

func TestOpenWaitsForReaders(t *testing.T) {
	path := place(t)
	closeFresh(t, path)
	synctest.Test(t, func(t *testing.T) {
		done, err := shareLock(PathsOf(path).Lock)
		if err != nil {
			t.Fatal(err)
		}
		opened := make(chan error, 1)
		go func() {
			s, err := Open(context.Background(), path, Owner{}, 0)
			if err == nil {
				err = s.Close()
			}
			opened <- err
		}()
		time.Sleep(readerGrace / 2)
		if _, err := Read(path); err != nil {
			t.Errorf("two readers: %v", err)
		}
		if len(opened) > 0 {
			t.Fatalf("Open did not wait for the reader: %v", <-opened)
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
		if err := <-opened; err != nil {
			t.Errorf("Open beside a reader: %v", err)
		}
	})
}

// closeFresh opens and closes a state without a run.
func closeFresh(t *testing.T, path string) {
	t.Helper()
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}
