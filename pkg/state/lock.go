package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// Owner says what a process opens the state for. It is shown to whoever finds the state held.
type Owner struct {
	Command string // such as "apply"; never its arguments, for those may hold secrets
	// Waits is called once, when another process holds the state and is waited for. It may be nil.
	Waits func(*HeldError)
}

// A Holder is the process that holds a state, as it introduced itself in the lock file.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	User    string    `json:"user"`
	Command string    `json:"command"`
	Run     string    `json:"run,omitempty"` // the run that it makes, once there is one
	Since   time.Time `json:"since"`
}

// Who names whoever runs the process, for people.
func (h Holder) Who() string { return h.User + " on " + h.Host }

// lockNote is the lock file's content. It only informs: what locks is the system's lock on the file, which ends
// with its process however that ends. Lineage tells a state that was lost from one that never was, Serial one that is
// whole from an older copy whose later run logs are gone: the state has come to that serial, durably, if not further.
type lockNote struct {
	Lineage string  `json:"lineage,omitempty"`
	Serial  uint64  `json:"serial,omitempty"`
	Holder  *Holder `json:"holder,omitempty"`
}

const (
	maxLockNote  = 64 << 10 // bytes; the file is ours, but anybody may have written to it
	lockNoteSize = 1 << 10  // bytes; the least that the file is padded to
	lockRetry    = 50 * time.Millisecond
	// readerGrace is how long to wait for processes that only read: they leave within moments.
	readerGrace = 5 * time.Second
)

// A lock is the exclusive hold on a state.
type lock struct {
	path string
	file *flock.Flock
	held holding
	note lockNote
}

// acquire takes the state's lock, waiting up to timeout for another holder.
func acquire(ctx context.Context, path string, owner Owner, timeout time.Duration) (*lock, error) {
	file := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(fileMode))
	start, told := time.Now(), owner.Waits == nil
	for {
		locked, err := file.TryLock()
		if err != nil {
			return nil, fmt.Errorf("the state's lock can't be taken: %w", err)
		}
		if locked {
			break
		}
		patience := timeout
		reading := onlyRead(path)
		if reading {
			patience = max(timeout, readerGrace)
		}
		if time.Since(start) >= patience {
			return nil, &HeldError{Path: path, Holder: readHolder(path)}
		}
		if !reading && !told {
			owner.Waits(&HeldError{Path: path, Holder: readHolder(path)})
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), &HeldError{Path: path, Holder: readHolder(path)})
		case <-time.After(lockRetry):
		}
	}
	failpoint.Here("lock-taken")
	l := &lock{path: path, file: file, note: readLockNote(path)}
	var err error
	if l.held, err = newHolding(path, file); err == nil {
		err = errors.Join(tighten(path, fileMode), l.introduce(owner))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	failpoint.Here("lock-noted")
	return l, nil
}

// introduce writes into the lock file who holds it.
func (l *lock) introduce(owner Owner) error {
	l.note.Holder = new(self(owner.Command))
	return l.write()
}

// self is this process as it introduces itself.
func self(command string) Holder {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	name := "an unknown user"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return Holder{PID: os.Getpid(), Host: host, User: name, Command: command, Since: time.Now().UTC()}
}

// setRun tells others which run the state is held for, and how far the state has come. It only informs, so a failure must
// not end the run.
func (l *lock) setRun(id string, serial uint64) {
	l.note.Holder.Run, l.note.Serial = id, max(l.note.Serial, serial)
	_ = l.write()
}

// setState writes down that the state exists, which it is, and how far it has come. It must follow the commit of it, never
// precede it: a crash in between would make a state that never was look lost.
func (l *lock) setState(lineage string, serial uint64) error {
	if l.note.Lineage == lineage && l.note.Serial == serial {
		return nil
	}
	l.note.Lineage, l.note.Serial = lineage, serial
	return l.write()
}

// write replaces the content in place, for the lock is on this very file, and by one call, padded, so that who is killed
// leaves the old or the new. Where the system locks a file's content too, as Windows does, the file stays without it.
func (l *lock) write() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	if err := l.held.check(); err != nil {
		return err // the file of that name, if there is one, is another process's
	}
	text, err := json.Marshal(l.note)
	if err != nil {
		return err
	}
	padding := max(0, lockNoteSize-len(text)-1)
	text = append(append(text, bytes.Repeat([]byte(" "), padding)...), '\n')
	file, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteAt(text, 0)
		err = errors.Join(err, file.Truncate(int64(len(text))), file.Close())
	}
	if err != nil {
		return fmt.Errorf("the state's lock can't be written: %w", err)
	}
	return nil
}

// release lets go of the state. The content that stays names no holder.
func (l *lock) release() error {
	l.note.Holder = nil
	return errors.Join(l.write(), l.file.Close())
}

// shareLock takes part in reading the state, or says who holds it. The returned function ends it. Without a lock
// file nobody works with the state, and none is made: reading must work where nothing can be written.
func shareLock(path string) (func() error, error) {
	file := flock.New(path, flock.SetFlag(os.O_RDONLY))
	locked, err := file.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return func() error { return nil }, nil
	case err != nil:
		return nil, fmt.Errorf("the state's lock can't be read: %w", err)
	case !locked:
		return nil, &HeldError{Path: path, Holder: readHolder(path)}
	}
	return file.Close, nil
}

// onlyRead tells whether those who hold the lock all read.
func onlyRead(path string) bool {
	done, err := shareLock(path)
	return err == nil && done() == nil
}

func readHolder(path string) Holder {
	if h := readLockNote(path).Holder; h != nil {
		return *h
	}
	return Holder{}
}

// readLockNote returns what the lock file says, or nothing when it says nothing that can be read.
func readLockNote(path string) lockNote {
	var note lockNote
	text, err := infile.Read(path, maxLockNote)
	if err != nil || json.Unmarshal(text, &note) != nil {
		return lockNote{}
	}
	return note
}
