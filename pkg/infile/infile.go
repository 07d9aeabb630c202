// Package infile reads files that somebody else may have made: a fleet's, a plan, a profile, a key. It reads regular
// files alone, up to a bound, and never waits for whoever ought to write into a pipe.
package infile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// OpenFlags are those to open a file with that [Check] is to look at: a pipe must not keep the program waiting for its
// writer. They mean nothing for a regular file.
const OpenFlags = os.O_RDONLY | syscall.O_NONBLOCK

// ErrNotRegular is the error of a directory, a device, a pipe or a socket.
var ErrNotRegular = errors.New("it is not a regular file")

// A SizeError is the error of a file that is longer than it may be.
type SizeError struct{ Limit int64 } // bytes

// Error names the bound in the largest unit that fits.
func (e *SizeError) Error() string {
	for _, unit := range []struct {
		shift int
		name  string
	}{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}} {
		if whole := e.Limit >> unit.shift; whole<<unit.shift == e.Limit && whole > 0 {
			return fmt.Sprintf("it is larger than %d %s", whole, unit.name)
		}
	}
	return fmt.Sprintf("it is larger than %d bytes", e.Limit)
}

// Open opens a regular file for reading. Links are followed. Only the file that was opened counts: what stood under the
// name before may have been another one.
func Open(name string) (*os.File, error) {
	// To open a device can already do something.
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, refusal(name, err)
	}
	f, err := os.OpenFile(name, OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	if err := Check(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Check refuses what is open but is no regular file.
func Check(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return refusal(f.Name(), err)
	}
	return nil
}

// refusal is err, or else that the file is not regular.
func refusal(name string, err error) error {
	if err == nil {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	return err
}

// Read returns the content of a regular file, which may have limit bytes. Its errors are *fs.PathErrors.
func Read(name string, limit int64) ([]byte, error) {
	return read(name, limit, func(fs.FileInfo) error { return nil })
}

// read is Read of a file that check has nothing against.
func read(name string, limit int64, check func(fs.FileInfo) error) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = check(info)
	}
	if err != nil {
		return nil, err
	}
	text, err := ReadAll(f, limit)
	if tooLong, ok := errors.AsType[*SizeError](err); ok {
		err = &fs.PathError{Op: "read", Path: name, Err: tooLong}
	}
	return text, err
}

// ReadAll reads r to its end, which must come within limit bytes; if it doesn't, the error is a *SizeError.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, &SizeError{limit}
	}
	return text, nil
}

// An ExposedError is the error of a file with a secret that others than its owner can read or write.
type ExposedError struct {
	Path string
	Mode fs.FileMode // its permissions
}

// Error tells the permissions, and no content.
func (e *ExposedError) Error() string {
	return fmt.Sprintf("%s is open to others than its owner: its mode is %04o", e.Path, e.Mode)
}

// ErrOtherOwner is the error of a file that belongs to another user.
var ErrOtherOwner = errors.New("another user owns it")

// ReadSecret is Read for a file that holds a secret: it refuses one that others can read or write with an
// *[ExposedError]. Of a link the file that it leads to counts. Windows has no such modes.
func ReadSecret(name string, limit int64) ([]byte, error) { return read(name, limit, unexposed(name)) }

// ReadOwnSecret is ReadSecret for a file that somebody else may have named: it refuses those of other users too, with
// ErrOtherOwner.
func ReadOwnSecret(name string, limit int64) ([]byte, error) {
	check := unexposed(name)
	return read(name, limit, func(info fs.FileInfo) error {
		if ownedByOther(info) {
			return &fs.PathError{Op: "read", Path: name, Err: ErrOtherOwner}
		}
		return check(info)
	})
}

func unexposed(name string) func(fs.FileInfo) error {
	const others = 0o077
	return func(info fs.FileInfo) error {
		if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&others != 0 {
			return &ExposedError{Path: name, Mode: mode}
		}
		return nil
	}
}
