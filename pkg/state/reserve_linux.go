package state

import (
	"errors"
	"os"
	"syscall"
)

// reserve keeps n bytes of the disk for what is written to file from offset on, without making it longer. File systems
// that can't promise that are let pass.
func reserve(file *os.File, offset, n int64) error {
	const keepSize = 1 // FALLOC_FL_KEEP_SIZE
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for failed = syscall.EINTR; failed == syscall.EINTR; {
			failed = syscall.Fallocate(int(fd), keepSize, offset, n)
		}
	})
	if failed == nil || errors.Is(failed, errors.ErrUnsupported) {
		return err
	}
	return &os.PathError{Op: "keep room for", Path: file.Name(), Err: failed}
}
