package powercut

import (
	"syscall"
	"unsafe"
)

// System calls that package syscall does not name.
const (
	sysRenameat2     = 276
	sysCopyFileRange = 285
)

// The sets of registers, as the kernel numbers them.
const (
	setGeneral    = 1     // NT_PRSTATUS
	setSystemCall = 0x404 // NT_ARM_SYSTEM_CALL
)

// skip lets a thread that has stopped at the entry of a system call make none.
func skip(tid int) error {
	none := int32(-1)
	return registers(syscall.PTRACE_SETREGSET, tid, setSystemCall, unsafe.Pointer(&none), unsafe.Sizeof(none))
}

// answer gives a thread that has stopped at the exit of a system call another result.
func answer(tid int, errno syscall.Errno) error {
	var r syscall.PtraceRegs
	if err := registers(syscall.PTRACE_GETREGSET, tid, setGeneral, unsafe.Pointer(&r), unsafe.Sizeof(r)); err != nil {
		return err
	}
	r.Regs[0] = -uint64(errno)
	return registers(syscall.PTRACE_SETREGSET, tid, setGeneral, unsafe.Pointer(&r), unsafe.Sizeof(r))
}

// registers reads or writes a set of registers.
func registers(request, tid int, set uintptr, at unsafe.Pointer, size uintptr) error {
	vector := struct {
		at   unsafe.Pointer
		size uintptr
	}{at, size}
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, uintptr(request), uintptr(tid), set,
		uintptr(unsafe.Pointer(&vector)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
