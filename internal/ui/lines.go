package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// lineProgress is for logs and pipes: a line for everything that went wrong, for every wave and all that it waits for,
// and one every few seconds.
type lineProgress struct {
	paint
	width   func() int
	speeds  map[string]*toldSpeed // by region
	baked   apply.Baking          // that was told of last
	standAt time.Time             // when it was last told how things stand
}

// restPeriod is how often it is told how things stand while no call is made.
const restPeriod = time.Minute

// labelWidth is where the text of a line begins that has a label.
const labelWidth = 10

func (l *lineProgress) event(e apply.Event, t *tally, _ time.Duration) []byte {
	switch e := e.(type) {
	case apply.Started:
		return append([]byte("\n"), l.line(codeBold, "buying", startText(t))...)
	case apply.Failed:
		return l.line(codeRed, "failed", place(e.Address.String(), e.Region)+": "+causeOfCall(e.Failure))
	case apply.InDoubt:
		return l.line(codeRed, "in doubt", place(e.Address.String(), e.Region)+": "+causeOfCall(e.Failure)+"; it is not called again")
	case apply.InstanceFailed:
		return l.line(codeRed, "down", downText(e))
	case apply.RegionStopped:
		return l.line(codeYellow, "stopped", Sanitize(e.Region)+": "+Sanitize(e.Reason))
	case apply.Draining:
		return l.line(codeYellow, "draining", Sanitize(e.Reason)+"; no further call begins, "+waitingFor(e))
	default:
		return l.waveEvent(e, t)
	}
}

// waveEvent says what happens between calls. Where the fleet has no waves, the run's begin and end say it.
func (l *lineProgress) waveEvent(e apply.Event, t *tally) []byte {
	switch e := e.(type) {
	case apply.WaveStarted:
		if w := t.wave(); w.name != "" {
			return l.line(codeBold, "wave", waveStartText(t))
		}
	case apply.WaveEnded:
		if w := t.waves[t.waveNamed(e.Wave)]; w.name != "" {
			return l.line(waveColour(e.End), "wave", waveEndText(w))
		}
	case apply.AwaitingApproval:
		return l.line(codeYellow, "approval", approvalText(e))
	case apply.Baking:
		if e.Wave != l.baked.Wave || e.Until != l.baked.Until {
			l.baked = e
			return l.line("", "bake", Sanitize(e.Wave)+": "+bakeText(e, e.At))
		}
	case apply.SpeedChanged:
		return l.speed(e)
	case apply.Paused:
		return l.line(codeYellow, "paused", "by "+Sanitize(e.By)+"; no call begins until the run is resumed")
	case apply.Resumed:
		return l.line(codeBold, "resumed", "by "+Sanitize(e.By))
	case apply.Ended:
		return l.line(codeBold, "ended", endedText(t))
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
func (l *lineProgress) line(colour, label, text string) []byte {
	var out []byte
	for i, part := range wrap(text, max(0, l.width()-labelWidth)) {
		head := spaces(labelWidth)
		if i == 0 {
			head = l.with(colour, label) + spaces(labelWidth-len(label))
		}
		out = append(out, head+part+"\n"...)
	}
	return out
}

func (l *lineProgress) tick(said []byte, t *tally, now time.Time) []byte {
	said = append(said, l.waitingSpeeds(now)...)
	if !l.standingDue(t, now) {
		return said
	}
	l.standAt = now
	if t.baking != nil {
		l.baked = *t.baking
		return append(said, l.line("", "bake", Sanitize(t.baking.Wave)+": "+bakeText(*t.baking, now))...)
	}
	return append(said, l.line("", "progress", tallyText(t, now))...)
}

// standingDue tells whether it is time to say how things stand: always while calls are made, and now and then while the
// run waits.
func (l *lineProgress) standingDue(t *tally, now time.Time) bool {
	switch {
	case !t.ended.IsZero():
		return false
	case t.sum.inFlight > 0 || t.baking == nil && t.asked == nil && t.paused == nil:
		return true
	case t.baking != nil && (t.baking.Up != l.baked.Up || t.baking.Down != l.baked.Down || t.baking.Coming != l.baked.Coming):
		return true
	}
	return now.Sub(l.standAt) >= restPeriod
}

func (*lineProgress) leave() {}

// tallyText is where a run stands, in a sentence.
func tallyText(t *tally, now time.Time) string {
	s := &t.sum
	var b strings.Builder
	if w := t.wave(); w.name != "" {
		fmt.Fprintf(&b, "wave %s: ", Sanitize(w.name))
	}
	fmt.Fprintf(&b, "%d of %s bought, %d in flight, %d waiting, %d failed, %d in doubt",
		s.bought, plural(s.orders, "order"), s.inFlight, s.waiting(), s.failed, s.inDoubt)
	if s.skipped > 0 {
		fmt.Fprintf(&b, ", %d skipped", s.skipped)
	}
	if s.retried > 0 {
		b.WriteString(", " + retries(s.retried))
	}
	fmt.Fprintf(&b, "; %s orders/s", rateText(s.ended.rate(now)))
	if left, ok := t.runLeft(now); ok && left > 0 {
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
