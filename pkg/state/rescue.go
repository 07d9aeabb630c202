package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// rescueMark stands in the name of a rescue file, between the state's name and the run's id.
const rescueMark = ".rescued-"

// A rescue is the last place for what calls bought that neither database nor run log take any more: a file beside the
// state or, where none can be written there either, in the system's directory for temporary files. The next [Open] takes
// in what lies beside the state. Nothing is promised of it.
type rescue struct {
	header logHeader
	places []string // still to be tried
	file   *os.File // nil as long as there is none, and after the last place failed
	lines  []byte   // all that was to be kept
	seq    uint64
}

// rescueFile is the rescue file of a run beside the state.
func (p Paths) rescueFile(run string) string {
	return strings.TrimSuffix(p.DB, ".db") + rescueMark + run + logSuffix
}

func newRescue(paths Paths, h logHeader) rescue {
	beside := paths.rescueFile(h.Run)
	return rescue{header: h, places: []string{beside, filepath.Join(os.TempDir(), "bastion-fleet-"+filepath.Base(beside))}}
}

// keep makes the outcomes among the tickets durable in one of the places, if it can.
func (r *rescue) keep(tickets []ticket) {
	var lines []byte
	for _, t := range tickets {
		if t.outcome != nil {
			lines = append(lines, r.encode(outcomeLine(*t.outcome))...)
		}
	}
	if len(lines) == 0 {
		return
	}
	if len(r.lines) == 0 {
		header := logLine{Seq: 1, Type: lineStarted, At: r.header.Started, Header: &r.header}
		lines = append(r.encode(header), lines...)
	}
	r.lines = append(r.lines, lines...)
	if r.file != nil && appendTo(r.file, lines) == nil {
		return
	}
	r.file = nil
	for r.file == nil && len(r.places) > 0 {
		r.file = makeRescueFile(r.places[0], r.lines)
		r.places = r.places[1:]
	}
}

// encode returns the line as it is written. One that is too long is left out: it holds what was asked for, and an answer
// that is bounded.
func (r *rescue) encode(l logLine) []byte {
	if l.Header == nil {
		r.seq = max(r.seq, 1) + 1
		l.Seq = r.seq
	}
	text, err := encodeLine(l)
	if err != nil {
		return nil
	}
	return text
}

// makeRescueFile returns a file that holds the lines durably, or nil.
func makeRescueFile(path string, lines []byte) *os.File {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return nil
	}
	if errors.Join(appendTo(file, lines), syncDir(filepath.Dir(path))) != nil {
		_ = errors.Join(file.Close(), os.Remove(path))
		return nil
	}
	return file
}

func appendTo(file *os.File, lines []byte) error {
	if _, err := file.Write(lines); err != nil {
		return err
	}
	return file.Sync()
}

func (r *rescue) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Rescued tells, once the run is closed, where outcomes are kept that neither database nor run log took, and where that
// file has to be for the next [Open] to take them in: path and beside are equal when it is there already. Both are empty
// when there was nothing to keep, or no place to keep it.
func (r *Run) Rescued() (path, beside string) {
	file := r.writer.rescue.file
	if file == nil {
		return "", ""
	}
	return file.Name(), r.writer.store.paths.rescueFile(r.id)
}

// rescueFiles returns the rescue files beside the state, sorted.
func (p Paths) rescueFiles() ([]string, error) {
	dir := filepath.Dir(p.DB)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the state's directory can't be listed: %w", err)
	}
	prefix := strings.TrimSuffix(filepath.Base(p.DB), ".db") + rescueMark
	var files []string
	for _, e := range entries {
		run, ok := strings.CutPrefix(e.Name(), prefix)
		if id, isLog := strings.CutSuffix(run, logSuffix); ok && isLog && CheckRunID(id) == nil {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}
