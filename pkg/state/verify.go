package state

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Verification is what Verify looked at, in numbers, and what it found wrong.
type Verification struct {
	Fleet   string
	Lineage string
	Serial  uint64

	Records   int // orders that the state knows
	Purchases int
	IDs       int // buyIds, sourceIds and bids of those
	InDoubt   int // orders
	Runs      int // run logs
	Lines     int // of those
	Backups   int
	Recovered int // lines of run logs and rescue files that the next command that writes takes into the database

	Problems []error // each a *[Error]; none in a sound state
}

// Fresh tells whether there is no state to verify.
func (v Verification) Fresh() bool { return v.Lineage == "" && len(v.Problems) == 0 }

// Verify checks everything that must hold of the state at path, and writes nothing. It reads the database with its pages,
// seals and sums, each record by the rules of [Snapshot.Problems], every run log from the first on, which together must
// tell the very records that the database holds, so that each of the two can restore the other, and the backups. An
// error means that it could not look, as when another process writes the state.
func Verify(path string) (_ Verification, err error) {
	v := verifier{paths: PathsOf(path)}
	unlock, err := shareLock(v.paths.Lock)
	if err != nil {
		return Verification{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	fresh, err := v.paths.fresh()
	if fresh || err != nil && !errors.Is(err, ErrLost) {
		return Verification{}, err
	}
	if err != nil {
		v.problem(err)
	} else if err := v.database(); err != nil {
		return v.Verification, err
	}
	if err := v.logs(); err != nil {
		return v.Verification, err
	}
	return v.Verification, v.backups()
}

// A verifier collects what Verify finds.
type verifier struct {
	Verification
	paths   Paths
	content *content // nil where the database can't be read
	lacking []order.Record
	settles bool // the next command that writes completes a log
}

func (v *verifier) problem(err error) { v.Problems = append(v.Problems, err) }

// inconsistent notes what is wrong with the file at path, though it can be read.
func (v *verifier) inconsistent(path, reason string) {
	v.problem(&Error{
		Kind: ErrInconsistent, Path: path, Reason: reason,
		Remedy: "Buy nothing with it. Keep the file and the run logs beside it, and report this: bastion-fleet wrote what it must not, " +
			"or something else did.",
	})
}

// database checks the database alone, with what the logs of runs that were never closed add to it.
func (v *verifier) database() error {
	c, err := readDB(v.paths)
	if held, ok := errors.AsType[*HeldError](err); ok {
		return held
	}
	if err != nil {
		v.problem(err)
		return nil
	}
	r, err := recoverLogs(v.paths, c)
	if err != nil {
		v.problem(err)
		return nil
	}
	v.content, v.Recovered = &r.content, r.taken
	if err := v.rescued(); err != nil {
		return err
	}
	for _, run := range r.open {
		v.lacking = append(v.lacking, run.lacking...)
		v.settles = v.settles || run.unfinished()
	}
	s := r.content.snapshot(r.taken)
	v.Fleet, v.Lineage, v.Serial = s.Binding.Fleet, s.Lineage, s.Serial
	v.count(s)
	for _, problem := range s.Problems() {
		v.inconsistent(v.paths.DB, problem.Error())
	}
	return nil
}

// rescued checks what earlier runs kept where they could not record it.
func (v *verifier) rescued() error {
	files, err := v.paths.rescueFiles()
	if err != nil {
		return err
	}
	for _, path := range files {
		lacking, err := v.content.lackingOf(path)
		if err != nil {
			v.problem(err)
		}
		v.Recovered += len(lacking)
	}
	return nil
}

// count fills in what there is of records.
func (v *verifier) count(s Snapshot) {
	v.Records = len(s.Records)
	for i := range s.Records {
		r := &s.Records[i]
		if r.Doubt != nil {
			v.InDoubt++
		}
		v.Purchases += len(r.Purchases)
		for j := range r.Purchases {
			p := &r.Purchases[j]
			v.IDs += len(p.SourceIDs) + len(p.BIDs)
			if p.BuyID != "" {
				v.IDs++
			}
		}
	}
}

// logs checks the run logs, each for itself and then all of them against the database.
func (v *verifier) logs() error {
	ids, err := v.paths.runLogs()
	if err != nil {
		return err
	}
	r := newReplay(v.paths)
	whole := !v.lost(ids)
	history, chain := v.paths.split(v.paths.bySerial(ids))
	for _, id := range chain {
		if !whole { // what came before it is not known, but it can still be damaged itself
			_, err = readHeadings(v.paths.RunLog(id))
		} else {
			err = r.take(id)
		}
		if err != nil {
			whole = false
			v.problem(err)
		}
	}
	for _, id := range history {
		if err := r.takeHistory(id); err != nil {
			v.problem(err)
		}
	}
	v.Runs, v.Lines = len(ids)-r.strays, r.lines
	if v.content != nil && whole {
		v.compare(r)
	}
	return nil
}

// lost notes the logs that are gone of runs that the database knows, and tells whether there are any for which no later
// one began anew: what it holds of them it holds alone, and the logs that are there can't be followed from one to the next.
func (v *verifier) lost(ids []string) bool {
	if v.content == nil {
		return false
	}
	before := len(v.Problems)
	for _, id := range slices.Sorted(maps.Keys(v.content.runs)) {
		if !slices.Contains(ids, id) && !v.content.runs[id].LogLost {
			v.problem(lostLog(v.paths.RunLog(id)))
		}
	}
	return len(v.Problems) > before
}

// compare holds what all run logs tell against the database.
func (v *verifier) compare(r *replay) {
	for _, record := range v.lacking { // the next command that writes puts them into the log
		r.records[record.Address] = record
	}
	lost := false
	for _, id := range slices.Sorted(maps.Keys(v.content.runs)) {
		if _, logged := r.runs[id]; !logged && !v.content.runs[id].LogLost {
			lost = true
			v.problem(lostLog(v.paths.RunLog(id)))
		}
	}
	if lost {
		return // what only it tells can't be compared
	}
	if r.head.Lineage != v.content.head.Lineage && len(r.runs) > 0 {
		v.problem(foreignLog(v.paths.RunLog(r.head.Run), logHeader{diskRun: diskRun{Run: r.head.Run}, Lineage: r.head.Lineage}, v.content.head.Lineage))
		return
	}
	if h := v.content.head; !v.settles && !r.serials.contain(h.Serial) {
		v.problem(damagedLog(v.paths.RunLog(r.head.Run), fmt.Sprintf("the run logs lead to serial %d of the state, which is at %d", r.serials.most, h.Serial), nil))
	}
	for _, problem := range differences(v.content.records.list, r.records) {
		v.inconsistent(v.paths.DB, problem)
	}
}

// lostLog is the error of a run log that is gone.
func lostLog(path string) error {
	return &Error{
		Kind: ErrDamaged, Path: path, Reason: "the run log is gone: without it the run logs can't restore the database",
		Remedy: "Put it back, if there is a copy of it. If not, go on: the database holds all that it told, and the log of the next run " +
			"that buys or records something begins with all of it. Until then backups alone could restore the database; make one: " +
			"bastion-fleet state backup.",
	}
}

// differences says of which orders the database and the run logs tell different things, by address.
func differences(known []*entry, logged map[order.Address]order.Record) []string {
	different := make([]string, len(known))
	inParallel(len(known), func(i int) {
		record := &known[i].record
		switch other, found := logged[record.Address]; {
		case !found:
			different[i] = fmt.Sprintf("%s is in the database and in no run log", record.Address)
		case !reflect.DeepEqual(*record, other):
			different[i] = fmt.Sprintf("the database and the run logs tell different things of %s", record.Address)
		}
	})
	inDB := make(map[order.Address]struct{}, len(known))
	for _, e := range known {
		inDB[e.record.Address] = struct{}{}
	}
	for address := range logged {
		if _, found := inDB[address]; !found {
			different = append(different, fmt.Sprintf("%s is in a run log and not in the database", address))
		}
	}
	different = slices.DeleteFunc(different, func(s string) bool { return s == "" })
	slices.Sort(different)
	return different
}

// backups checks that each copy of the database can be read and is one of this state.
func (v *verifier) backups() error {
	names, err := v.paths.backupNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(v.paths.Backups, name)
		c, err := readBackup(path)
		if err == nil && v.content != nil && c.head.Lineage != v.content.head.Lineage {
			err = foreignBackup(path, c.head.Lineage, v.content.head.Lineage)
		}
		if err != nil {
			v.problem(err)
		}
	}
	v.Backups = len(names)
	return nil
}

// foreignBackup is the error of a copy of another state.
func foreignBackup(path, lineage, own string) error {
	return &Error{
		Kind: ErrForeign, Path: path, Reason: fmt.Sprintf("it is a copy of a state of lineage %s, not of %s", lineage, own),
		Remedy: "Move it away, or give another: what it holds belongs to another state.",
	}
}
