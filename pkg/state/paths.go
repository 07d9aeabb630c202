package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600

	defaultDir = ".bastion-fleet"
	defaultDB  = "state.db"
	defaultKey = "plan.key"
	logSuffix  = ".ndjson"
)

// Paths are the files of one state.
type Paths struct {
	DB   string // the database
	Lock string // the lock file
	Runs string // the directory of run logs

	PlanKey string // what seals the plan files that are made from it
	Backups string // the directory of copies of the database
}

// DefaultPath is where the state of the fleet in dir is kept.
func DefaultPath(dir string) string { return filepath.Join(dir, defaultDir, defaultDB) }

// PathsOf returns the files that belong to the database at db: state.lock, runs/, plan.key and backups/ beside the default
// one; prod.lock, prod.runs/, prod.key and prod.backups/ beside any other, say prod.db, so that states can share a
// directory. A state keeps its files when its directory is moved, or reached by another name: where there are run logs
// decides then. A link to a database stands for that database, with the lock and the logs that are beside it.
func PathsOf(db string) Paths {
	dir, base := filepath.Split(resolved(filepath.Clean(db)))
	stem := dir + strings.TrimSuffix(base, ".db")
	p := Paths{DB: dir + base, Lock: stem + ".lock", Runs: stem + ".runs", PlanKey: stem + ".key", Backups: stem + ".backups"}
	if base != defaultDB {
		return p
	}
	own := p
	own.Runs, own.PlanKey, own.Backups = filepath.Join(dir, "runs"), filepath.Join(dir, defaultKey), filepath.Join(dir, "backups")
	if p.logged() == own.logged() && isDefaultDir(dir) || own.logged() && !p.logged() {
		return own
	}
	return p
}

// resolved is where a link to a file leads, and any other path as it is.
func resolved(path string) string {
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// logged tells whether there are run logs.
func (p Paths) logged() bool {
	ids, err := p.runLogs()
	return err == nil && len(ids) > 0
}

// isDefaultDir tells whether dir is bastion-fleet's own, also where the path to it does not say so.
func isDefaultDir(dir string) bool {
	full, err := filepath.Abs(dir)
	return err == nil && filepath.Base(full) == defaultDir
}

// RunLog is the path of a run's log.
func (p Paths) RunLog(run string) string { return filepath.Join(p.Runs, run+logSuffix) }

// runLogs returns the ids of the runs that have a log, oldest first.
func (p Paths) runLogs() ([]string, error) {
	entries, err := os.ReadDir(p.Runs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the run logs can't be listed: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), logSuffix); ok && CheckRunID(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// makeDir makes the database's directory when it is missing, and closes it to others when it is bastion-fleet's own.
// The directory of a --state FILE is the user's: it is left as it is.
func (p Paths) makeDir() error {
	dir := filepath.Dir(p.DB)
	err := os.Mkdir(dir, dirMode)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the state's directory can't be made: %w", err)
	}
	failpoint.Here("dir-made")
	ours := isDefaultDir(dir)
	if err == nil || ours { // ours may come from a process that died before its name was durable
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return fmt.Errorf("the state's directory can't be made durable: %w", err)
		}
	}
	if !ours {
		return nil
	}
	return tighten(dir, dirMode)
}

// makeOwnDir makes the directory of run logs, or that of backups, durably.
func (p Paths) makeOwnDir(dir string) error {
	if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("a directory of the state can't be made: %w", err)
	}
	return errors.Join(tighten(dir, dirMode), syncDir(filepath.Dir(dir)))
}

// tighten takes from others what mode does not give them: the state names everything that was bought.
func tighten(path string, mode fs.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" || info.Mode().Perm()&^mode == 0 {
		return nil
	}
	if err := os.Chmod(path, info.Mode().Perm()&mode); err != nil {
		return fmt.Errorf("%s is open to others and can't be closed: %w", path, err)
	}
	return nil
}

// syncDir makes the names in dir durable. Tests watch it: nothing short of a power cut would tell that a call is missing.
var syncDir = fsyncDir

// fsyncDir is syncDir's system call. Windows has none and needs none.
func fsyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
