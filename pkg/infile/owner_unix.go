//go:build unix

package infile

import (
	"io/fs"
	"os"
	"syscall"
)

// user is whom this process acts for. A test is somebody else for a while: only root can give files away.
var user = os.Geteuid

// ownedByOther tells whether a file belongs to another user than this process acts for.
func ownedByOther(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) != user()
}
