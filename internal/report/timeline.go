package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A timeline shows when each wave waited, bought and baked.
type timeline struct {
	Rows  []timelineRow
	Ticks template.HTML
	Bad   bool // a wave ended badly
}

type timelineRow struct {
	Name, Alt string
	Drawing   template.HTML
}

// mostTicks bounds the marks below a timeline: more don't fit on a phone.
const mostTicks = 5

func newTimeline(r *Report) *timeline {
	length := r.Last.Sub(r.Started)
	if length <= 0 {
		return nil
	}
	t := &timeline{Ticks: ticks(length)}
	for i := range r.Waves[:min(pageWaves, len(r.Waves))] {
		w := &r.Waves[i]
		row := timelineRow{Name: ui.Sanitize(waveName(w.Name))}
		var drawn strings.Builder
		drawn.WriteString(`<rect class="track" width="100%" height="100%" rx="4"/>`)
		for _, s := range stretchesOf(w, r) {
			from, to := share(s.from.Sub(r.Started), length), share(s.to.Sub(r.Started), length)
			// What takes next to no time of a long run is to be seen all the same.
			fmt.Fprintf(&drawn, `<rect class="%s" x="%.2f%%" width="%.2f%%" height="100%%"/>`, s.class, min(from, 99.6), max(to-from, 0.4))
		}
		t.Bad = t.Bad || w.Begun != nil && w.End == "bad"
		row.Drawing = template.HTML(drawn.String()) // classes of ours, and numbers
		row.Alt = row.Name + ": " + ui.Sanitize(waveEnd(w, r))
		if took, begun := tookOf(w, r); begun {
			row.Alt += ", began at " + clock(*w.Begun, r) + " and took " + ui.Took(took)
		}
		if story := waveStory(w, r); story != "" {
			row.Alt += "; " + ui.Sanitize(story)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

type classStretch struct {
	class    string
	from, to time.Time
}

// stretchesOf are what a wave's time was spent on.
func stretchesOf(w *Wave, r *Report) []classStretch {
	var found []classStretch
	if wait, asked := waited(w, r); asked {
		found = append(found, classStretch{"waiting", *w.Asked, w.Asked.Add(wait)})
	}
	took, begun := tookOf(w, r)
	if !begun {
		return found
	}
	end := w.Begun.Add(took)
	buying := "buying"
	if w.End == "bad" {
		buying = "failed"
	}
	if w.Bake == nil {
		return append(found, classStretch{buying, *w.Begun, end})
	}
	return append(found, classStretch{buying, *w.Begun, w.Bake.Begun}, classStretch{"baking", w.Bake.Begun, end})
}

// share is a part of a length in percent.
func share(part, length time.Duration) float64 {
	return max(0, min(100, 100*float64(part)/float64(length)))
}

// ticks marks the time since the run's beginning.
func ticks(length time.Duration) template.HTML {
	step := length
	for _, w := range widths {
		if length/w < mostTicks {
			step = w
			break
		}
	}
	for length/step >= mostTicks {
		step *= 2
	}
	var drawn strings.Builder
	for at := time.Duration(0); at <= length; at += step {
		x := share(at, length)
		anchor := "middle"
		switch {
		case x < 5:
			anchor = "start"
		case x > 95:
			anchor = "end"
		}
		fmt.Fprintf(&drawn, `<line x1="%.2f%%" x2="%.2f%%" y2="5"/><text x="%.2f%%" y="19" text-anchor="%s">%s</text>`, x, x, x, anchor, tickText(at))
	}
	return template.HTML(drawn.String()) // numbers and spans
}

func tickText(at time.Duration) string {
	if at == 0 {
		return "0"
	}
	return order.Span(at)
}
