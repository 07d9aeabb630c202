package state

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// RunInfo is what is known of a run when it starts.
type RunInfo struct {
	ID          string    // see NewRunID
	PlanID      string    // the plan file's id; empty when the plan was made for this run alone
	Command     string    // such as "apply"; never its arguments, for those may hold secrets
	By          string    // who runs it, for people; StartRun fills it in where it is empty. Not kept before version 4
	Parallelism int       // calls in flight, at most
	Started     time.Time // the caller's clock
	// LookedOver says that the run's maker has looked for what another copy of the state may have bought, or answers for
	// it: from this run on the database is none that was copied, see Snapshot.Copied. It is not read back.
	LookedOver bool
}

// RunSummary is what a run came to, in orders unless said otherwise.
type RunSummary struct {
	Ended       time.Time
	Interrupted bool // the operator ended it, or its program died
	Died        bool // its program died, and a later one closes the run: Ended is when it last wrote, the rest what its log tells
	Bought      int
	Instances   int // bought in all
	Failed      int
	InDoubt     int
	Skipped     int

	// Waves are those of the run's plan, in their sequence, each with how it ended as apply.WaveEnd names it. Of a run whose
	// program died, those that its log tells of; of one before version 4, none.
	Waves []WaveSummary
	// Finished says that the run was one for the whole fleet and has bought all that it lacked: a campaign ends with it. See
	// Snapshot.Campaign.
	Finished bool
	// AllButDoubts says that it would be Finished if what was in doubt at its end had been bought.
	AllButDoubts bool
	Latency      time.Duration // the median of its calls, to the microsecond; 0 where none was made
}

// Complete tells whether the run did all that it set out to do: every order was bought, and every wave ended well.
func (s RunSummary) Complete() bool { return s.Failed+s.InDoubt+s.Skipped == 0 && s.WavesEndedWell() }

// WavesEndedWell tells whether no wave is left with something to be bought, watched or looked into, as apply.WaveEnd.Well does.
func (s RunSummary) WavesEndedWell() bool {
	return !slices.ContainsFunc(s.Waves, func(w WaveSummary) bool { return w.End != "good" && w.End != "idle" })
}

// WaveSummary is how a wave of a run ended.
type WaveSummary struct {
	Name  string `json:"name"`
	End   string `json:"end"`
	Baked bool   `json:"baked,omitempty"` // it was watched after its purchases, until its end
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
