package state

import "syscall"

// fileSystemType is the number by which the system knows what dir is on, or 0. Tests replace it: they have no such mount.
var fileSystemType = func(dir string) uint32 {
	var s syscall.Statfs_t
	for err := syscall.EINTR; err == syscall.EINTR; {
		err, _ = syscall.Statfs(dir, &s).(syscall.Errno)
	}
	return uint32(s.Type) // of some other width on each architecture; the numbers have 32 bits
}
