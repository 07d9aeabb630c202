package state

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/failpoint"
)

// logFile is the file of a run log, as far as the journal needs it.
type logFile interface {
	io.Writer
	// Reserve makes sure that n bytes more can be written, whatever else fills the disk. After an error the log is as
	// it was, with the room that it had.
	Reserve(n int) error
	Sync() error
	Close() error
}

// logRoom is what a log keeps free for the outcomes of the calls in flight, in bytes: when the disk is full, or the
// database fails, they still find their place. It is a thousand outcomes, as many as calls can be in flight.
const logRoom = 1 << 20

// runLogFile is a run log that keeps room for itself.
type runLogFile struct {
	*os.File
	size, reserved int64
}

func (f *runLogFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.size += int64(n)
	return n, err
}

func (f *runLogFile) Reserve(n int) error {
	if f.reserved-f.size >= int64(n) {
		return nil
	}
	more := int64(n) + logRoom // in steps, for each is a call
	if err := reserve(f.File, f.size, more); err != nil {
		return err
	}
	f.reserved = f.size + more
	return nil
}

// Close gives the room back that was not needed.
func (f *runLogFile) Close() error {
	return errors.Join(f.File.Truncate(f.size), f.File.Close())
}

// begin writes a log's header, and then the other lines that it begins with, if there are any: nothing may be left of those
// without the header.
func (f *runLogFile) begin(header, more []byte) error {
	if err := f.Reserve(len(header) + len(more) + logRoom); err != nil {
		return err
	}
	if _, err := f.Write(header); err != nil || len(more) == 0 {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	failpoint.Here("log-anew")
	_, err := f.Write(more)
	return err
}

// createLog makes the log of a new run, durable with what it begins with because of the lost ones.
func (s *Store) createLog(h logHeader, lost []diskRun) (logFile, holding, error) {
	header, err := encodeLine(logLine{Seq: 1, Type: lineStarted, At: h.Started, Header: &h})
	if err != nil {
		return nil, holding{}, err
	}
	beginning, err := s.content.beginning(h, lost)
	if err != nil {
		return nil, holding{}, err
	}
	if err := s.paths.makeOwnDir(s.paths.Runs); err != nil {
		return nil, holding{}, err
	}
	path := s.paths.RunLog(h.Run)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, fileMode)
	if err != nil {
		return nil, holding{}, fmt.Errorf("the run log can't be made: %w", err)
	}
	failpoint.Here("log-created")
	log := &runLogFile{File: file}
	held, err := newHolding(path, file)
	if err == nil {
		err = log.begin(header, beginning)
	}
	failpoint.Here("log-begun")
	if err = errors.Join(err, file.Sync(), syncDir(s.paths.Runs)); err != nil {
		// Nothing was promised of the run yet: without its log it never was.
		return nil, holding{}, fmt.Errorf("the run log can't be written: %w", errors.Join(err, file.Close(), os.Remove(path)))
	}
	failpoint.Here("log-named")
	return log, held, nil
}

// header is the first line's content in the log of a run that starts now.
func (s *Store) header(started diskRun) logHeader {
	h := s.content.head
	started.Version, started.Serial = logVersion, h.Serial
	return logHeader{diskRun: started, Lineage: h.Lineage, Fleet: h.Fleet, Account: h.Account, Endpoint: h.Endpoint}
}

// settle writes down what recoverLogs found: first into the logs, then into the database, which afterwards looks
// at these logs no more. Dying in between repeats it.
func (s *Store) settle(r *recovery) error {
	for _, path := range r.strays {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	if len(r.open) == 0 {
		return nil
	}
	now := canonical(time.Now())
	h := &r.content.head
	closed := make([]diskRun, 0, len(r.open))
	failpoint.Here("recovery-found")
	for _, run := range r.open {
		known := r.content.runs[run.id]
		last, err := s.settleLog(run, logLine{Type: lineEnded, At: now, Summary: known.Summary, Serial: h.Serial})
		if err != nil {
			return err
		}
		failpoint.Here("log-settled")
		closed = append(closed, known)
		h.Run, h.Seq = run.id, last
	}
	err := s.commit(*h, slices.Collect(maps.Values(r.changed)), putRuns(closed))
	failpoint.Here("recovery-committed")
	return err
}

// settleLog completes the log of a run that was never closed: without its torn end, with what only the database knew,
// and closed by the line end, durably. It returns the number of its last line.
func (s *Store) settleLog(run openRun, end logLine) (uint64, error) {
	path := s.paths.RunLog(run.id)
	switch {
	case run.missing || !run.log.begun():
		return run.lastSeq, nil // there is nothing to go on with: the database alone closes the run
	case !run.unfinished(): // nothing is to be added, but nobody knows whether the disk has the end
		return run.lastSeq, appendAt(path, run.log.length, nil)
	}
	lines := make([]logLine, 0, len(run.lacking)+1)
	for _, record := range run.lacking {
		lines = append(lines, logLine{Type: lineRecord, At: end.At, Address: record.Address.String(), Record: new(toDisk(record))})
	}
	lines = append(lines, end)
	if len(run.lacking) == 0 {
		run.lastSeq = run.log.lastSeq // only a record may follow a gap
	}
	var text []byte
	for _, line := range lines {
		run.lastSeq++
		line.Seq, line.Synced = run.lastSeq, run.log.lastSeq
		encoded, err := encodeLine(line)
		if err != nil {
			return 0, err
		}
		text = append(text, encoded...)
	}
	return run.lastSeq, appendAt(path, run.log.length, text)
}

// appendAt durably replaces what follows the first length bytes of a file. Those and the cut are durable first, so that
// nothing of what was there can turn up behind the new text, and nothing be missing before it.
func appendAt(path string, length int64, text []byte) error {
	file, err := os.OpenFile(path, os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	err = errors.Join(file.Truncate(length), writeAgain(file, length), file.Sync())
	failpoint.Here("tail-cut")
	if err == nil {
		_, err = file.WriteAt(text, length)
	}
	failpoint.Here("tail-written")
	return errors.Join(err, file.Sync(), file.Close())
}
