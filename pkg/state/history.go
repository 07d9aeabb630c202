package state

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A RunRecord is what the state knows of a run.
type RunRecord struct {
	RunInfo
	Summary *RunSummary // nil: it has not ended, or its program died and no later command has closed it yet
}

// The ends of a wave that a campaign tells apart, as apply.WaveEnd names them. Those of waves that did not begin say nothing.
const (
	endCutShort = "cut_short"
	endBad      = "bad"
	endGood     = "good"
)

// campaignVersion is the first log version that knows of waves: no earlier run is part of a campaign.
const campaignVersion = 4

// campaigners are the commands whose runs are part of a campaign: the first, with which one begins, and those that find out
// what it bought. What an import brings in, no campaign has bought.
var campaigners = []string{"apply", "reconcile", "resolve", "rescue"}

// Runs returns the runs that the state knows, oldest first.
func (s Snapshot) Runs() []RunRecord {
	records := make([]RunRecord, 0, len(s.runs))
	for _, run := range sortedRuns(s.runs) {
		records = append(records, run.record())
	}
	return records
}

// ReadRuns returns the runs of the state at path, oldest first, also while one is under way: the state can't be read then,
// and its run logs are asked instead, which know nothing of runs whose logs are gone.
func ReadRuns(path string) ([]RunRecord, error) {
	s, err := Read(path)
	if errors.Is(err, ErrHeld) {
		return PathsOf(path).loggedRuns()
	}
	return s.Runs(), err
}

// loggedRuns returns the runs that have a log, oldest first.
func (p Paths) loggedRuns() ([]RunRecord, error) {
	ids, err := p.runLogs()
	if err != nil {
		return nil, err
	}
	runs := make(map[string]diskRun, len(ids))
	for _, id := range ids {
		if h, known := p.headerOf(id); known { // else its maker died before it had begun
			run := h.diskRun
			run.Summary = p.lastSummary(id)
			runs[id] = run
		}
	}
	return Snapshot{runs: runs}.Runs(), nil
}

// maxEnd bounds a run log's last line, in bytes, as far as lastSummary looks for it.
const maxEnd = 256 << 10

// lastSummary reads no more of a run's log than its last line, and returns nil where that is not the run's end.
func (p Paths) lastSummary(id string) *diskSummary {
	file, err := os.Open(p.RunLog(id))
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	text := make([]byte, min(maxEnd, max(0, sizeOf(file))))
	if _, err := file.ReadAt(text, max(0, sizeOf(file)-maxEnd)); err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	last := text[bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n')+1:]
	s := scanner{names: make(map[string]string)}
	if line, err := s.decodeLine(last); err == nil && line.Type == lineEnded {
		return line.Summary
	}
	return nil
}

// Campaign returns what runs have done of the rollout that is under way. It began with the first apply after the last run that
// was Finished, or that left nothing but doubts which have turned out to be bought: runs are the ids of those since that bought, or found out what was bought, sorted; a purchase belongs to the
// campaign when its Run is one of them. Ended are the names, sorted, of the waves that ended well, or badly after their bake, in the last run
// that began them: those that a run was killed in, or that were bad before they could be baked, are not among them.
func (s Snapshot) Campaign() (runs, ended []string) {
	ends := make(map[string]WaveSummary)
	var last *diskSummary // of an apply
	for _, run := range sortedRuns(s.runs) {
		if run.Opens { // by what was known then: what was in doubt may not be any more
			runs, last, ends = nil, nil, make(map[string]WaveSummary)
		}
		switch {
		case run.Version < campaignVersion || run.Summary != nil && run.Summary.Finished:
			runs = nil
			clear(ends)
		case run.Command == campaigners[0] || len(runs) > 0 && slices.Contains(campaigners, run.Command):
			runs = append(runs, run.Run)
			run.Summary.addEnds(ends)
			if run.Command == campaigners[0] {
				last = run.Summary
			}
		}
	}
	if last != nil && last.Doubts && !s.lacks() {
		return nil, nil
	}
	for name, wave := range ends {
		if wave.End == endGood || wave.End == endBad && wave.Baked {
			ended = append(ended, name)
		}
	}
	slices.Sort(runs)
	slices.Sort(ended)
	return runs, ended
}

// opensCampaign tells whether a run of the command would be the first of a campaign.
func (s *Store) opensCampaign(command string) bool {
	runs, _ := s.content.snapshot(s.recovered).Campaign()
	return command == campaigners[0] && len(runs) == 0
}

// lacks tells whether the last call for some order is in doubt, or has bought nothing.
func (s Snapshot) lacks() bool {
	return slices.ContainsFunc(s.Records, func(r order.Record) bool { return r.Doubt != nil || r.Failure != nil })
}

// addEnds adds how the run's waves ended to how they did in earlier runs, which count less.
func (d *diskSummary) addEnds(ends map[string]WaveSummary) {
	if d == nil {
		return
	}
	for _, wave := range d.Waves {
		if slices.Contains([]string{endGood, endBad, endCutShort}, wave.End) {
			ends[wave.Name] = wave
		}
	}
}

// sortedRuns returns the runs, oldest first: by the version of the state that they began at, and those of before version 4,
// of which a database does not know it, by time.
func sortedRuns(runs map[string]diskRun) []diskRun {
	return slices.SortedFunc(maps.Values(runs), func(a, b diskRun) int {
		return cmp.Or(cmp.Compare(a.campaignSerial(), b.campaignSerial()), a.Started.Compare(b.Started), cmp.Compare(a.Run, b.Run))
	})
}

// campaignSerial is the state's when the run began, or 0 before version 4, be it known or not.
func (d diskRun) campaignSerial() uint64 {
	if d.Version < campaignVersion {
		return 0
	}
	return d.Serial
}
