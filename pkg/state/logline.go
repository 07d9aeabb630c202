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
	lineRecord  = "record" // a record that the database held and the log lacked, after a crash
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
	Record  *diskRecord  `json:"record,omitempty"`
	Note    *diskNote    `json:"note,omitempty"`
	Summary *diskSummary `json:"summary,omitempty"`
	Serial  uint64       `json:"serial,omitempty"` // in the run's last line: the version of the state that it ended with
}

// logHeader says which state the run belongs to, and which version of it it started from.
type logHeader struct {
	Version  int    `json:"v"`
	Lineage  string `json:"lineage"`
	Serial   uint64 `json:"serial"`
	Fleet    string `json:"fleet"`
	Account  string `json:"account"`
	Endpoint string `json:"endpoint"`
	diskRun
}

type diskNote struct {
	Kind    string `json:"kind"`
	Region  string `json:"region,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	DelayMS int64  `json:"delay_ms,omitempty"`
	Class   string `json:"class,omitempty"`
	Code    string `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`
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

func noteLine(n Note) logLine {
	return logLine{Type: lineNote, At: n.At, Address: n.Address, Note: &diskNote{
		Kind: n.Kind, Region: n.Region, Attempt: n.Attempt, DelayMS: n.Delay.Milliseconds(),
		Class: n.Class, Code: n.Code, Text: n.Text,
	}}
}

// changesRecord tells whether the line is one of those that apply folds into a record.
func (l *logLine) changesRecord() bool {
	return l.Type != lineNote && l.Type != lineEnded && l.Type != lineStarted
}

// apply folds the line into the record of its address. It tells whether the line changes a record at all.
func (l logLine) apply(before order.Record) (after order.Record, changes bool, err error) {
	if !l.changesRecord() {
		return before, false, nil
	}
	address, err := order.ParseAddress(l.Address)
	switch {
	case l.Type == lineIntent && l.Intent != nil && err == nil:
		after, err = before.Begin(l.Intent.intent(address))
	case l.Type == lineOutcome && l.Outcome != nil && err == nil:
		after, err = before.Finish(l.Outcome.outcome(address))
	case l.Type == lineRecord && l.Record != nil && err == nil:
		after, err = l.Record.record()
	case err == nil:
		err = fmt.Errorf("a line of type %q without its content", l.Type)
	}
	return after, true, err
}
