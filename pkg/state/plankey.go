package state

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

// PlanKeySize is the length of the key that seals plan files, in bytes.
const PlanKeySize = 32

// ErrNoPlanKey says that no plan was saved from the state yet, or that its key is gone.
var ErrNoPlanKey = errors.New("there is no key to plan files")

// ReadPlanKey returns the key that seals the plan files of the state at path. Its error is ErrNoPlanKey where there is
// none. A key that others could have read or written proves nothing and is refused, and so is one of another user: a
// plan file says itself which state it is of, and must not bring its own key along.
func ReadPlanKey(path string) (key [PlanKeySize]byte, err error) {
	name := PathsOf(path).PlanKey
	content, err := infile.ReadOwnSecret(name, PlanKeySize)
	if exposed, ok := errors.AsType[*infile.ExposedError](err); ok {
		return key, unfitKey(name, fmt.Sprintf("others than its owner could read or write it: its mode is %04o", exposed.Mode))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return key, fmt.Errorf("%w: %s is missing", ErrNoPlanKey, name)
	case errors.Is(err, infile.ErrOtherOwner):
		return key, unfitKey(name, "another user owns it")
	case err != nil:
		return key, fmt.Errorf("the key to plan files can't be read: %w", err)
	case len(content) != len(key):
		return key, unfitKey(name, fmt.Sprintf("it has %d bytes, not %d", len(content), len(key)))
	}
	return [PlanKeySize]byte(content), nil
}

// ErrUnfitKey: the key to plan files proves nothing.
var ErrUnfitKey = errors.New("the key to plan files is of no use")

func unfitKey(name, reason string) error {
	return &Error{
		Kind: ErrUnfitKey, Path: name, Reason: reason,
		Remedy: "Remove it and save your plans anew: the next plan --out makes another key, and the plans of this one are refused.",
	}
}

// MakePlanKey is ReadPlanKey that makes the key where there is none: durably, and one alone however many processes want
// it at a time. It makes the state's directory with it. Neither is a state: one that never was stays fresh, and one
// that was lost stays lost.
func MakePlanKey(path string) (key [PlanKeySize]byte, err error) {
	paths := PathsOf(path)
	if err := paths.makeDir(); err != nil {
		return key, err
	}
	if key, err = ReadPlanKey(path); errors.Is(err, ErrNoPlanKey) {
		_, _ = rand.Read(key[:]) // never fails
		if err := addFile(paths.PlanKey, key[:]); err != nil && !errors.Is(err, fs.ErrExist) {
			return key, fmt.Errorf("the key to plan files can't be made: %w", err)
		}
		key, err = ReadPlanKey(path) // another process may have been faster
	}
	return key, errors.Join(err, syncDir(filepath.Dir(paths.PlanKey))) // whoever made it may have died before that
}

// addFile makes a file that is there whole or not at all; its name is not durable yet. One that has the name already is
// left, as fs.ErrExist: a link, unlike a new name, never replaces.
func addFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), name)
	}
	return errors.Join(err, os.Remove(f.Name()))
}
