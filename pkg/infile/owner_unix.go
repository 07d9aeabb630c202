//go:build unix

package infile

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByOther tells whether a file belongs to another user than the one whom this process acts for.
func ownedByOther(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) != os.Geteuid()
}
