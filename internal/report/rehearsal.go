package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// WriteRehearsal writes the report of a run that was only played: when each wave would begin and end, and what would be in the
// way. There are no ids in it, and nothing to do about what failed, for nothing was bought.
func WriteRehearsal(s ui.Stream, r Report) error {
	t := textForm{ui.NewPage(s), &r}
	t.Paragraph("", "")
	t.Title("Rehearsal of fleet "+r.Fleet+": ", string(r.Outcome), moodOf(r.Outcome))
	facts := [][2]string{{"orders", verdict(&r)}, {"takes", exactly(r.Last.Sub(r.Started))}, {"calls", calls(r.Counts, r.Latency)}}
	if r.Reason != "" {
		facts = append(facts, [2]string{"stops", r.Reason})
	}
	if r.Spend != nil {
		facts = append(facts, [2]string{"spends", sumOf(r.Spend.Bought, r.Spend.Currency) + ", at the fleet's own prices"})
	}
	t.Facts(facts)
	t.rehearsedWaves()
	t.regions()
	t.causes("Would fail:", "order", r.Failures)
	t.causes("Would be called again after a pause:", "call", r.Retried)
	if n := len(r.Doubts); n > 0 {
		t.Heading("Would be in doubt:")
		t.Paragraph("  ", counted(n, "order")+", held until a reconcile finds out or somebody says what became of them.")
	}
	t.lost()
	t.rehearsedEvents()
	t.Paragraph("", "")
	t.Paragraph("", "Nothing was bought, and the state is as it was. Approvals were given at once; failures come alone here, not in bursts.")
	return t.Flush()
}

// rehearsedWaves says when each wave would begin and end, from the beginning of the run.
func (t *textForm) rehearsedWaves() {
	if !named(t.r.Waves) {
		return
	}
	columns := slices.Concat([]ui.TableColumn{{Title: "WAVE", Shrink: true}, {Title: "BEGINS", Right: true}, {Title: "ENDS", Right: true}, {Title: "END"}}, t.countColumns())
	var rows [][]string
	for i := range t.r.Waves {
		w := &t.r.Waves[i]
		rows = append(rows, slices.Concat([]string{waveName(w.Name), t.after(w.Begun), t.after(w.Ended), waveEnd(w, t.r)}, countCells(w.Counts)))
	}
	t.Table(columns, rows)
	for i := range t.r.Waves {
		w := &t.r.Waves[i]
		if w.Bake != nil {
			t.Paragraph("  ", waveName(w.Name)+": bakes; "+bakeText(w.Bake))
		}
		if w.Reason != "" {
			t.Paragraph("  ", waveName(w.Name)+": "+w.Reason)
		}
	}
}

// after is a moment as it lies after the run's beginning.
func (t *textForm) after(at *time.Time) string {
	switch {
	case at == nil:
		return "-"
	case at.Equal(t.r.Started):
		return "+0s"
	}
	return "+" + exactly(at.Sub(t.r.Started))
}

// exactly is a duration to the second, for after hours a wave may last that long; to the tenth where it is short.
func exactly(d time.Duration) string {
	if whole := d.Round(time.Second); whole >= time.Hour {
		return fmt.Sprintf("%dh%02dm%02ds", int(whole.Hours()), int(whole.Minutes())%60, int(whole.Seconds())%60)
	}
	return ui.Took(d)
}

func (t *textForm) rehearsedEvents() {
	if len(t.r.Events) == 0 {
		return
	}
	t.Heading("What would happen:")
	for _, e := range t.r.Events[:min(textEvents, len(t.r.Events))] {
		t.Paragraph("  ", fmt.Sprintf("%8s  %s", t.after(&e.At), eventText(e)))
	}
	if more := len(t.r.Events) - textEvents; more > 0 {
		t.Paragraph("  ", "… and "+counted(more, "more event")+": --json has all.")
	}
}

// WriteRehearsalEvent writes the report of a run that was only played as a line of JSON, without what it tells of single
// orders.
func WriteRehearsalEvent(s ui.Stream, r Report) error {
	withoutOrders := struct {
		Report
		Orders []Order `json:"orders,omitempty"`
	}{Report: r}
	return ui.WriteReportEvent(s, "rehearsal", "Rehearsal of fleet "+r.Fleet+": "+string(r.Outcome), withoutOrders)
}
