package cli

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// withoutPath leaves the temporary file's name out of writeFile's error: nobody knows it.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// unusable says what to do where the system keeps the state from being read or written. The state's own reasons for
// a refusal say it themselves.
func unusable(err error) error {
	if _, refused := errors.AsType[*state.Error](err); refused {
		return err
	}
	if _, ok := errors.AsType[*fs.PathError](err); !ok {
		return err
	}
	return hinted{err, "See that the state's directory is there, may be read and written and has room, or keep the state " +
		"elsewhere: --state FILE."}
}

// writeFile writes a file that is there whole or not at all, readable by its owner alone.
func writeFile(name string, encode func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	buffered := bufio.NewWriter(f)
	err = errors.Join(encode(buffered), buffered.Flush(), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
