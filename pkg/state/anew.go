package state

import (
	"cmp"
	"os"
	"slices"
)

// Each run log tells what its run alone has changed, so one that is gone leaves those that are there unable to rebuild the
// database. The next run's log then begins anew: with every record that the database holds, and what it knows of the runs
// whose logs are gone. From there on the logs can rebuild it again, and what came before is history.

// beginAnew makes the header one of a log that begins anew, where a log that a rebuild would need is gone. It returns the
// runs of those logs, marked as ones that need none any more once the run is in the database.
func (s *Store) beginAnew(h *logHeader) []diskRun {
	lost := s.unlogged()
	if len(lost) > 0 {
		h.Anew, h.Records = true, uint64(len(s.content.records.list)+len(s.content.unloggedRuns(lost)))
	}
	return lost
}

// unloggedRuns returns all runs that no log of their own tells of: those lost, and the ones that earlier logs made up for.
func (c *content) unloggedRuns(lost []diskRun) []diskRun {
	runs := slices.Clone(lost)
	for _, run := range c.runs {
		if run.LogLost {
			runs = append(runs, run)
		}
	}
	slices.SortFunc(runs, func(a, b diskRun) int { return cmp.Compare(a.Run, b.Run) })
	return runs
}

// unlogged returns the runs whose logs are gone or empty, and that no later log made up for. Each is marked as one that a
// log makes up for.
func (s *Store) unlogged() []diskRun {
	var lost []diskRun
	for id, run := range s.content.runs {
		if info, err := os.Stat(s.paths.RunLog(id)); !run.LogLost && (err != nil || info.Size() == 0) {
			run.LogLost = true
			lost = append(lost, run)
		}
	}
	return lost
}

// beginning returns the lines that follow the header of a log that begins anew, because of the lost ones, and none after
// another: first the runs that no log tells of, then the records. They say of the header alone that it is durable: a power cut
// may leave any part of the rest.
func (c *content) beginning(h logHeader, lost []diskRun) ([]byte, error) {
	if !h.Anew {
		return nil, nil
	}
	var lines []logLine
	for _, run := range c.unloggedRuns(lost) {
		lines = append(lines, logLine{Type: lineRun, Run: &run})
	}
	for _, record := range c.records.sorted() {
		lines = append(lines, logLine{Type: lineRecord, Address: record.Address.String(), Record: new(toDisk(record))})
	}
	var text []byte
	for n, line := range lines {
		line.Seq, line.Synced, line.At = uint64(n)+2, 1, h.Started
		encoded, err := encodeLine(line)
		if err != nil {
			return nil, err
		}
		text = append(text, encoded...)
	}
	return text, nil
}

// begun tells whether the log holds all that it begins with. One that does not is of a run that never was: nothing was
// promised of it before that was durable.
func (f *folded) begun() bool { return f.lastSeq > f.header.Records }

// beganWith tells whether the line is one of those that the log begins with.
func (f *folded) beganWith(line logLine) bool { return 1 < line.Seq && line.Seq <= 1+f.header.Records }

// split parts run logs, sorted by serial, where the last one that begins anew stands: no rebuild needs those before it.
func (p Paths) split(ids []string) (history, chain []string) {
	for n := len(ids) - 1; n > 0; n-- {
		if h, known := p.headerOf(ids[n]); !known || !h.Anew {
			continue
		}
		if log, err := readHeadings(p.RunLog(ids[n])); err == nil && log.begun() {
			return ids[:n], ids[n:]
		}
	}
	return nil, ids
}

// readHeadings reads the log at path for its form alone: its header, how far it goes, and how the run ended.
func readHeadings(path string) (log folded, err error) {
	err = log.readFile(path, func(logLine) error { return nil })
	return log, err
}
