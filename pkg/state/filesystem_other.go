//go:build !linux

package state

// fileSystemType knows nothing where the system has no statfs(2) of Linux's kind.
var fileSystemType = func(string) uint32 { return 0 }
