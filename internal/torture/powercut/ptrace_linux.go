//go:build amd64 || arm64

package powercut

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// What package syscall does not name.
const (
	ptraceExitKill       = 0x100000 // the traced program ends with its tracer
	ptraceGetSyscallInfo = 0x420e   // Linux 5.3
	syscallStop          = syscall.SIGTRAP | 0x80

	ptraceOptions = syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | syscall.PTRACE_O_TRACEFORK |
		syscall.PTRACE_O_TRACEVFORK | syscall.PTRACE_O_TRACEEXEC | ptraceExitKill
)

// syscallInfo is the kernel's struct ptrace_syscall_info: the same on every machine, unlike the registers.
type syscallInfo struct {
	op     uint8
	_      [3]uint8
	arch   uint32
	ip, sp uint64
	data   [7]uint64 // at the entry the call's number and its arguments; at the exit its result
	_      [2]uint64 // newer kernels tell more
}

const (
	infoEntry = 1
	infoExit  = 2
)

// syscallOf returns what a thread that has stopped at a system call is about.
func syscallOf(tid int) (info syscallInfo, err error) {
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(tid),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return info, fmt.Errorf("what system call a thread makes can't be seen: %w", errno)
	}
	return info, nil
}

// memory is the traced program's.
type memory struct{ *os.File }

func openMemory(pid int) (memory, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	return memory{file}, err
}

// bytes returns a copy of n bytes at an address.
func (m memory) bytes(at, n uint64) ([]byte, error) {
	buf := make([]byte, n)
	_, err := m.ReadAt(buf, int64(at))
	return buf, err
}

// text returns the string at an address that ends in a zero byte.
func (m memory) text(at uint64) (string, error) {
	const page, longest = 4096, 4096
	var text []byte
	for len(text) < longest {
		part, err := m.bytes(at, page-at%page) // what follows may not be mapped
		if err != nil {
			return "", err
		}
		if end := bytes.IndexByte(part, 0); end >= 0 {
			return string(append(text, part[:end]...)), nil
		}
		text = append(text, part...)
		at += uint64(len(part))
	}
	return "", fmt.Errorf("a path is longer than %d bytes", longest)
}

// vectors returns the content of an array of n struct iovec.
func (m memory) vectors(at, n uint64) ([]byte, error) {
	var all []byte
	raw, err := m.bytes(at, n*16)
	for ; err == nil && len(raw) > 0; raw = raw[16:] {
		var part []byte
		part, err = m.bytes(native.Uint64(raw), native.Uint64(raw[8:]))
		all = append(all, part...)
	}
	return all, err
}
