package state

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A RunLog is the log of a run, for reading. It takes no lock: the log of a run that is under way can be read while it grows.
type RunLog struct {
	Info     RunInfo
	Lineage  string
	Fleet    string
	Endpoint string

	paths  Paths
	path   string
	header logHeader
}

// An Entry is a line of a run log. Of the pointers at most one is set; all it leads to is the reader's own.
type Entry struct {
	Seq     uint64 // its number: 2 and up, growing
	At      time.Time
	Address order.Address // zero: it is of the whole run
	Intent  *order.Intent
	Outcome *order.Outcome
	Note    *Note
	Moved   *order.Move   // a record changed its address
	Removed bool          // a record was removed: the files no longer have its order
	Record  *order.Record // a record that the log had to be given anew, as after a crash
	Ended   *RunSummary   // the run's end: no entry follows, unless the log was completed after a crash
}

// ReadRunLog opens the log of a run of the state at path. Where there is none, the error wraps fs.ErrNotExist; a log that
// is damaged or of a later version is refused as opening the state refuses it.
func ReadRunLog(path, id string) (*RunLog, error) {
	if err := CheckRunID(id); err != nil {
		return nil, err
	}
	l := &RunLog{paths: PathsOf(path)}
	l.path = l.paths.RunLog(id)
	file, err := l.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var f folded
	head, err := bufio.NewReaderSize(file, maxHeader).ReadSlice('\n')
	if err == nil {
		err = f.follow(bytes.NewReader(head), func(logLine) error { return nil })
	}
	switch h := f.header; {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, refusedLog(l.path, err)
	case f.lastSeq == 0:
		return nil, fmt.Errorf("%s: the run never began: %w", l.path, fs.ErrNotExist)
	case h.Run != id:
		return nil, foreignLog(l.path, h, h.Lineage)
	default:
		l.header, l.Info = h, h.record().RunInfo
		l.Lineage, l.Fleet, l.Endpoint = h.Lineage, h.Fleet, h.Endpoint
		return l, nil
	}
}

func (l *RunLog) open() (*os.File, error) {
	file, err := os.Open(l.path)
	if err != nil {
		return nil, fmt.Errorf("the run log can't be read: %w", err)
	}
	return file, nil
}

// Entries yields what the log holds now, without its header. A last line that is cut is left out: it is being written, or was
// when the program died. Any other fault is yielded as an error, and ends it.
func (l *RunLog) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		file, err := l.open()
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer func() { _ = file.Close() }()
		l.read(new(folded), file, yield)
	}
}

// followInterval is how often a log that has not grown is looked at.
const followInterval = 250 * time.Millisecond

// Follow is Entries that goes on as the log grows, until the run has ended. It also ends, without a word, with ctx, and when
// the run's program has died: then no entry with Ended came, and none will before another command closes the run.
func (l *RunLog) Follow(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		file, err := l.open()
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer func() { _ = file.Close() }()
		var f folded
		for {
			running, size := l.underWay(), sizeOf(file) // before it is read: one that is not has written all it will
			if !l.read(&f, file, yield) || f.ended() || !running {
				return
			}
			for l.underWay() && sizeOf(file) == size {
				select {
				case <-ctx.Done():
					return
				case <-time.After(followInterval):
				}
			}
		}
	}
}

// sizeOf is a file's length, in bytes; -1 where it can't be told.
func sizeOf(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return -1
	}
	return info.Size()
}

// underWay tells whether a process that holds the state makes the run.
func (l *RunLog) underWay() bool {
	id, _, running := runningRun(l.paths)
	return running && id == l.Info.ID
}

// read yields the whole lines that follow those that f has taken, and tells whether more may be read.
func (l *RunLog) read(f *folded, file *os.File, yield func(Entry, error) bool) bool {
	f.torn = false
	stopped := errors.New("stopped")
	err := f.follow(io.NewSectionReader(file, f.length, 1<<62-f.length), func(line logLine) error {
		e, err := line.entry()
		if err == nil && line.Type != lineStarted && !yield(e, nil) {
			err = stopped
		}
		return err
	})
	if err == nil {
		return true
	}
	if !errors.Is(err, stopped) {
		yield(Entry{}, refusedLog(l.path, err))
	}
	return false
}

// entry is the line as readers see it.
func (l *logLine) entry() (e Entry, err error) {
	e = Entry{Seq: l.Seq, At: l.At}
	if l.Type == lineNote && l.Note != nil {
		e.Note = l.Note.note(l.At, l.Address)
	}
	if l.Address != "" {
		if e.Address, err = order.ParseAddress(l.Address); err != nil {
			return e, err
		}
	}
	switch {
	case l.Type == lineIntent && l.Intent != nil:
		e.Intent = new(l.Intent.intent(e.Address))
	case l.Type == lineOutcome && l.Outcome != nil:
		e.Outcome = new(l.Outcome.outcome(e.Address))
	case l.Type == lineMoved && l.Move != nil:
		e.Moved = &order.Move{To: e.Address}
		e.Moved.From, err = order.ParseAddress(l.Move.From)
	case l.Type == lineRemoved:
		e.Removed = true
	case l.Type == lineRecord && l.Record != nil:
		var record order.Record
		record, err = l.Record.record()
		e.Record = &record
	case l.Type == lineEnded:
		e.Ended = l.Summary.summary()
	}
	return e, err
}
