package state

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

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
	at      time.Time     // of the last line
	length  int64         // bytes up to the end of the last whole line
	summary *diskSummary  // of a run that was closed
	waves   []WaveSummary // those that the run's notes tell of, for a run that was not
	former  []diskRun     // those that a log that begins anew tells of
	serials serials       // what the state has come to with the run
	group   uint64        // what the last line that changes a record says was synced: the lines of a commit say the same
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
	f.lastSeq, f.at, f.summary = line.Seq, line.At, nil
	switch {
	case line.Type == lineEnded:
		f.summary = line.Summary
	case line.Note != nil:
		f.waves = line.Note.wave(f.waves)
	case line.Run != nil:
		f.former = append(f.former, *line.Run)
	}
	f.count(line)
	return nil
}

// wave adds to the waves what the note tells of one. A wave that began and did not end was cut short.
func (d *diskNote) wave(waves []WaveSummary) []WaveSummary {
	switch d.Kind {
	case NoteWaveStarted:
		return append(waves, WaveSummary{Name: d.Wave, End: endCutShort})
	case NoteBaking:
		if w := waveNamed(waves, d.Wave); w != nil {
			w.Baked = true // until its end, if it came to one
		}
	case NoteWaveEnded:
		if w := waveNamed(waves, d.Wave); w != nil {
			w.End = d.End
			return waves
		}
		return append(waves, WaveSummary{Name: d.Wave, End: d.End})
	}
	return waves
}

func waveNamed(waves []WaveSummary, name string) *WaveSummary {
	i := slices.IndexFunc(waves, func(w WaveSummary) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return &waves[i]
}

// serials are those between which the state's is: both are the same, except after a log of version 1.
type serials struct{ least, most uint64 }

func exactly(serial uint64) serials { return serials{serial, serial} }

func (s serials) contain(serial uint64) bool { return s.least <= serial && serial <= s.most }

// count counts the commits of the run: one for its beginning, one for each group of lines that change records, one for
// its end. To count lines instead would hide that the end of a log was cut off. A line of version 1 does not say where its
// group begins.
func (f *folded) count(line logLine) {
	switch {
	case line.Type == lineStarted:
		f.serials = exactly(f.header.Serial + 1)
	case f.beganWith(line): // no commit: it was known before the run
	case line.Type == lineEnded && line.Serial > 0:
		f.serials = exactly(line.Serial)
	case line.Type == lineEnded:
		f.serials = serials{f.serials.least + 1, f.serials.most + 1}
	case !line.changesRecord():
	case line.Synced == 0:
		f.serials = serials{max(f.serials.least, f.header.Serial+2), f.serials.most + 1}
	case line.Synced != f.group:
		f.serials = serials{f.serials.least + 1, f.serials.most + 1}
		f.group = line.Synced
	}
}

// ended tells whether the run was closed.
func (f *folded) ended() bool { return f.summary != nil }

// change folds a line into the records.
func (f *folded) change(line logLine) error {
	address, err := order.ParseAddress(line.Address)
	if err != nil {
		return nil // a line of the whole run
	}
	before, err := f.before(address, line.Before)
	if err != nil {
		return err
	}
	c, changes, err := line.apply(before, func(a order.Address) (order.Record, error) { return f.before(a, line.Move.Before) })
	if err != nil || !changes {
		return err
	}
	f.records[c.after.Address] = c.after
	if c.left != nil {
		f.records[c.left.Address] = *c.left
	}
	f.lines = append(f.lines, line)
	return nil
}

// before is the record that a line changes: as the log has it by now, or as the line itself brings it.
func (f *folded) before(a order.Address, brought *diskRecord) (order.Record, error) {
	if record, known := f.records[a]; known || brought == nil {
		return record, nil
	}
	return brought.record()
}
