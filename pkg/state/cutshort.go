package state

import (
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// end is how the run ended that the log is of and that began at started. Of one whose program died it is what the log tells:
// where that was read for its headings alone, as of a run before a log that begins anew, it counts nothing. It ended with its
// last line, as far as anybody knows.
func (f *folded) end(started time.Time) *diskSummary {
	if f.summary != nil {
		return f.summary
	}
	last := make(map[string]logLine)
	var took []int64
	for _, line := range f.lines {
		switch line.Type {
		case lineIntent, lineOutcome:
			last[line.Address] = line
		}
		if line.Outcome != nil && line.Outcome.TookUS > 0 {
			took = append(took, line.Outcome.TookUS)
		}
	}
	s := &diskSummary{Ended: later(started, f.at), Interrupted: true, Died: true, Waves: f.waves}
	for _, line := range last {
		s.count(line)
	}
	if len(took) > 0 {
		slices.Sort(took)
		s.LatencyUS = took[len(took)/2]
	}
	return s
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// passing are the classes of failures after which an order is tried again, by the same run or by the next.
var passing = []order.Class{order.ClassNotSent, order.ClassThrottled, order.ClassCancelled}

// count adds an order, by the last line about it in its run's log.
func (d *diskSummary) count(line logLine) {
	switch o := line.Outcome; {
	case o == nil || o.Result == order.ResultInDoubt:
		d.InDoubt++
	case o.Result == order.ResultBought:
		d.Bought++
		if o.Purchase != nil {
			d.Instances += o.Purchase.Quantity
		}
	case o.Failure != nil && slices.Contains(passing, o.Failure.Class):
		d.Skipped++ // it was to be called again, or never was
	default:
		d.Failed++
	}
}
