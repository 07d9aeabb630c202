package state

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
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
		Run: f.header.Run, Lineage: f.header.Lineage, Serial: f.header.Serial, Ended: f.ended, Torn: f.torn,
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
	length  int64 // bytes up to the end of the last whole line
	ended   bool
	torn    bool
}

func foldLog(r io.Reader) (folded, error) {
	f := folded{records: make(map[order.Address]order.Record)}
	for line, err := range f.scan(r) {
		if err == nil {
			err = f.take(line)
		}
		if err != nil {
			return f, fmt.Errorf("line %d: %w", f.lastSeq+1, err)
		}
	}
	if f.lastSeq == 0 {
		f.torn = true
	}
	return f, nil
}

// scan yields the whole lines of a log, and an error for a broken one that others follow.
func (f *folded) scan(r io.Reader) iter.Seq2[logLine, error] {
	return func(yield func(logLine, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		for {
			text, err := readLine(in)
			if errors.Is(err, io.EOF) && len(text) == 0 {
				return
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(logLine{}, err)
				return
			}
			line, lineErr := decodeLine(text)
			if lineErr == nil && !yield(line, nil) {
				return
			}
			if lineErr != nil {
				f.torn = true
				if !endsBroken(in) {
					yield(logLine{}, lineErr)
				}
				return
			}
			f.length += int64(len(text))
		}
	}
}

// readLine returns the next line with its newline, or what is left of it with io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
		if len(text) > maxLine {
			return nil, errors.New("the line is too long")
		}
	}
}

func decodeLine(text []byte) (logLine, error) {
	sealed, whole := bytes.CutSuffix(text, []byte("\n"))
	if !whole {
		return logLine{}, errors.New("the line is cut")
	}
	if _, err := unseal(sealed); err != nil {
		return logLine{}, err
	}
	var line logLine
	err := json.Unmarshal(sealed, &line)
	return line, err
}

// endsBroken tells whether no whole line follows, as after a crash: what one group of entries wrote may have reached
// the disk in any part. A whole line after a broken one means that the log was damaged later.
func endsBroken(in *bufio.Reader) bool {
	for {
		text, err := readLine(in)
		if _, broken := decodeLine(text); broken == nil {
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// take folds one line.
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
	f.ended = line.Type == lineEnded
	return f.change(line)
}

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
