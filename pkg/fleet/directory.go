package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

// A directory is the fleet's own. Whoever may change a fleet, say by a pull request that is planned before anybody has
// read it, must not have it read the operator's other files: a plan shows what expressions make of them, and a mistake
// shows its line. So nothing outside of it is read, nor anything hidden in it, whatever links lead there. Hard links
// can't be told from files; version control carries none.
type directory struct {
	path string
	root *os.Root
}

func openDirectory(path string) (*directory, error) {
	d := &directory{path: path}
	return d, d.open()
}

// open lets the directory be read again after close.
func (d *directory) open() (err error) {
	d.root, err = os.OpenRoot(d.path)
	return err
}

func (d *directory) close() error { return d.root.Close() }

// nameOf returns the name that a path has in the directory, and whether it lies there.
func (d *directory) nameOf(path string) (name string, inside bool) {
	full, err := filepath.Abs(path)
	own, ownErr := filepath.Abs(d.path)
	if err != nil || ownErr != nil {
		return "", false
	}
	name, err = filepath.Rel(own, full)
	return name, err == nil && filepath.IsLocal(name)
}

// Why a name is not read.
var (
	errOutside = errors.New("it is outside of the fleet's directory; copy it there, and name it by a relative path")
	errHidden  = errors.New("it is hidden: such files hold what is not the fleet's, as a repository's credentials; give it another name")
)

// resolve returns the name without links. It looks at names alone; that nothing outside is opened is for root to see to.
func (d *directory) resolve(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", errOutside
	}
	real, err := filepath.EvalSymlinks(filepath.Join(d.path, name))
	if err != nil {
		return "", err
	}
	own, err := filepath.EvalSymlinks(d.path)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.Rel(own, real)
	switch {
	case err != nil || !filepath.IsLocal(resolved):
		return "", errOutside
	case isHidden(resolved):
		return "", errHidden
	}
	return resolved, nil
}

// isHidden tells whether a part of the name begins with a dot. Two dots are what Kubernetes begins the names of mounted
// volumes' insides with.
func isHidden(name string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(name), "/"), func(part string) bool {
		return strings.HasPrefix(part, ".") && !strings.HasPrefix(part, "..") && part != "."
	})
}

// stat looks at a file, following links.
func (d *directory) stat(name string) (resolved string, info fs.FileInfo, err error) {
	if resolved, err = d.resolve(name); err == nil {
		info, err = d.root.Stat(resolved)
	}
	return resolved, info, err
}

// read returns the content of a regular file, which may have limit bytes.
func (d *directory) read(name string, limit int64) ([]byte, error) {
	resolved, info, err := d.stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // it isn't even opened: that can already do something
		return nil, infile.ErrNotRegular
	}
	f, err := d.root.OpenFile(resolved, infile.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := infile.Check(f); err != nil {
		return nil, err
	}
	return infile.ReadAll(f, limit)
}

// unread is the error of a file that an expression names. Only what the directory may hold is said not to be there.
func unread(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %q in the fleet's directory", name)
	}
	return fmt.Errorf("%q can't be read: %w", name, reason(err))
}
