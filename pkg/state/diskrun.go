package state

import "time"

// diskRun is a run as the database remembers it, and as its log's header tells of it.
type diskRun struct {
	Version     int          `json:"v,omitempty"` // the logVersion that it was made with; 0 in a database for those before 4
	Run         string       `json:"run"`
	PlanID      string       `json:"plan_id,omitempty"`
	Command     string       `json:"command,omitempty"`
	By          string       `json:"by,omitempty"`
	Parallelism int          `json:"parallelism,omitempty"`
	Started     time.Time    `json:"started"`
	Serial      uint64       `json:"serial"`            // the state's, when it began; 0 in a database for those before version 4
	Opens       bool         `json:"opens,omitempty"`   // it is the first of a campaign
	Summary     *diskSummary `json:"summary,omitempty"` // nil until the run has ended
	// LogLost says, in the database, that the run's log was gone and that a later one began anew for it.
	LogLost bool `json:"log_lost,omitempty"`
}

type diskSummary struct {
	Ended       time.Time     `json:"ended"`
	Interrupted bool          `json:"interrupted,omitempty"`
	Died        bool          `json:"died,omitempty"`
	Bought      int           `json:"bought"`
	Instances   int           `json:"instances"`
	Failed      int           `json:"failed"`
	InDoubt     int           `json:"in_doubt"`
	Skipped     int           `json:"skipped"`
	Waves       []WaveSummary `json:"waves,omitempty"`
	Finished    bool          `json:"finished,omitempty"`
	Doubts      bool          `json:"all_but_doubts,omitempty"`
	LatencyUS   int64         `json:"latency_us,omitempty"`
}

func (d diskRun) record() RunRecord {
	return RunRecord{
		RunInfo: RunInfo{ID: d.Run, PlanID: d.PlanID, Command: d.Command, By: d.By, Parallelism: d.Parallelism, Started: d.Started},
		Summary: d.Summary.summary(),
	}
}

func toDiskSummary(s RunSummary) *diskSummary {
	return &diskSummary{
		Ended: canonical(s.Ended), Interrupted: s.Interrupted, Died: s.Died, Bought: s.Bought, Instances: s.Instances, Failed: s.Failed,
		InDoubt: s.InDoubt, Skipped: s.Skipped, Waves: s.Waves, Finished: s.Finished, Doubts: s.AllButDoubts, LatencyUS: s.Latency.Microseconds(),
	}
}

func (d *diskSummary) summary() *RunSummary {
	if d == nil {
		return nil
	}
	return &RunSummary{
		Ended: d.Ended, Interrupted: d.Interrupted, Died: d.Died, Bought: d.Bought, Instances: d.Instances, Failed: d.Failed,
		InDoubt: d.InDoubt, Skipped: d.Skipped, Waves: d.Waves, Finished: d.Finished, AllButDoubts: d.Doubts,
		Latency: time.Duration(d.LatencyUS) * time.Microsecond,
	}
}
