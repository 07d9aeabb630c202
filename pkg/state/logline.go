package state

import (
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// logVersion stands in every run log's first line. It counts up with recordVersion, for a log holds records.
const logVersion = recordVersion

// The types of run log lines.
const (
	lineStarted = "run_started" // header; always the first
	lineIntent  = "intent"
	lineOutcome = "outcome"
	lineNote    = "note"
	lineMoved   = "moved"
	lineRemoved = "removed"
	lineRecord  = "record" // a record that the database held and the log lacked: after a crash, or as it begins anew
	lineRun     = "run"    // a run whose own log is gone, in a log that begins anew
	lineEnded   = "run_ended"
)

// logLine is one line of a run log. What its type needs is set, the rest is not there.
type logLine struct {
	Seq     uint64       `json:"seq"`              // 1 and up, without gaps except before a record
	Synced  uint64       `json:"synced,omitempty"` // the last line that was durable when this one was written
	Type    string       `json:"type"`
	At      time.Time    `json:"at"`
	Address string       `json:"address,omitempty"`
	Header  *logHeader   `json:"header,omitempty"`
	Before  *diskRecord  `json:"before,omitempty"` // the record before the run, in the run's first line of an address
	Intent  *diskIntent  `json:"intent,omitempty"`
	Outcome *diskOutcome `json:"outcome,omitempty"`
	Move    *diskMove    `json:"move,omitempty"`
	Removal *diskRemoval `json:"removal,omitempty"`
	Record  *diskRecord  `json:"record,omitempty"`
	Note    *diskNote    `json:"note,omitempty"`
	Summary *diskSummary `json:"summary,omitempty"`
	Run     *diskRun     `json:"run,omitempty"`
	Serial  uint64       `json:"serial,omitempty"` // in the run's last line: the version of the state that it ended with
}

// logHeader says which state the run belongs to, and which version of it it started from.
type logHeader struct {
	diskRun
	Lineage  string `json:"lineage"`
	Fleet    string `json:"fleet"`
	Account  string `json:"account"`
	Endpoint string `json:"endpoint"`
	Anew     bool   `json:"anew,omitempty"`    // no log before this one is needed: the lines that follow are all that is known
	Records  uint64 `json:"records,omitempty"` // how many lines those are: of records, and of runs whose logs are gone
}

// diskMove says where the record came from that is at the line's address now. One line tells both ends: of two, a crash
// could leave the record at both addresses, or at none.
type diskMove struct {
	From   string      `json:"from"`
	Before *diskRecord `json:"before,omitempty"` // the record there before the run, as logLine.Before
}

type diskRemoval struct {
	GivenUp *diskFailure `json:"given_up,omitempty"` // why nobody waits for what its doubt bought
}

// maxLine bounds a line of a run log, in bytes. The API's answers are bounded far below.
const maxLine = 16 << 20

// maxHeader bounds a run log's first line, in bytes.
const maxHeader = 64 << 10

// encodeLine returns the line as it is written, its newline included.
func encodeLine(l logLine) ([]byte, error) {
	object, err := marshal(l)
	if err != nil {
		return nil, fmt.Errorf("a %s can't be encoded: %w", l.Type, err)
	}
	sealed, _ := seal(object)
	if len(sealed) >= maxLine {
		return nil, fmt.Errorf("a %s of %d bytes is too long to be written", l.Type, len(sealed))
	}
	return append(sealed, '\n'), nil
}

func intentLine(i order.Intent) logLine {
	return logLine{Type: lineIntent, At: i.At, Address: i.Order.Address.String(), Intent: new(toDiskIntent(i))}
}

func outcomeLine(o order.Outcome) logLine {
	return logLine{Type: lineOutcome, At: o.At, Address: o.Address.String(), Outcome: new(toDiskOutcome(o))}
}

func movedLine(m order.Move, at time.Time) logLine {
	return logLine{Type: lineMoved, At: at, Address: m.To.String(), Move: &diskMove{From: m.From.String()}}
}

func removedLine(a order.Address, givenUp *order.Failure, at time.Time) logLine {
	return logLine{Type: lineRemoved, At: at, Address: a.String(), Removal: &diskRemoval{GivenUp: toDiskFailure(givenUp)}}
}

// changesRecord tells whether the line is one of those that apply folds into a record.
func (l *logLine) changesRecord() bool {
	return l.Type != lineNote && l.Type != lineEnded && l.Type != lineStarted && l.Type != lineRun
}

// A change is what a line makes of the records that it is about.
type change struct {
	after order.Record  // at the line's address
	left  *order.Record // by a move, at the address that the record came from; else nil
}

// apply folds the line into the records: before is the one at its address, and from gives that at another one. It tells
// whether the line changes any at all.
func (l *logLine) apply(before order.Record, from func(order.Address) (order.Record, error)) (c change, changes bool, err error) {
	if !l.changesRecord() {
		return change{}, false, nil
	}
	address, err := order.ParseAddress(l.Address)
	before.Address = address
	switch {
	case err != nil:
	case l.Type == lineIntent && l.Intent != nil:
		c.after, err = before.Begin(l.Intent.intent(address))
	case l.Type == lineOutcome && l.Outcome != nil:
		c.after, err = before.Finish(l.Outcome.outcome(address))
	case l.Type == lineMoved && l.Move != nil:
		c, err = l.move(before, from)
	case l.Type == lineRemoved && l.Removal != nil:
		c.after, err = before.Remove(l.Removal.GivenUp.failure(), l.At)
	case l.Type == lineRecord && l.Record != nil:
		c.after, err = l.Record.record()
	default:
		err = fmt.Errorf("a line of type %q without its content", l.Type)
	}
	return c, true, err
}

// move brings a record to the line's address, at which to is known.
func (l *logLine) move(to order.Record, from func(order.Address) (order.Record, error)) (change, error) {
	address, err := order.ParseAddress(l.Move.From)
	if err != nil {
		return change{}, err
	}
	record, err := from(address)
	if err != nil {
		return change{}, err
	}
	record.Address = address
	left, moved, err := record.MoveTo(to, l.At)
	return change{moved, &left}, err
}
