package state

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// keptBackups is how many copies of the database are kept in the state's own directory of them.
const keptBackups = 10

// A backup is a copy of the database as it was at a serial.
type backup struct {
	path string
	head head
}

var backupName = regexp.MustCompile(`^[0-9]{10,}-[0-9]{8}T[0-9]{6}Z\.db$`)

// backupFile is the path of a copy made at t: names sort by serial.
func (p Paths) backupFile(serial uint64, t time.Time) string {
	return filepath.Join(p.Backups, fmt.Sprintf("%010d-%s.db", serial, t.UTC().Format(runIDTime)))
}

// Backup copies the database of the state at path to the file to, which must not exist, and checks the copy. Where to is
// empty it goes into the state's own directory, where the last ten are kept; one of the same serial is there already,
// perhaps. It returns the copy's path. What the logs of a run that ended early know beside the database is not in the
// copy: restoring takes it from them.
func Backup(path, to string, at time.Time) (_ string, err error) {
	paths := PathsOf(path)
	unlock, err := shareLock(paths.Lock)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	fresh, err := paths.fresh()
	if err != nil {
		return "", err
	}
	if fresh {
		return "", fmt.Errorf("there is no state at %s: %w", path, fs.ErrNotExist)
	}
	c, err := readDB(paths)
	if err != nil {
		return "", err
	}
	if to == "" {
		to, err = paths.backUp(c.head, at)
	} else {
		err = copyNew(paths.DB, to, to+".part")
	}
	if err == nil {
		_, err = readBackup(to)
	}
	return to, err
}

// readBackup returns all that the copy at path holds.
func readBackup(path string) (content, error) {
	c, err := readDB(PathsOf(path))
	if e, refused := errors.AsType[*Error](err); refused {
		e.Remedy = "Use another backup, or rebuild the state from its run logs: bastion-fleet state restore --from-log."
	}
	return c, err
}

// BackUp copies the database into the state's own directory of backups, unless the last copy there is of this very
// version, and removes the oldest copies. It must not be called while a run is open. No purchase depends on it: after an
// error the state is as it was, and a caller that warns may go on.
func (s *Store) BackUp(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil || s.run != nil || s.broken != nil {
		return nil
	}
	_, err := s.paths.backUp(s.content.head, at)
	return err
}

func (p Paths) backUp(h head, at time.Time) (string, error) {
	if err := p.makeOwnDir(p.Backups); err != nil {
		return "", err
	}
	own, err := p.ownBackups(h.Lineage)
	if err != nil {
		return "", err
	}
	if n := len(own); n > 0 && own[n-1].head.Serial == h.Serial {
		return own[n-1].path, nil
	}
	to := p.backupFile(h.Serial, at)
	if err := copyNew(p.DB, to, filepath.Join(p.Backups, "part")); err != nil {
		return "", err
	}
	failpoint.Here("backup-made")
	for ; len(own) >= keptBackups; own = own[1:] {
		if err := os.Remove(own[0].path); err != nil {
			return "", fmt.Errorf("an old backup can't be removed: %w", err)
		}
	}
	return to, nil
}

// ownBackups returns the copies of the state of that lineage, or of any where it is empty, by serial. What can't be read is left out: state verify
// names it.
func (p Paths) ownBackups(lineage string) ([]backup, error) {
	names, err := p.backupNames()
	if err != nil {
		return nil, err
	}
	var own []backup
	for _, name := range names {
		path := filepath.Join(p.Backups, name)
		if h, err := headOf(path); err == nil && (lineage == "" || h.Lineage == lineage) {
			own = append(own, backup{path, h})
		}
	}
	slices.SortStableFunc(own, func(a, b backup) int { return cmp.Compare(a.head.Serial, b.head.Serial) })
	return own, nil
}

// backupNames returns the names of the copies of the database, sorted.
func (p Paths) backupNames() ([]string, error) {
	entries, err := os.ReadDir(p.Backups)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the backups can't be listed: %w", err)
	}
	var names []string
	for _, e := range entries {
		if backupName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// headOf reads a database's head and nothing else of it.
func headOf(path string) (h head, err error) {
	if _, err := os.Stat(path); err != nil {
		return h, err
	}
	err = guarded(path, func() error {
		db, err := bolt.Open(path, fileMode, &bolt.Options{ReadOnly: true, Timeout: busyTimeout})
		if err != nil {
			return err
		}
		return errors.Join(db.View(func(tx *bolt.Tx) error {
			if err := checkFormat(tx, path); err != nil {
				return err
			}
			return getSealed(tx.Bucket(bucketMeta).Get(keyHead), &h)
		}), db.Close())
	})
	return h, err
}

// copyNew copies a file durably to a new name. A crash leaves the whole copy or none, and perhaps the file part, which the
// next try writes over.
func copyNew(from, to, part string) error {
	_, err := os.Lstat(to)
	switch {
	case err == nil:
		err = &fs.PathError{Op: "write", Path: to, Err: fs.ErrExist}
	case errors.Is(err, fs.ErrNotExist):
		if err = copyFile(from, part); err == nil {
			failpoint.Here("backup-copied")
			err = os.Rename(part, to)
		} else {
			_ = os.Remove(part) // it may never have been there
		}
	}
	if err == nil {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		return fmt.Errorf("the backup can't be written: %w", err)
	}
	return nil
}

// copyFile copies a file durably, over one that may be there.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
