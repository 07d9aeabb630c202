package ui

import (
	"fmt"
	"strings"
)

// Restored is a database that state restore has put in its place.
type Restored struct {
	Path    string   `json:"path"`
	Source  string   `json:"source,omitempty"` // the backup; empty where the run logs alone were taken
	Runs    []string `json:"runs"`             // whose logs something was taken from
	Aside   string   `json:"aside,omitempty"`  // the file that was there before
	Fleet   string   `json:"fleet"`
	Lineage string   `json:"lineage"`
	Serial  uint64   `json:"serial"`
	Records int      `json:"records"` // orders
	InDoubt int      `json:"in_doubt"`
}

// mostRunsNamed bounds how many runs are named to people.
const mostRunsNamed = 10

// Restored prints what the database holds now and where it is from, a fact a line.
func (t *Text) Restored(r Restored) {
	runs := fmt.Sprint(len(r.Runs))
	if n := len(r.Runs); n > 0 && n <= mostRunsNamed {
		runs = strings.Join(r.Runs, ", ")
	}
	t.out.println(t.out.green("Restored "), t.out.bold(Sanitize(r.Path)))
	t.facts("  ", [][2]string{
		{"backup", r.Source},
		{"run logs", runs},
		{"fleet", r.Fleet},
		{"lineage", r.Lineage},
		{"serial", fmt.Sprint(r.Serial)},
		{"orders", fmt.Sprintf("%d, of them %d in doubt", r.Records, r.InDoubt)},
		{"replaced", r.Aside},
	})
	t.flush(t.out)
}

// Restored prints a restore_summary.
func (j *JSON) Restored(r Restored) {
	r.Runs = listed(r.Runs)
	j.emit(struct {
		envelope
		State Restored `json:"state"`
	}{newEnvelope(levelInfo, "restore_summary", "restored "+Sanitize(r.Path)), r})
	j.flush()
}

// BackedUp prints the copy's path, for scripts to take.
func (t *Text) BackedUp(path string) {
	t.out.println(Sanitize(path))
	t.flush(t.out)
}

// BackedUp prints a state_backup.
func (j *JSON) BackedUp(path string) {
	j.emit(struct {
		envelope
		Path string `json:"path"`
	}{newEnvelope(levelInfo, "state_backup", "backed up as "+Sanitize(path)), path})
	j.flush()
}
