package state

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// recovery is what opening a state finds after a program that ended in the middle of a run.
type recovery struct {
	content content // with what the logs add; its head's serial is the most that serials allow
	serials serials
	changed map[order.Address]stored // the records that they changed
	taken   int                      // lines that the database lacked
	open    []openRun                // the runs that the database does not know as closed
	strays  []string                 // logs of runs that never were: their maker died before it had written what they begin with
}

// openRun is a run that the database does not know as closed.
type openRun struct {
	id      string
	log     folded
	missing bool           // it has no log
	lacking []order.Record // what the database knows of it and the log does not
	lastSeq uint64         // of the log or the database, whichever is further
}

// unfinished tells whether the run's log has to be completed. That of a run that was closed after the database was
// copied says all.
func (o openRun) unfinished() bool { return !o.log.ended() || len(o.lacking) > 0 }

// recoverLogs compares the logs of runs that were never closed with the database and takes in what that lacks. It
// writes nothing: see Store.settle.
func recoverLogs(paths Paths, c content) (recovery, error) {
	r := recovery{content: c, serials: exactly(c.head.Serial), changed: make(map[order.Address]stored)}
	if err := belongs(paths, c.head); err != nil { // before its logs are called another's
		return r, err
	}
	ids, err := paths.runLogs()
	if err != nil {
		return r, err
	}
	if last, known := c.runs[c.head.Run]; known && last.Summary == nil {
		if _, err := os.Stat(paths.RunLog(c.head.Run)); errors.Is(err, fs.ErrNotExist) {
			r.open = append(r.open, openRun{id: c.head.Run, missing: true, lastSeq: c.head.Seq})
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		run, known := c.runs[id]
		return known && run.Summary != nil
	})
	for _, id := range paths.bySerial(ids) {
		if err := r.takeLog(paths, id); err != nil {
			return r, err
		}
	}
	if slices.ContainsFunc(r.open, openRun.unfinished) {
		r.content.head.Serial++ // as settling it will
	}
	for _, run := range r.open {
		known := r.content.runs[run.id]
		known.Run, known.Summary = run.id, run.log.end(known.Started)
		r.content.runs[run.id] = known
	}
	return r, reached(paths, r.content.head)
}

// belongs refuses a database that is not the one that the lock file knows.
func belongs(paths Paths, h head) error {
	note := readLockNote(paths.Lock)
	if note.Lineage == "" || note.Lineage == h.Lineage {
		return nil
	}
	return &Error{
		Kind: ErrLost, Path: paths.DB,
		Reason: fmt.Sprintf("it is of lineage %s, and the state that was used here of %s", h.Lineage, note.Lineage),
		Remedy: "Put the state back that was here. " + remedyRestore + " If this is the one to use from now on, move " + paths.Lock +
			" away, and what run logs of the other are in " + paths.Runs + ".",
	}
}

// reached refuses a database that, with all that its logs add, has not come as far as the one that the lock file knows:
// what was bought meanwhile would be bought again.
func reached(paths Paths, h head) error {
	if note := readLockNote(paths.Lock); note.Lineage == h.Lineage && note.Serial > h.Serial {
		return &Error{
			Kind: ErrOlder, Path: paths.DB,
			Reason: fmt.Sprintf("with all run logs that are here it has come to serial %d, and was at %d", h.Serial, note.Serial),
			Remedy: "Put the run logs back that are missing, or a newer copy of the database. If there is none, move " + paths.Lock +
				" away, and look in the console for what was bought since: it is not known here.",
		}
	}
	return nil
}

// takeLog folds the lines of a run's log that the database lacks into its records.
func (r *recovery) takeLog(paths Paths, id string) error {
	path := paths.RunLog(id)
	log, err := readLog(path)
	if err != nil {
		return err
	}
	if _, known := r.content.runs[id]; !known && !log.begun() {
		r.strays = append(r.strays, path)
		return nil
	}
	if log.lastSeq > 0 && (log.header.Lineage != r.content.head.Lineage || log.header.Run != id) {
		return foreignLog(path, log.header, r.content.head.Lineage)
	}
	if err := r.takeRun(path, id, log); err != nil {
		return err
	}
	var held uint64 // the last line that the database holds
	if r.content.head.Run == id {
		held = r.content.head.Seq
	}
	if err := r.takeLines(path, log, held); err != nil {
		return err
	}
	run := openRun{id: id, log: log, lastSeq: max(log.lastSeq, held)}
	if held > log.lastSeq {
		run.lacking = r.lacking(id, log)
	}
	r.open = append(r.open, run)
	return nil
}

// foreignLog is the error of a log that belongs to another state, or to another run than its name says.
func foreignLog(path string, h logHeader, lineage string) error {
	e := &Error{Kind: ErrDamaged, Path: path, Reason: fmt.Sprintf("it is the log of run %s of lineage %s, beside a state of lineage %s", h.Run, h.Lineage, lineage)}
	e.Remedy = "One of the two belongs elsewhere. If it is the log, move it away. If it is the database, put the right one in its place: " +
		remedyRestore
	if h.Lineage == lineage {
		e.Reason = fmt.Sprintf("it is the log of run %s under the name of another", h.Run)
		e.Remedy = fmt.Sprintf("Give it its name, %s%s, unless that log is there: then move this one away.", h.Run, logSuffix)
	}
	return e
}

