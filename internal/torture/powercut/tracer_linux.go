//go:build amd64 || arm64

package powercut

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Run is what Record runs.
type Run struct {
	Root    string   // the directory whose files are recorded, and the one that the program runs in
	Program string   // its path
	Args    []string // without its name
	Env     []string

	// Fault is asked before every call that writes below Root, and makes it fail with an error other than 0. Nil: none
	// fails.
	Fault func(Call) syscall.Errno
}

// A Call is a call that writes below the root.
type Call struct {
	N      int // from 1, in the sequence of the calls
	Kind   Kind
	Name   string // of the file, as it was opened
	Offset int64  // of a Write
	Grows  bool   // it needs room on the disk that was not written or reserved before: a full disk has none
}

// patience bounds a run: a program that hangs must not hang its test.
const patience = time.Minute

// Record runs a program to its end and returns what it asked of the kernel. The program must not start another one.
func Record(r Run) (*Trace, error) {
	type recorded struct {
		trace *Trace
		err   error
	}
	done := make(chan recorded)
	go func() {
		runtime.LockOSThread() // only the thread that started the program may trace it; it ends with this function
		t, err := record(r)
		done <- recorded{t, err}
	}()
	result := <-done
	return result.trace, result.err
}

func record(r Run) (_ *Trace, err error) {
	recorder, err := newRecorder(r)
	if err != nil {
		return nil, err
	}
	pid, err := start(r)
	if err != nil {
		return nil, fmt.Errorf("%s can't be traced: %w", r.Program, err)
	}
	recorder.pid = pid
	watchdog := time.AfterFunc(patience, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	defer watchdog.Stop()
	if recorder.memory, err = openMemory(pid); err != nil {
		return nil, errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	}
	defer recorder.memory.Close()
	t := tracer{pid: pid, recorder: recorder, threads: map[int]*call{pid: nil}}
	if err := t.trace(); err != nil {
		return nil, errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	}
	return recorder.finish(t.exit)
}

// start starts the program, stopped before its first instruction.
func start(r Run) (pid int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	pid, _, err = syscall.StartProcess(r.Program, append([]string{r.Program}, r.Args...), &syscall.ProcAttr{
		Dir: r.Root, Env: r.Env, Files: []uintptr{null.Fd(), null.Fd(), null.Fd()},
		Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return 0, err
	}
	var status syscall.WaitStatus
	if _, err = wait(pid, &status); err == nil && !status.Stopped() {
		err = errors.New("it ended before it began")
	}
	if err == nil {
		err = syscall.PtraceSetOptions(pid, ptraceOptions)
	}
	if err == nil {
		err = syscall.PtraceSyscall(pid, 0)
	}
	return pid, err
}

// wait waits for a thread of this tracer's, and for no child of another: others run programs too.
func wait(pid int, status *syscall.WaitStatus) (tid int, err error) {
	for {
		tid, err = syscall.Wait4(pid, status, syscall.WALL|syscall.WNOTHREAD, nil)
		if !errors.Is(err, syscall.EINTR) {
			return tid, err
		}
	}
}

// A tracer follows the threads of one program.
type tracer struct {
	pid      int
	recorder *recorder
	threads  map[int]*call // by thread: the call that it is in
	exit     int
}

// trace follows the program to its end.
func (t *tracer) trace() error {
	for {
		var status syscall.WaitStatus
		tid, err := wait(-1, &status)
		if err != nil {
			return err
		}
		if status.Exited() || status.Signaled() {
			delete(t.threads, tid)
			if tid == t.pid {
				t.exit = status.ExitStatus()
				return nil
			}
			continue
		}
		signal, err := t.stopped(tid, status)
		if err != nil {
			return err
		}
		if err := syscall.PtraceSyscall(tid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err // without such a thread it is being killed, and its end is told next
		}
	}
}

// stopped handles a thread's stop and returns the signal that it goes on with.
func (t *tracer) stopped(tid int, status syscall.WaitStatus) (signal int, err error) {
	_, known := t.threads[tid]
	switch stop := status.StopSignal(); {
	case stop == syscallStop:
		err = t.atCall(tid)
	case stop == syscall.SIGTRAP && status.TrapCause() > 0: // a new thread was told of
	case stop == syscall.SIGSTOP && !known: // it is the new one's beginning
		t.threads[tid] = nil
	default:
		signal = int(stop)
	}
	if errors.Is(err, syscall.ESRCH) {
		return 0, nil
	}
	return signal, err
}

// atCall handles a thread's stop before or after a system call.
func (t *tracer) atCall(tid int) error {
	info, err := syscallOf(tid)
	if err != nil {
		return err
	}
	switch info.op {
	case infoEntry:
		c, err := t.recorder.enter(info.data[0], [6]uint64(info.data[1:]))
		if err != nil || c == nil {
			return err
		}
		t.threads[tid] = c
		if c.fault != 0 {
			return skip(tid)
		}
	case infoExit:
		c := t.threads[tid]
		if c == nil {
			return nil
		}
		t.threads[tid] = nil
		t.recorder.leave(c, int64(info.data[0]))
		if c.fault != 0 {
			return answer(tid, c.fault)
		}
	}
	return nil
}
