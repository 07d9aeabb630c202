package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Restoration is a database made to take the place of one that is lost, damaged or old. It lies beside that one, under
// the state's lock, until it is put there or given up.
type Restoration struct {
	Snapshot          // what the state will hold
	Source   string   // the backup that it is made from; empty when it is made from the run logs alone
	Logs     []string // the runs whose logs it takes something from, in their order
	Replaces bool     // there is a database in its place
	NoLogs   bool     // no run log tells whether the backup is of the last version

	paths Paths
	lock  *lock
}

// PrepareRestore makes a database from the backup at the path source, brought up to date by the run logs, or, where source
// is empty, from the run logs alone. It changes nothing of the state yet. It refuses a backup that is damaged or of another
// state, and run logs that lead from there to nowhere: damaged ones, of another state, or with one missing. Close it.
func PrepareRestore(ctx context.Context, path, source string, owner Owner, lockTimeout time.Duration) (_ *Restoration, err error) {
	r := &Restoration{Source: source, paths: PathsOf(path)}
	if sameFile(source, r.made()) {
		return nil, r.leftover() // before it is taken for this one's, and removed
	}
	if err := r.paths.makeDir(); err != nil {
		return nil, err
	}
	if r.lock, err = acquire(ctx, r.paths.Lock, owner, lockTimeout); err != nil {
		return nil, err
	}
	if err := r.prepare(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	failpoint.Here("restore-prepared")
	return r, nil
}

func (r *Restoration) prepare() error {
	_, err := os.Lstat(r.paths.DB)
	r.Replaces = err == nil
	if err := os.Remove(r.made()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if r.Source == "" {
		return r.fromLogs()
	}
	return r.fromBackup()
}

// made is the database that is to take the state's place, as long as it does not.
func (r *Restoration) made() string { return r.paths.DB + ".restored" }

// sameFile tells whether both names lead to one file.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// leftover refuses what a restore that died has made as the backup to restore: it would be written over.
func (r *Restoration) leftover() error {
	return &Error{
		Kind: ErrForeign, Path: r.made(), Reason: "an earlier state restore made it, and ended before it was in its place",
		Remedy: "Say again what it was made from, or: bastion-fleet state restore --from-log.",
	}
}

// fromBackup makes the database from a copy, and looks what the run logs add to it.
func (r *Restoration) fromBackup() error {
	c, err := readBackup(r.Source)
	if err != nil {
		return err
	}
	if own := r.lineage(); own != "" && own != c.head.Lineage {
		return foreignBackup(r.Source, c.head.Lineage, own)
	}
	found, err := recoverLogs(r.paths, c)
	if err != nil {
		return err
	}
	for _, run := range found.open {
		r.Logs = append(r.Logs, run.id)
	}
	ids, err := r.paths.runLogs()
	if err != nil {
		return err
	}
	r.NoLogs = len(ids) == 0
	r.Snapshot = found.content.snapshot(found.taken)
	return copyFile(r.Source, r.made())
}

// lineage is that of the state that is or was here, or empty where nothing tells it.
func (r *Restoration) lineage() string {
	if lineage := r.lock.note.Lineage; lineage != "" {
		return lineage
	}
	if h, err := headOf(r.paths.DB); err == nil {
		return h.Lineage
	}
	ids, _ := r.paths.runLogs()
	for _, id := range ids {
		if h, known := r.paths.headerOf(id); known {
			return h.Lineage
		}
	}
	return ""
}

// fromLogs makes the database from the run logs alone.
func (r *Restoration) fromLogs() error {
	ids, err := r.paths.runLogs()
	if err != nil {
		return err
	}
	all := newReplay(r.paths)
	if err := all.takeAll(r.paths.bySerial(ids)); err != nil {
		return err
	}
	if all.head.Lineage == "" {
		return &Error{
			Kind: ErrLost, Path: r.paths.Runs, Reason: "there is no run log",
			Remedy: "Put the run logs back, or restore a backup: bastion-fleet state restore --latest.",
		}
	}
	if err := cmp.Or(belongs(r.paths, all.head), reached(r.paths, all.head)); err != nil {
		return err
	}
	r.Logs = slices.DeleteFunc(slices.Sorted(maps.Keys(all.runs)), func(id string) bool { return !slices.Contains(ids, id) })
	c, records, err := all.content()
	if err != nil {
		return err
	}
	r.Snapshot = c.snapshot(0)
	return c.write(r.made(), records)
}

// content is what the run logs tell, as a database holds it, and its records as they are stored.
func (r *replay) content() (content, []stored, error) {
	addresses := slices.SortedFunc(maps.Keys(r.records), order.Address.Compare)
	records := make([]stored, len(addresses))
	failed := make([]error, len(addresses))
	inParallel(len(addresses), func(i int) { records[i], failed[i] = encodeRecord(r.records[addresses[i]]) })
	c := content{head: r.head, records: newTable(nil), runs: r.runs}
	for _, s := range records {
		c.records.put(s.entry)
	}
	c.head.Records, c.head.Sum = c.records.with(nil)
	return c, records, errors.Join(failed...)
}

// write makes a database of the content at path.
func (c *content) write(path string, records []stored) error {
	if err := createDB(path, c.head); err != nil {
		return err
	}
	db, _, err := openDB(path, false)
	if err != nil {
		return err
	}
	s := &Store{paths: Paths{DB: path}, db: db}
	err = s.commit(c.head, records, putRuns(slices.Collect(maps.Values(c.runs))))
	return errors.Join(err, db.Close())
}

// Commit puts the database in its place, and returns where it left the one that was there, if one was. Dying in the middle
// leaves the old database, the new one, or none; then the state is lost, and restoring it can be repeated.
func (r *Restoration) Commit(at time.Time) (aside string, err error) {
	if err := r.lock.held.check(); err != nil {
		return "", err
	}
	if r.Replaces {
		if aside, err = r.setAside(at); err != nil {
			return "", fmt.Errorf("the old database can't be set aside: %w", err)
		}
	}
	failpoint.Here("old-db-aside")
	if err := os.Rename(r.made(), r.paths.DB); err != nil {
		return aside, fmt.Errorf("the restored database can't be put in its place: %w", err)
	}
	failpoint.Here("db-restored")
	if err := syncDir(filepath.Dir(r.paths.DB)); err != nil {
		return aside, err
	}
	s := &Store{paths: r.paths, lock: r.lock}
	if err := s.open(); err != nil { // which takes in what the run logs add
		return aside, err
	}
	r.Snapshot = s.Snapshot()
	return aside, s.db.Close()
}

// setAside gives the database another name, and returns that: one that nothing has, for a second restore within a second
// must not take the place of what the first one kept.
func (r *Restoration) setAside(at time.Time) (string, error) {
	name := fmt.Sprintf("%s.replaced-%s", r.paths.DB, at.UTC().Format(runIDTime))
	aside := name
	for n := 2; ; n++ {
		_, err := os.Lstat(aside)
		if errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(r.paths.DB, aside)
		}
		if err != nil {
			return "", err
		}
		aside = fmt.Sprintf("%s-%d", name, n)
	}
}

// Close lets go of the state, and of a database that was not put in its place.
func (r *Restoration) Close() error {
	err := os.Remove(r.made())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, r.lock.release())
}

// LatestBackup returns the newest copy of the state at path in the state's own directory of backups.
func LatestBackup(path string) (string, error) {
	paths := PathsOf(path)
	r := Restoration{paths: paths, lock: &lock{note: readLockNote(paths.Lock)}}
	lineage := r.lineage()
	own, err := paths.ownBackups(lineage)
	if err != nil {
		return "", err
	}
	if len(own) == 0 {
		return "", &Error{
			Kind: ErrLost, Path: paths.Backups, Reason: "there is no backup of this state",
			Remedy: "Rebuild it from its run logs: bastion-fleet state restore --from-log. Or name a copy: bastion-fleet state restore FILE.",
		}
	}
	return own[len(own)-1].path, nil
}
