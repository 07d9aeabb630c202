package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// Search shows on Err where a search or survey stands: as a line that is drawn over itself where that is a terminal,
// else not at all, for a log has nothing from it.
func (t *Text) Search() SearchObserver {
	t.flush(t.err)
	if !t.err.Terminal {
		return silent{}
	}
	return &statusLine{stream: t.err.Stream}
}

type silent struct{}

func (silent) Handle(reconcile.Step) {}
func (silent) Close()                {}

// A statusLine is one line at the bottom of a terminal. Errors of writing it are not worth ending a command for.
type statusLine struct {
	stream Stream
	latest []reconcile.Step // of each region, in name order
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
}

// Close takes the line away.
func (s *statusLine) Close() {
	if s.latest != nil {
		_, _ = fmt.Fprint(s.stream, "\r", eraseLine)
	}
	s.latest = nil
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
func (j *JSON) Search() SearchObserver { return jsonSearch{j} }

type jsonSearch struct{ *JSON }

type jsonStep struct {
	Region  string `json:"region"`
	Page    int    `json:"page,omitempty"`    // about to be read, from 1
	Pages   int    `json:"pages,omitempty"`   // of the region's listing, once that has told
	Source  int    `json:"source,omitempty"`  // about to be looked up, from 1
	Sources int    `json:"sources,omitempty"` // of the region
}

// Handle prints the step.
func (j jsonSearch) Handle(s reconcile.Step) {
	j.emit(struct {
		envelope
		Step jsonStep `json:"step"`
	}{newEnvelope(levelInfo, "search_progress", "Looking: "+stepText(s)), jsonStep(s)})
	j.flush()
}

// Close has nothing left to print.
func (jsonSearch) Close() {}
