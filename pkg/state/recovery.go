package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// recovery is what opening a state finds after a program that ended in the middle of a run.
type recovery struct {
	content content                  // with what the logs add
	changed map[order.Address]stored // the records that they changed
	taken   int                      // lines that the database lacked
	serial  uint64                   // what the logs can have brought the state to: each line raised it by one at most
	open    []openRun                // the runs that were never closed
}

// openRun is a run that was never closed.
type openRun struct {
	id      string
	log     folded
	missing bool           // it has no log
	lacking []order.Record // what the database knows of it and the log does not
	lastSeq uint64         // of the log or the database, whichever is further
}

// recoverLogs compares the logs of runs that were never closed with the database and takes in what that lacks. It
// writes nothing: see Store.settle.
func recoverLogs(paths Paths, c content) (recovery, error) {
	r := recovery{content: c, changed: make(map[order.Address]stored)}
	ids, err := paths.runLogs()
	if err != nil {
		return r, err
	}
	if last, known := c.runs[c.head.Run]; known && last.Summary == nil {
		if _, err := os.Stat(paths.RunLog(c.head.Run)); errors.Is(err, fs.ErrNotExist) {
			r.open = append(r.open, openRun{id: c.head.Run, missing: true, lastSeq: c.head.Seq})
		}
	}
	for _, id := range ids {
		if run, known := c.runs[id]; known && run.Summary != nil {
			continue
		}
		if err := r.takeLog(paths, id); err != nil {
			return r, err
		}
	}
	if len(r.open) > 0 {
		r.content.head.Serial++ // as settling it will
	}
	return r, nil
}

// takeLog folds the lines of a run's log that the database lacks into its records.
func (r *recovery) takeLog(paths Paths, id string) error {
	log, err := readLog(paths.RunLog(id))
	if err != nil {
		return err
	}
	if log.lastSeq > 0 && (log.header.Lineage != r.content.head.Lineage || log.header.Run != id) {
		return damaged(paths.RunLog(id), fmt.Sprintf("it is the log of run %s of lineage %s, beside a state of lineage %s",
			log.header.Run, log.header.Lineage, r.content.head.Lineage), nil)
	}
	if err := r.takeRun(paths, id, log); err != nil {
		return err
	}
	var held uint64 // the last line that the database holds
	if r.content.head.Run == id {
		held = r.content.head.Seq
	}
	for _, line := range log.lines {
		if line.Seq <= held {
			continue
		}
		if err := r.takeLine(line); err != nil {
			return damaged(paths.RunLog(id), fmt.Sprintf("its line %d does not fit the state", line.Seq), err)
		}
	}
	run := openRun{id: id, log: log, lastSeq: max(log.lastSeq, held)}
	if held > log.lastSeq {
		run.lacking = r.lacking(id, log)
	}
	r.open = append(r.open, run)
	return nil
}

// takeRun takes in that there was a run, and refuses one that began later than all that is known of the state: what
// came between is in a log that is missing, and to go on would buy it again.
func (r *recovery) takeRun(paths Paths, id string, log folded) error {
	if log.lastSeq == 0 {
		return nil
	}
	before := max(r.serial, r.content.head.Serial)
	r.serial = max(before, log.header.Serial+log.lastSeq)
	if _, known := r.content.runs[id]; known {
		return nil
	}
	if log.header.Serial > before {
		return damaged(paths.RunLog(id), fmt.Sprintf("the run began at serial %d of the state, which has come to %d by all "+
			"logs before: one is missing", log.header.Serial, before), nil)
	}
	r.content.runs[id] = log.header.diskRun
	r.content.head.Serial = r.serial // it must not fall back: plans are told stale by it
	return nil
}

// takeLine folds one line into the records.
func (r *recovery) takeLine(line logLine) error {
	address, err := order.ParseAddress(line.Address)
	if err != nil {
		return err
	}
	before, _ := r.content.records.record(address)
	after, _, err := line.apply(before)
	if err != nil {
		return err
	}
	encoded, err := encodeRecord(after)
	if err != nil {
		return err
	}
	r.content.records.put(encoded.entry)
	r.content.head.Records, r.content.head.Sum = r.content.records.with(nil)
	r.changed[address] = encoded
	r.taken++
	return nil
}

// lacking returns the records that a run changed and whose last change its log lacks.
func (r *recovery) lacking(id string, log folded) []order.Record {
	var records []order.Record
	for _, e := range r.content.records.list {
		logged, known := log.records[e.record.Address]
		if (known || touched(e.record, id)) && !reflect.DeepEqual(e.record, logged) {
			records = append(records, e.record)
		}
	}
	return records
}

// touched tells whether the record holds an intent or a purchase of the run.
func touched(r order.Record, run string) bool {
	if r.Doubt != nil && r.Doubt.Run == run {
		return true
	}
	for _, p := range r.Purchases {
		if p.Run == run {
			return true
		}
	}
	return false
}

// readLog reads the run log at path.
func readLog(path string) (folded, error) {
	file, err := os.Open(path)
	if err != nil {
		return folded{}, fmt.Errorf("the run log can't be read: %w", err)
	}
	log, err := foldLog(file)
	if err = errors.Join(err, file.Close()); err == nil {
		return log, nil
	}
	if errors.Is(err, ErrNewer) {
		return folded{}, newer(path, err.Error())
	}
	return folded{}, damaged(path, "the run log can't be followed", err)
}
