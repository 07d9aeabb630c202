//go:build unix

package state

import (
	"io/fs"
	"syscall"
)

// fileID tells a file from its copies. It stays when the file is moved within its file system, and after a restart.
func fileID(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Ino)
	}
	return 0
}
