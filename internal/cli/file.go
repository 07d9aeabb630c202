package cli

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// withoutPath leaves the temporary file's name out of writeFile's error: nobody knows it.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// replaceFile gives a file that may be written another text, whole or not at all. It stays what it is besides: of a link
// the file behind it is replaced.
func replaceFile(name string, text []byte) error {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	current, err := os.OpenFile(real, os.O_WRONLY, 0) // renaming would ask the directory alone
	if err != nil {
		return withoutPath(err)
	}
	info, err := current.Stat()
	if err = errors.Join(err, current.Close()); err != nil {
		return withoutPath(err)
	}
	return writeFileMode(real, info.Mode().Perm(), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// writeFile writes a file that is there whole or not at all, readable by its owner alone.
func writeFile(name string, encode func(io.Writer) error) error {
	return writeFileMode(name, 0o600, encode)
}

func writeFileMode(name string, mode fs.FileMode, encode func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	buffered := bufio.NewWriter(f)
	err = errors.Join(f.Chmod(mode), encode(buffered), buffered.Flush(), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
