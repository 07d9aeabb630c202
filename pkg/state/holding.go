package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// A holding is a file that is open and must still be found under its name. Whoever deletes, moves or replaces it, or
// its directory, takes away all that is written to it: the next run would find nothing there, and buy again.
type holding struct {
	path string
	info fs.FileInfo // of the open file
}

// newHolding returns the holding of a file that was opened at path.
func newHolding(path string, open interface{ Stat() (fs.FileInfo, error) }) (holding, error) {
	info, err := open.Stat()
	if err != nil {
		return holding{}, fmt.Errorf("an open file can't be looked at: %w", err)
	}
	return holding{path, info}, nil
}

// check returns why the file is no longer the one under its name, or nil.
func (h holding) check() error {
	named, err := os.Stat(h.path)
	switch {
	case err == nil && os.SameFile(h.info, named):
		return nil
	case err == nil:
		return moved(h.path, "another file stands in its place")
	case errors.Is(err, fs.ErrNotExist):
		return moved(h.path, "the file is gone")
	}
	return journalError(h.path, err)
}

// moved is the error of a file that was taken away.
func moved(path, reason string) error {
	return &Error{
		Kind: ErrMoved, Path: path, Reason: reason, Cause: ErrJournal,
		Remedy: "Nothing more is bought. Before the next apply put the state back with its lock and its run logs, or what " +
			"was bought is bought again.",
	}
}
