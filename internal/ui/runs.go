package ui

import (
	"fmt"
	"strings"
	"time"
)

// RunStatus is how a run is, or how it ended.
type RunStatus string

// The statuses of runs.
const (
	RunRunning     RunStatus = "running"
	RunPaused      RunStatus = "paused"
	RunAwaiting    RunStatus = "awaiting_approval" // of its next wave
	RunEnding      RunStatus = "ending"            // begins no call any more
	RunComplete    RunStatus = "complete"          // it did all that it set out to do
	RunIncomplete  RunStatus = "incomplete"        // orders failed, were skipped or are in doubt, or a wave did not end well
	RunInterrupted RunStatus = "interrupted"       // an operator ended it, with something left
	RunDied        RunStatus = "died"              // its program did not come to its end
)

// UnderWay tells whether the run has not ended.
func (s RunStatus) UnderWay() bool {
	return s == RunRunning || s == RunPaused || s == RunAwaiting || s == RunEnding
}

// Words is the status as people read it.
func (s RunStatus) Words() string { return Sanitize(strings.ReplaceAll(string(s), "_", " ")) }

// RunLine is what a list of runs says of one.
type RunLine struct {
	ID        string        `json:"id"`
	Status    RunStatus     `json:"status"`
	Started   time.Time     `json:"started"`
	Ended     time.Time     `json:"ended,omitzero"` // when it last wrote, where it died; zero while it is under way
	Command   string        `json:"command"`
	By        string        `json:"by,omitempty"`      // who ran it; empty where that is not known
	PlanID    string        `json:"plan_id,omitempty"` // of the saved plan that it applied
	Bought    int           `json:"bought"`            // orders
	Instances int           `json:"instances"`         // of those
	Failed    int           `json:"failed"`
	InDoubt   int           `json:"in_doubt"`
	UnderWay  int           `json:"under_way"` // of a run that is: begun and not answered, perhaps not even called yet
	Skipped   int           `json:"skipped"`
	Wave      string        `json:"wave,omitempty"` // where one that is under way is
	Waves     []RunLineWave `json:"waves,omitempty"`
	Finished  bool          `json:"finished"`             // it bought all that the whole fleet lacked
	LatencyMS float64       `json:"latency_ms,omitempty"` // the median of its calls
}

// RunLineWave is how a wave of a run ended.
type RunLineWave struct {
	Name string `json:"name"`
	End  string `json:"end"`
}

// RunList prints a line for each run.
func (t *Text) RunList(runs []RunLine, now time.Time) {
	g := grid{columns: []column{
		{title: "RUN"}, // never shortened: it is what the other commands take
		{title: "STATUS", give: 4, least: 11},
		{title: "STARTED", give: 2, least: 20, drop: true},
		{title: "TOOK", right: true, give: 1, least: 5, drop: true},
		{title: "COMMAND", give: 5, least: 9},
		{title: "ORDERS", give: 6, least: 12},
		{title: "BY", give: 3, least: 10, drop: true},
	}}
	for _, r := range runs {
		g.rows = append(g.rows, []string{
			Sanitize(r.ID), r.status(), moment(r.Started), r.took(now), r.command(), r.orders(), Sanitize(r.By),
		})
	}
	g.print(t.out, "")
	t.flush(t.out)
}

func (r *RunLine) status() string {
	if r.Wave == "" || !r.Status.UnderWay() {
		return r.Status.Words()
	}
	return fmt.Sprintf("%s, wave %s", r.Status.Words(), Sanitize(r.Wave))
}

// took is how long the run lasted, or has lasted until now.
func (r *RunLine) took(now time.Time) string {
	if !r.Ended.IsZero() {
		now = r.Ended
	}
	return Took(now.Sub(r.Started))
}

func (r *RunLine) command() string {
	if r.PlanID != "" {
		return Sanitize(r.Command) + " (saved plan)"
	}
	return Sanitize(r.Command)
}

// orders is what became of the run's orders; what became of none is left out.
func (r *RunLine) orders() string {
	var parts []string
	if r.Bought > 0 {
		parts = append(parts, fmt.Sprintf("%d bought%s", r.Bought, instances(r.Instances)))
	}
	for _, part := range []struct {
		count int
		what  string
	}{{r.UnderWay, "under way"}, {r.Failed, "failed"}, {r.InDoubt, "in doubt"}, {r.Skipped, "skipped"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	if len(parts) == 0 {
		return "none bought"
	}
	return strings.Join(parts, ", ")
}

// RunList prints a run for each.
func (j *JSON) RunList(runs []RunLine, _ time.Time) {
	for _, r := range runs {
		j.emit(struct {
			envelope
			Run RunLine `json:"run"`
		}{newEnvelope(levelInfo, "run", fmt.Sprintf("run %s: %s, %s", Sanitize(r.ID), r.status(), r.orders())), r})
	}
	j.flush()
}

// RunAsked is what came of something that was asked of a run.
type RunAsked struct {
	Run    string    `json:"run"`
	Asked  string    `json:"asked"`  // pause, resume or abort
	Status RunStatus `json:"status"` // of the run, since
}

// RunAsked says what came of it.
func (t *Text) RunAsked(a RunAsked) {
	t.out.println(a.text())
	t.flush(t.out)
}

// RunAsked prints a run_asked.
func (j *JSON) RunAsked(a RunAsked) {
	j.emit(struct {
		envelope
		Run RunAsked `json:"run"`
	}{newEnvelope(levelInfo, "run_asked", a.text()), a})
	j.flush()
}

func (a RunAsked) text() string {
	id := Sanitize(a.Run)
	switch a.Status {
	case RunPaused:
		return fmt.Sprintf("Run %s is paused: it begins no call until it is resumed. Those in flight are finished.", id)
	case RunRunning, RunAwaiting:
		return fmt.Sprintf("Run %s goes on.", id)
	case RunEnding:
		return fmt.Sprintf("Run %s is ending: it begins no call any more, and records what those in flight come to.", id)
	default:
		return fmt.Sprintf("Run %s has ended: %s.", id, a.Status.Words())
	}
}
