package state

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// RunInfo is what is known of a run when it starts.
type RunInfo struct {
	ID          string    // see NewRunID
	PlanID      string    // the plan file's id; empty when the plan was made for this run alone
	Command     string    // such as "apply"; never its arguments, for those may hold secrets
	Parallelism int       // calls in flight, at most
	Started     time.Time // the caller's clock
	// LookedOver says that the run's maker has looked for what another copy of the state may have bought, or answers for
	// it: from this run on the database is none that was copied, see Snapshot.Copied.
	LookedOver bool
}

// RunSummary is what a run came to, in orders unless said otherwise.
type RunSummary struct {
	Ended       time.Time
	Interrupted bool // the operator ended it, or the program died and a later one closed the run
	Bought      int
	Instances   int // bought in all
	Failed      int
	InDoubt     int
	Skipped     int
}

const runIDTime = "20060102T150405Z"

// NewRunID returns an id for a run that starts at t. Ids sort by time.
func NewRunID(t time.Time) string {
	return t.UTC().Format(runIDTime) + "-" + strings.ToLower(rand.Text()[:6])
}

var validRunID = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-z]{6}$`)

// CheckRunID returns why id can't name a run, or nil. It becomes a file's name.
func CheckRunID(id string) error {
	if !validRunID.MatchString(id) {
		return fmt.Errorf("%q is not a run's id: those look like 20261123T101500Z-k7q2m9", id)
	}
	return nil
}

// A Note is something that happened in a run and changes no record: a retry, a region that stopped. It goes into
// the run log with the next group of entries, and no one waits for it.
type Note struct {
	Kind    string // what happened, such as "retrying"
	At      time.Time
	Address string // empty when it concerns no single order
	Region  string
	Attempt int
	Delay   time.Duration // how long the next attempt waits
	Class   string        // the failure's class
	Code    string        // the API's error status
	Text    string
}
