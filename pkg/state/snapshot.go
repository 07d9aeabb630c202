package state

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Snapshot is what the state holds at one moment.
type Snapshot struct {
	Lineage string // which state; empty when there is none yet
	Serial  uint64 // which version of it
	Binding Binding
	Records []order.Record // sorted by address
	// Recovered counts the log lines that the database lacked, because a program ended between two syncs. The
	// records hold them.
	Recovered int
	// Copied tells that the database is neither the file that the last run with RunInfo.LookedOver wrote, nor the one that
	// was made: it is a copy, or was put back, and another one may know of purchases that this one lacks. Not known on
	// systems other than Unix.
	Copied bool

	plans map[string]string
	runs  map[string]diskRun
}

// Fresh tells whether nothing was ever bought here: there is no state yet.
func (s Snapshot) Fresh() bool { return s.Lineage == "" }

// UsedPlan returns the run that applied the plan with the given id, and whether one did.
func (s Snapshot) UsedPlan(id string) (run string, used bool) {
	run, used = s.plans[id]
	return run, used
}

// Read returns what the state at path holds, and keeps nothing open. It writes nothing. A place where there never
// was a state gives a fresh snapshot; every other lack of one is an error, see this package's sentinels.
func Read(path string) (_ Snapshot, err error) {
	paths := PathsOf(path)
	unlock, err := shareLock(paths.Lock)
	if err != nil {
		return Snapshot{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()

	fresh, err := paths.fresh()
	if err != nil || fresh {
		return Snapshot{}, err
	}
	c, err := readDB(paths)
	if err != nil {
		return Snapshot{}, err
	}
	r, err := recoverLogs(paths, c)
	if err != nil {
		return Snapshot{}, err
	}
	if err := r.foresee(paths); err != nil {
		return Snapshot{}, err
	}
	return r.content.snapshot(r.taken), nil
}

// readDB returns all that the database holds, and keeps nothing open.
func readDB(paths Paths) (_ content, err error) {
	db, held, err := openDB(paths.DB, true)
	if err != nil {
		if busy, ok := errors.AsType[*HeldError](err); ok {
			busy.Holder = readHolder(paths.Lock)
		}
		return content{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return load(db, held)
}

// fresh tells whether there never was a state. A database that is missing where one was is an error.
func (p Paths) fresh() (bool, error) {
	_, err := os.Stat(p.DB)
	if err == nil {
		return false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("the state can't be read: %w", err)
	}
	runs, err := p.runLogs()
	if err != nil {
		return false, err
	}
	rescued, err := p.rescueFiles()
	if err != nil {
		return false, err
	}
	copies, err := p.backupNames()
	if err != nil {
		return false, err
	}
	lineage := readLockNote(p.Lock).Lineage
	if lineage == "" && len(runs)+len(rescued)+len(copies) == 0 {
		return true, nil
	}
	return false, &Error{
		Kind: ErrLost, Path: p.DB,
		Reason: "the file is missing, but there was one: " + p.trace(len(runs), rescued, copies),
		Remedy: remedyRestore + " If nothing that was bought matters any more, move " +
			p.Lock + ", " + p.Runs + " and " + p.Backups + " away too.",
	}
}

// trace is what tells of a database that is missing.
func (p Paths) trace(runs int, rescued, copies []string) string {
	switch {
	case runs == 1:
		return "1 run log in " + p.Runs
	case runs > 1:
		return fmt.Sprintf("%d run logs in %s", runs, p.Runs)
	case len(rescued) > 0:
		return rescued[0] + " holds what it could not record"
	case len(copies) > 0:
		return filepath.Join(p.Backups, copies[len(copies)-1]) + " is a copy of it"
	default:
		return p.Lock + " names its lineage"
	}
}

func (c *content) snapshot(recovered int) Snapshot {
	plans := make(map[string]string)
	for id, run := range c.runs {
		if run.PlanID != "" {
			plans[run.PlanID] = id
		}
	}
	return Snapshot{
		Lineage: c.head.Lineage, Serial: c.head.Serial, Binding: c.head.binding(),
		Records: c.records.sorted(), Recovered: recovered, Copied: c.copied, plans: plans, runs: maps.Clone(c.runs),
	}
}
