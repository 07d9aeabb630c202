package state

import (
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Note is something that happened in a run and changes no record: a retry, a region that stopped. It goes into the run
// log with the next group of entries, and no one waits for it. Which fields are set depends on its kind.
type Note struct {
	Kind    string // what happened: one of the constants, or another word for what only people read
	At      time.Time
	Address string // empty when it concerns no single order
	Region  string // empty when it concerns no single region
	Wave    string // its name; empty when it concerns no single wave, or the only one of a fleet that names none
	Attempt int
	Delay   time.Duration // how long the next attempt waits, to the millisecond
	Class   string        // the failure's class
	Code    string        // the API's error status
	Text    string        // why, for people; at most a few KiB are kept

	End         string    // of NoteWaveEnded: how the wave ended, as apply.WaveEnd names it
	Parallelism int       // of NoteSpeedChanged: calls in flight
	Rate        float64   // of NoteSpeedChanged: calls a second; 0: no limit
	Up          int       // of NoteBaking: instances that run
	Coming      int       // of NoteBaking: instances of which nothing is to be seen yet
	Down        int       // of NoteBaking: instances that failed
	Until       time.Time // of NoteBaking: when the bake is over
	By          string    // who asked for it, where somebody did
	Planned     *Planned  // of NotePlanned
}

// The kinds of notes that others than people read. Each has At.
const (
	NotePlanned          = "planned"           // what the run sets out to do: Planned. Before its first intent
	NoteWaveStarted      = "wave_started"      // Wave
	NoteWaveEnded        = "wave_ended"        // Wave, End, and Text where it did not end well
	NoteAwaitingApproval = "awaiting_approval" // Wave
	NoteBaking           = "baking"            // Wave, Until, Up, Coming, Down
	NoteInstanceFailed   = "instance_failed"   // Address, Region, Text
	NoteSpeedChanged     = "speed_changed"     // Region, Parallelism, Rate, Text
	NotePaused           = "paused"            // By
	NoteResumed          = "resumed"           // By
	NoteRetrying         = "retrying"          // Address, Region, Attempt, Delay, Class, Code, Text
	NoteSkipped          = "skipped"           // Address, Region, Wave
	NoteRegionStopped    = "region_stopped"    // Region, Text
	NoteDraining         = "draining"          // Text, and By where an operator asked for it
)

// Planned is what a run sets out to do, and within which limits.
type Planned struct {
	Currency string         `json:"currency,omitempty"` // of all amounts; empty where the fleet has no prices
	Prices   []PlannedPrice `json:"prices,omitempty"`   // sorted by region, spec and unit
	Waves    []PlannedWave  `json:"waves,omitempty"`    // in their sequence
}

// PlannedPrice is the price of one instance for one unit of time.
type PlannedPrice struct {
	Region string       `json:"region,omitempty"` // empty: in all regions without a price of their own
	Spec   string       `json:"spec"`
	Unit   string       `json:"unit"` // as order.PriceOf has it
	Amount order.Amount `json:"amount"`
}

// PlannedWave is what a run sets out to do in a wave.
type PlannedWave struct {
	Name    string          `json:"name"` // empty for the only one of a fleet that names none
	Regions []PlannedRegion `json:"regions,omitempty"`
}

// PlannedRegion is what a run sets out to do in a wave's part of a region.
type PlannedRegion struct {
	Region      string       `json:"region"`
	Orders      int          `json:"orders"`
	Instances   int          `json:"instances"`
	Cost        order.Amount `json:"cost"`                  // of the instances that have a price
	Unpriced    int          `json:"unpriced,omitempty"`    // instances that have none
	Parallelism int          `json:"parallelism,omitempty"` // calls in flight, at most
	Rate        float64      `json:"rate,omitempty"`        // calls a second, at most; 0: no limit
}

// diskNote is a note in a run log.
type diskNote struct {
	Kind    string `json:"kind"`
	Region  string `json:"region,omitempty"`
	Wave    string `json:"wave,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	DelayMS int64  `json:"delay_ms,omitempty"`
	Class   string `json:"class,omitempty"`
	Code    string `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`

	End         string    `json:"end,omitempty"`
	Parallelism int       `json:"parallelism,omitempty"`
	Rate        float64   `json:"rate,omitempty"`
	Up          int       `json:"up,omitempty"`
	Coming      int       `json:"coming,omitempty"`
	Down        int       `json:"down,omitempty"`
	Until       time.Time `json:"until,omitzero"`
	By          string    `json:"by,omitempty"`
	Planned     *Planned  `json:"planned,omitempty"`
}

func noteLine(n Note) logLine {
	return logLine{Type: lineNote, At: n.At, Address: n.Address, Note: &diskNote{
		Kind: n.Kind, Region: n.Region, Wave: n.Wave, Attempt: n.Attempt, DelayMS: n.Delay.Milliseconds(),
		Class: n.Class, Code: n.Code, Text: n.Text,
		End: n.End, Parallelism: n.Parallelism, Rate: n.Rate, Up: n.Up, Coming: n.Coming, Down: n.Down,
		Until: n.Until, By: n.By, Planned: n.Planned,
	}}
}

// note is what noteLine was made of.
func (d *diskNote) note(at time.Time, address string) *Note {
	return &Note{
		Kind: d.Kind, At: at, Address: address, Region: d.Region, Wave: d.Wave, Attempt: d.Attempt,
		Delay: time.Duration(d.DelayMS) * time.Millisecond, Class: d.Class, Code: d.Code, Text: d.Text,
		End: d.End, Parallelism: d.Parallelism, Rate: d.Rate, Up: d.Up, Coming: d.Coming, Down: d.Down,
		Until: d.Until, By: d.By, Planned: d.Planned,
	}
}

// kept is the note as the log gives it back: its texts bounded, its times canonical.
func (n Note) kept() Note {
	n.At, n.Until = canonical(n.At), canonical(n.Until)
	n.Text, n.By, n.Wave = clip(n.Text), clip(n.By), clip(n.Wave)
	return n
}

// maxMessage bounds what is kept of a failure's message or a note's text, in bytes.
const maxMessage = 4 << 10

// clip bounds a text from outside, and makes it one that JSON gives back as it was.
func clip(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
