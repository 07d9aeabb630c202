package ui

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Apply shows a run on Err: as a board where that is a terminal, else as a line now and then.
func (t *Text) Apply(plan.Plan) Observer {
	t.flush(t.err)
	lines := lineProgress{paint: t.err.paint, width: t.err.width}
	urgent := func(e apply.NotRecorded) { t.notRecorded(e) }
	if !t.err.Terminal {
		return newObserver(t.err.Writer, lines, linePeriod, false, urgent)
	}
	b := &board{lineProgress: lines, stream: t.err.Stream}
	return newObserver(t.err.Writer, b, boardPeriod, true, func(e apply.NotRecorded) {
		b.leave() // what is written now must never be drawn over, and ends in a blank line
		t.notRecorded(e)
	})
}

// lineProgress is for logs and pipes: a line for everything that went wrong, and one every few seconds.
type lineProgress struct {
	paint
	width func() int
}

func (l lineProgress) event(e apply.Event, _ *tally, _ time.Duration) []byte {
	switch e := e.(type) {
	case apply.Started:
		orders, count := 0, 0
		for _, r := range e.Regions {
			orders += r.Orders
			count += r.Instances
		}
		return append([]byte("\n"), l.line(codeBold, "buying", fmt.Sprintf("%s%s in %s, run %s",
			plural(orders, "order"), instances(count), plural(len(e.Regions), "region"), Sanitize(e.Run)))...)
	case apply.Failed:
		return l.line(codeRed, "failed", place(e.Address.String(), e.Region)+": "+causeOfCall(e.Failure))
	case apply.InDoubt:
		return l.line(codeRed, "in doubt", place(e.Address.String(), e.Region)+": "+causeOfCall(e.Failure)+"; it is not called again")
	case apply.RegionStopped:
		return l.line(codeYellow, "stopped", Sanitize(e.Region)+": "+Sanitize(e.Reason))
	case apply.Draining:
		return l.line(codeYellow, "draining", Sanitize(e.Reason)+"; no further call begins, "+waitingFor(e))
	case apply.Calling, apply.Retrying, apply.Bought, apply.Skipped, apply.NotRecorded, apply.Ended:
	}
	return nil
}

func waitingFor(d apply.Draining) string {
	if d.InFlight == 0 {
		return "none is in flight"
	}
	calls, them := plural(d.InFlight, "call")+" in flight", "them"
	if d.InFlight == 1 {
		them = "it"
	}
	if !d.Interrupted {
		return calls + " will be finished"
	}
	return calls + " will be finished and recorded; a second Ctrl-C would leave " + them + " in doubt"
}

func place(address, region string) string { return Sanitize(address) + " (" + Sanitize(region) + ")" }

// line is one event as a line. On a terminal it is broken, not cut: what failed must be legible.
func (l lineProgress) line(colour, label, text string) []byte {
	const indent = 10
	var out []byte
	for i, part := range wrap(text, max(0, l.width()-indent)) {
		head := spaces(indent)
		if i == 0 {
			head = l.with(colour, label) + spaces(indent-len(label))
		}
		out = append(out, head+part+"\n"...)
	}
	return out
}

func (l lineProgress) tick(said []byte, t *tally, now time.Time) []byte {
	return append(said, l.line("", "progress", tallyText(t, now))...)
}

func (lineProgress) leave() {}

// tallyText is where a run stands, in a sentence.
func tallyText(t *tally, now time.Time) string {
	s := &t.sum
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %s bought, %d in flight, %d waiting, %d failed, %d in doubt",
		s.bought, plural(s.orders, "order"), s.inFlight, s.waiting(), s.failed, s.inDoubt)
	if s.skipped > 0 {
		fmt.Fprintf(&b, ", %d skipped", s.skipped)
	}
	if s.retried > 0 {
		b.WriteString(", " + retries(s.retried))
	}
	rate := s.ended.rate(now)
	fmt.Fprintf(&b, "; %s orders/s", rateText(rate))
	if left, ok := s.left(rate); ok {
		fmt.Fprintf(&b, ", about %s left", seconds(left))
	}
	return b.String()
}

// retries says that calls were throttled or not sent: without it, a slow run would seem to be slow for no reason.
func retries(n int) string {
	if n == 1 {
		return "1 retry"
	}
	return strconv.Itoa(n) + " retries"
}

func rateText(rate float64) string {
	if rate >= 100 {
		return fmt.Sprintf("%.0f", rate)
	}
	return fmt.Sprintf("%.1f", rate)
}

// notRecorded says, loudly and at once, what would otherwise be lost: perhaps the purchase is in no file.
func (t *Text) notRecorded(e apply.NotRecorded) {
	writeNotRecorded(t.err.Stream, e)
}

func writeNotRecorded(s Stream, e apply.NotRecorded) {
	p := paint(s.Color)
	o := e.Outcome
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s %s\n", p.with(codeBold+";"+codeRed, "NOT RECORDED:"),
		p.bold(place(o.Address.String(), e.Region)))
	facts := [][2]string{
		{"buy id", o.Purchase.BuyID},
		{"source ids", strings.Join(o.Purchase.SourceIDs, ", ")},
		{"request id", strings.Join(nonEmpty(o.Purchase.RequestID, o.Failure.RequestID), ", ")},
		{"attempt", fmt.Sprint(o.Attempt)},
		{"marker", string(o.Purchase.Marker)},
		{"outcome", strings.ReplaceAll(o.Result.String(), "_", " ")},
		{"why", fmt.Sprint(e.Err)},
	}
	for _, f := range append(facts, namedFacts(o.Failure)...) {
		if f[1] != "" {
			fmt.Fprintf(&b, "  %-10s  %s\n", f[0], Sanitize(f[1]))
		}
	}
	b.WriteString("  Keep these lines: perhaps no file holds them.\n  Unless the next apply finds one, the order is in doubt and not bought again.\n\n")
	_, _ = io.WriteString(s, b.String())
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
