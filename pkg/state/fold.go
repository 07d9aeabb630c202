package state

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Fold is what a run log alone tells.
type Fold struct {
	Run     string
	Lineage string
	Serial  uint64 // the state's, before the run
	Binding Binding
	Records []order.Record // those that the run touched, sorted by address
	Ended   bool           // the run was closed
	Torn    bool           // the last line was cut by a crash; nothing had been promised of it
}

// FoldLog reads a run log and returns what the state holds of the orders that the run touched. It needs nothing
// but the log. A cut last line is left out; any other fault is an error.
func FoldLog(r io.Reader) (Fold, error) {
	f, err := foldLog(r)
	if err != nil {
		return Fold{}, err
	}
	fold := Fold{
		Run: f.header.Run, Lineage: f.header.Lineage, Serial: f.header.Serial, Ended: f.ended(), Torn: f.torn,
		Binding: Binding{Fleet: f.header.Fleet, Account: f.header.Account, Endpoint: f.header.Endpoint},
	}
	for _, record := range f.records {
		fold.Records = append(fold.Records, record)
	}
	slices.SortFunc(fold.Records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	return fold, nil
}

// folded is a run log that was read to its end.
type folded struct {
	header  logHeader
	records map[order.Address]order.Record
	lines   []logLine // those that change records
	lastSeq uint64
	length  int64        // bytes up to the end of the last whole line
	summary *diskSummary // of a run that was closed
	serial  uint64       // the state's at the run's end; what it can have come to at most, where the log does not say it
	torn    bool
}

func foldLog(r io.Reader) (folded, error) {
	f := folded{records: make(map[order.Address]order.Record)}
	err := f.follow(r, f.change)
	return f, err
}

// follow reads a log to its end, checks that its lines follow one another, and gives each to visit.
func (f *folded) follow(r io.Reader, visit func(logLine) error) error {
	for line, err := range f.scan(r) {
		if err == nil {
			err = f.take(line)
		}
		if err == nil {
			err = visit(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", cmp.Or(line.Seq, f.lastSeq+1), err)
		}
	}
	if f.lastSeq == 0 {
		f.torn = true
	}
	return nil
}

// take checks that the line follows those before it.
func (f *folded) take(line logLine) error {
	switch {
	case f.lastSeq == 0:
		if line.Type != lineStarted || line.Header == nil || line.Seq != 1 {
			return errors.New("the log does not begin with its header")
		}
		if line.Header.Version > logVersion {
			return fmt.Errorf("the log is of version %d, this bastion-fleet knows version %d: %w",
				line.Header.Version, logVersion, ErrNewer)
		}
		f.header = *line.Header
	case line.Seq != f.lastSeq+1 && (line.Type != lineRecord || line.Seq <= f.lastSeq):
		return fmt.Errorf("number %d follows %d: lines are missing", line.Seq, f.lastSeq)
	}
	f.lastSeq = line.Seq
	f.summary, f.serial = nil, f.header.Serial+line.Seq // each line raised it by one at most
	if line.Type == lineEnded {
		f.summary, f.serial = line.Summary, cmp.Or(line.Serial, f.serial)
	}
	return nil
}

// ended tells whether the run was closed.
func (f *folded) ended() bool { return f.summary != nil }

// change folds a line into the records.
func (f *folded) change(line logLine) error {
	before, err := f.before(line)
	if err != nil {
		return err
	}
	after, changes, err := line.apply(before)
	if err != nil || !changes {
		return err
	}
	f.records[after.Address] = after
	f.lines = append(f.lines, line)
	return nil
}

// before is the record that a line changes: as the log has it by now, or as the line itself brings it.
func (f *folded) before(line logLine) (order.Record, error) {
	address, err := order.ParseAddress(line.Address)
	if err != nil {
		return order.Record{}, nil // a line of the whole run
	}
	if record, known := f.records[address]; known || line.Before == nil {
		return record, nil
	}
	return line.Before.record()
}
