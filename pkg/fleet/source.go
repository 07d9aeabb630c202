package fleet

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

const (
	hclSuffix      = ".fleet.hcl"
	jsonSuffix     = ".fleet.json"
	varsName       = "fleet.vars.hcl"
	varsSuffix     = ".vars.hcl" // what the name of any vars file ends in
	autoVarsSuffix = ".auto.vars.hcl"
)

// sources are the paths of the files to load, each list in the order in which it is read.
type sources struct {
	fleetFiles    []string
	overrideFiles []string // of the fleet files, those that change the others; weakest first
	varsFiles     []string // weakest first
}

// find lists the fleet's files and opens its directory for file functions.
func (l *loader) find(path string) (sources, bool) {
	if l.options.Text != nil {
		l.textPath = path
		found, ok := l.list(filepath.Dir(path))
		found.fleetFiles = []string{path}
		return found, ok && l.openDirectory(filepath.Dir(path))
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.report(failure("Fleet not found", "There is nothing at %s. Name a directory with *%s files, or one such file.", path, hclSuffix))
		return sources{}, false
	case err != nil:
		l.report(failure("Unreadable fleet", "%s can't be read: %v.", path, err))
		return sources{}, false
	}
	dir := path
	switch {
	case !info.IsDir():
		dir = filepath.Dir(path)
	case IsFile(filepath.Base(path)):
		l.report(failure("Directory named like a fleet file", "%s is a directory, and a name that ends in %s or %s is a file's. Rename it.", path, hclSuffix, jsonSuffix))
		return sources{}, false
	}
	found, ok := l.list(dir)
	if !ok {
		return sources{}, false
	}
	if !info.IsDir() {
		if !IsFile(filepath.Base(path)) {
			l.report(failure("Not a fleet file", "%s is not a fleet file: their names end in %s or %s.", path, hclSuffix, jsonSuffix))
			return sources{}, false
		}
		if isOverride(filepath.Base(path)) {
			l.report(failure("Override file alone", "%s changes what other files declare, and declares nothing itself. Name its directory.", path))
			return sources{}, false
		}
		found.fleetFiles, found.overrideFiles = []string{path}, nil
	}
	if len(found.fleetFiles) == 0 {
		l.report(failure("No fleet files", "%s has no files whose names end in %s or %s. Write one, or name the directory of a fleet.", dir, hclSuffix, jsonSuffix))
		return sources{}, false
	}
	return found, l.openDirectory(dir)
}

func (l *loader) openDirectory(path string) (ok bool) {
	var err error
	if l.dir, err = openDirectory(path); err != nil {
		l.report(failure("Unreadable fleet", "%s can't be opened: %v.", path, err))
	}
	return err == nil
}

// list returns a directory's fleet and vars files. Hidden files are none: editors leave copies under such names.
func (l *loader) list(dir string) (sources, bool) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		l.report(failure("Unreadable fleet", "%s can't be listed: %v.", dir, err))
		return sources{}, false
	}
	var found sources
	var auto []string
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(name, "."):
		case IsFile(name) && isOverride(name):
			found.overrideFiles = append(found.overrideFiles, path)
		case IsFile(name):
			found.fleetFiles = append(found.fleetFiles, path)
		case name == varsName:
			found.varsFiles = append(found.varsFiles, path)
		case strings.HasSuffix(name, autoVarsSuffix):
			auto = append(auto, path)
		}
	}
	found.varsFiles = append(found.varsFiles, auto...)
	if n := len(found.fleetFiles) + len(found.overrideFiles) + len(found.varsFiles); n > MaxFiles {
		l.report(failure("Too many files", "%s has %s fleet and vars files; a fleet may have %s. Describe many orders with one order block and for_each over a CSV file.", dir, thousands(n), thousands(MaxFiles)))
		return sources{}, false
	}
	return found, true
}

// IsFile tells whether a file of that name is a fleet file. It looks at the name alone, with or without a directory.
func IsFile(name string) bool {
	return strings.HasSuffix(name, hclSuffix) || strings.HasSuffix(name, jsonSuffix)
}

// read returns a fleet or vars file without its byte order mark.
func (l *loader) read(path string) ([]byte, bool) {
	text, err := l.textOf(path)
	if err != nil {
		l.report(failure("Unreadable file", "%s can't be read: %v.", path, reason(err)))
		return nil, false
	}
	l.input.read(len(text))
	return bytes.TrimPrefix(text, byteOrderMark), true
}

// textOf reads a file. One in the fleet's directory must not be a link that leads elsewhere. Of those elsewhere it is the
// operator's word, by --var-file, what they are.
func (l *loader) textOf(path string) ([]byte, error) {
	if path == l.textPath {
		return l.options.Text, nil
	}
	if name, inside := l.dir.nameOf(path); inside {
		return l.dir.read(name, MaxFileSize)
	}
	return infile.Read(path, MaxFileSize)
}

// byteOrderMark is what some editors and spreadsheets write at the start of UTF-8 files.
var byteOrderMark = []byte("\ufeff")

// reason leaves out of a file error the path and the operation, which the caller's sentence has.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
