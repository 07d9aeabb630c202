package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Apply shows a run on Err: as a board where that is a terminal, else as a line now and then.
func (t *Text) Apply(p plan.Plan) Observer { return t.observe(t.err, factsOf(p)) }

// Watch shows a run on Out as Apply does: who watches has asked for it.
func (t *Text) Watch(f RunFacts) Observer { return t.observe(t.out, f) }

func (t *Text) observe(to *output, f RunFacts) Observer {
	t.flush(to)
	lines := &lineProgress{paint: to.paint, width: to.width, speeds: map[string]*toldSpeed{}}
	urgent := func(e apply.NotRecorded) { t.notRecorded(e) }
	if !to.Terminal {
		return newObserver(to.Writer, lines, f, linePeriod, false, urgent)
	}
	b := &board{lineProgress: lines, stream: to.Stream}
	return newObserver(to.Writer, b, f, boardPeriod, true, func(e apply.NotRecorded) {
		b.leave() // what is written now must never be drawn over, and ends in a blank line
		t.notRecorded(e)
	})
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