// takeRun takes in that there was a run, and what serial it brought the state to.
func (r *recovery) takeRun(path, id string, log folded) error {
	if !log.begun() {
		return nil
	}
	if _, known := r.content.runs[id]; known {
		had := r.serials // it must not fall back: plans are told stale by it
		r.serials = serials{max(had.least, log.serials.least), max(had.most, log.serials.most)}
	} else {
		if err := follows(path, log.header, r.serials); err != nil {
			return err
		}
		r.content.runs[id] = log.header.diskRun
		r.serials = log.serials
	}
	r.content.head.Serial = r.serials.most
	return nil
}

// follows refuses the log of a run that did not begin at the serial to which all runs before have brought the state. A
// later one means that what came between is in a log that is missing or was cut, and to go on would buy it again; an
// earlier one, that two runs went on from one version of the state.
func follows(path string, h logHeader, come serials) error {
	switch {
	case h.Serial > come.most:
		return damagedLog(path, fmt.Sprintf("the run began at serial %d of the state, which has come to %d by all logs before: "+
			"one is missing, or its end is", h.Serial, come.most), nil)
	case h.Serial < come.least:
		return damagedLog(path, fmt.Sprintf("the run began at serial %d of the state, which has come to %d without it: two copies "+
			"of the state were used", h.Serial, come.least), nil)
	}
	return nil
}

// takeLines folds the lines after the first so many into the records. Those that a log began anew with tell what was known
// before its run.
func (r *recovery) takeLines(path string, log folded, held uint64) error {
	for _, line := range log.lines {
		if line.Seq <= held {
			continue
		}
		take := r.takeLine
		if log.beganWith(line) {
			take = r.knew
		}
		if err := take(line); err != nil {
			return damagedLog(path, fmt.Sprintf("its line %d does not fit the state", line.Seq), err)
		}
	}
	return nil
}

// knew checks that the line is a record, and the one that is known of its order.
func (r *recovery) knew(line logLine) error {
	if line.Type != lineRecord || line.Record == nil {
		return errors.New("it is none of the records that the log ought to begin with")
	}
	logged, err := line.Record.record()
	if err != nil {
		return err
	}
	if known, _ := r.content.records.record(logged.Address); !reflect.DeepEqual(logged, known) {
		return errOtherBefore
	}
	return nil
}

// takeLine folds one line into the records.
func (r *recovery) takeLine(line logLine) error {
	address, err := order.ParseAddress(line.Address)
	if err != nil {
		return err
	}
	before, _ := r.content.records.record(address)
	c, _, err := line.apply(before, func(a order.Address) (order.Record, error) {
		record, _ := r.content.records.record(a)
		return record, nil
	})
	if err != nil {
		return err
	}
	r.taken++
	if c.left != nil {
		if err := r.put(*c.left); err != nil {
			return err
		}
	}
	return r.put(c.after)
}

// put takes a record over that a line has changed.
func (r *recovery) put(record order.Record) error {
	encoded, err := encodeRecord(record)
	if err != nil {
		return err
	}
	r.content.records.put(encoded.entry)
	r.content.head.Records, r.content.head.Sum = r.content.records.with(nil)
	r.changed[record.Address] = encoded
	return nil
}

// lacking returns the records that a run changed and whose last change its log lacks.
func (r *recovery) lacking(id string, log folded) []order.Record {
	var records []order.Record
	for _, e := range r.content.records.list {
		logged, known := log.records[e.record.Address]
		touched := touched(e.record, id) || !e.record.UpdatedAt.Before(log.header.Started) // one that failed names no run
		if (known || touched) && !reflect.DeepEqual(e.record, logged) {
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
	log := folded{records: make(map[order.Address]order.Record)}
	return log, log.readFile(path, log.change)
}

// readFile is follow with the log at path.
func (f *folded) readFile(path string, visit func(logLine) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the run log can't be read: %w", err)
	}
	if err := errors.Join(f.follow(file, visit), file.Close()); err != nil {
		return refusedLog(path, err)
	}
	return nil
}

// refusedLog is the error of the log at path, which can't be followed.
func refusedLog(path string, err error) error {
	if errors.Is(err, ErrNewer) {
		return newer(path, err.Error())
	}
	return damagedLog(path, "the run log can't be followed", err)
}

// bySerial sorts runs by the version of the state that they began at. Their ids alone would not do: they sort by the
// clock, which may have been set back, and its seconds.
func (p Paths) bySerial(ids []string) []string {
	serials := make(map[string]uint64, len(ids))
	for _, id := range ids {
		h, _ := p.headerOf(id)
		serials[id] = h.Serial
	}
	return slices.SortedFunc(slices.Values(ids), func(a, b string) int {
		return cmp.Or(cmp.Compare(serials[a], serials[b]), cmp.Compare(a, b))
	})
}

// headerOf reads no more of a run's log than its header, and tells whether it could: reading all of it will tell why not.
func (p Paths) headerOf(id string) (h logHeader, known bool) {
	file, err := os.Open(p.RunLog(id))
	if err != nil {
		return h, false
	}
	defer func() { _ = file.Close() }()
	text, _ := bufio.NewReaderSize(file, maxHeader).ReadSlice('\n')
	s := scanner{names: make(map[string]string)}
	line, err := s.decodeLine(text)
	if err != nil || line.Header == nil {
		return h, false
	}
	return *line.Header, true
}
