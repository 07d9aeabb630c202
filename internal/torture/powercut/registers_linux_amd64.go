package powercut

import "syscall"

// System calls that package syscall does not name.
const (
	sysRenameat2     = 316
	sysCopyFileRange = 326
)

// skip lets a thread that has stopped at the entry of a system call make none.
func skip(tid int) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	r.Orig_rax = ^uint64(0)
	return syscall.PtraceSetRegs(tid, &r)
}

// answer gives a thread that has stopped at the exit of a system call another result.
func answer(tid int, errno syscall.Errno) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	r.Rax = -uint64(errno)
	return syscall.PtraceSetRegs(tid, &r)
}
