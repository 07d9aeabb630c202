package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Search shows on Err where a search or survey stands: as a line that is drawn over itself where that is a terminal,
// else not at all, for a log has nothing from it.
func (t *Text) Search() SearchObserver {
	t.flush(t.err)
	if !t.err.Terminal {
		return &waitLines{text: t}
	}
	return &statusLine{stream: t.err.Stream}
}

// saidEvery is how often a wait is told of where nothing can be drawn over itself.
const saidEvery = time.Minute

// due tells whether a wait has something new to say after the one that was said last.
func due(said, now reconcile.Wait) bool {
	return said.Look != now.Look || said.Left-now.Left >= saidEvery
}

// waitLines tells logs and pipes of waits alone.
type waitLines struct {
	text *Text
	said reconcile.Wait
}

// Handle says nothing.
func (w *waitLines) Handle(reconcile.Step) {}

// Wait prints a line, now and then.
func (w *waitLines) Wait(now reconcile.Wait) {
	if due(w.said, now) {
		w.said = now
		w.text.Notice(waitText(now))
	}
}

// Close has nothing left to print.
func (w *waitLines) Close() {}

// A statusLine is one line at the bottom of a terminal. Errors of writing it are not worth ending a command for.
type statusLine struct {
	stream Stream
	latest []reconcile.Step // of each region, in name order
	drawn  bool
}

// Handle draws the latest step of every region.
func (s *statusLine) Handle(step reconcile.Step) {
	n, known := slices.BinarySearchFunc(s.latest, step.Region, func(s reconcile.Step, region string) int {
		return cmp.Compare(s.Region, region)
	})
	if known {
		s.latest[n] = step
	} else {
		s.latest = slices.Insert(s.latest, n, step)
	}
	texts := make([]string, len(s.latest))
	for i, l := range s.latest {
		texts[i] = stepText(l)
	}
	s.draw("Looking: " + strings.Join(texts, ", "))
}

// draw replaces what the line shows. A full line would make some terminals break it.
func (s *statusLine) draw(text string) {
	_, _ = fmt.Fprint(s.stream, "\r", shorten(text, s.stream.width()-1), eraseLine)
	s.drawn = true
}

// Wait draws how long it still takes.
func (s *statusLine) Wait(w reconcile.Wait) { s.draw(waitText(w)) }

// Close takes the line away.
func (s *statusLine) Close() {
	if s.drawn {
		_, _ = fmt.Fprint(s.stream, "\r", eraseLine)
	}
	s.drawn = false
}

// waitText is what is waited for. What matters comes first: a narrow terminal cuts the rest.
func waitText(w reconcile.Wait) string {
	return fmt.Sprintf("Waiting %s for look %d of %d (Ctrl-C changes nothing): %s in doubt may be bought again after the last",
		seconds(w.Left), w.Look, reconcile.Looks, plural(w.Orders, "order"))
}

// stepText is where a search stands in one region.
func stepText(s reconcile.Step) string {
	text := Sanitize(s.Region)
	switch {
	case s.Source > 0:
		return fmt.Sprintf("%s source id %d of %d", text, s.Source, s.Sources)
	case s.Pages > 0:
		return fmt.Sprintf("%s page %d of %d", text, s.Page, s.Pages)
	default:
		return fmt.Sprintf("%s page %d", text, s.Page)
	}
}

// Search prints a search_progress for each step.
func (j *JSON) Search() SearchObserver { return &jsonSearch{JSON: j} }

type jsonSearch struct {
	*JSON
	said reconcile.Wait
}

type jsonStep struct {
	Region  string `json:"region"`
	Page    int    `json:"page,omitempty"`    // about to be read, from 1
	Pages   int    `json:"pages,omitempty"`   // of the region's listing, once that has told
	Source  int    `json:"source,omitempty"`  // about to be looked up, from 1
	Sources int    `json:"sources,omitempty"` // of the region
}

// Handle prints the step.
func (j *jsonSearch) Handle(s reconcile.Step) {
	j.emit(struct {
		envelope
		Step jsonStep `json:"step"`
	}{newEnvelope(levelInfo, "search_progress", "Looking: "+stepText(s)), jsonStep(s)})
	j.flush()
}

type jsonWait struct {
	Orders  int     `json:"orders"`
	Look    int     `json:"look"`
	Looks   int     `json:"looks"`
	Seconds float64 `json:"seconds"` // until the look
}

// Wait prints a settle_progress, now and then.
func (j *jsonSearch) Wait(w reconcile.Wait) {
	if !due(j.said, w) {
		return
	}
	j.said = w
	j.emit(struct {
		envelope
		Wait jsonWait `json:"wait"`
	}{newEnvelope(levelInfo, "settle_progress", waitText(w)), jsonWait{w.Orders, w.Look, reconcile.Looks, w.Left.Seconds()}})
	j.flush()
}

// Close has nothing left to print.
func (j *jsonSearch) Close() {}
