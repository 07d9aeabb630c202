package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/latency"
)

// The columns of a board's table. Some are there only once there is something to tell.
const (
	boardRegion = iota
	boardBought
	boardInFlight
	boardRetries
	boardFailed
	boardInDoubt
	boardSkipped
	boardRate
	boardLatency
	boardETA
	boardLimit
)

// table is the current wave, a line for each region, as many as there is room for, and one for all.
func (f *frame) table(w *waveTally, room int) []string {
	shown, hidden := w.regions, 0
	if len(shown) > room {
		hidden = len(shown) - room
		shown = f.busiest(shown, room)
	}
	rows := append(shown[:len(shown):len(shown)], &w.sum)
	if len(w.regions) == 1 {
		rows = shown // the only one is all
	}
	g := f.grid(rows, w, hidden > 0)
	widths := g.widths(f.limit)
	lines := []string{f.dim(f.fit(g.line(g.titles(), widths)))}
	for i, r := range rows {
		row := f.fit(g.line(g.rows[i], widths))
		line := f.with(f.colourOf(r), row)
		if room := f.limit - widthOf(row) - columnGap; room >= barLeast {
			line += spaces(columnGap) + f.bar(r, min(room, barMost))
		}
		lines = append(lines, line)
	}
	return lines
}

func (f *frame) grid(rows []*regionTally, w *waveTally, hidden bool) grid {
	g := grid{columns: []column{
		boardRegion:   {title: "REGION", give: 1, least: 12},
		boardBought:   {title: "BOUGHT", right: true},
		boardInFlight: {title: "CALLS", right: true, give: 6, drop: true},
		boardRetries:  {title: "RETRIES", right: true, give: 3, drop: true},
		boardFailed:   {title: "FAILED", right: true},
		boardInDoubt:  {title: "DOUBT", right: true, give: 8, drop: true},
		boardSkipped:  {title: "SKIPPED", right: true, give: 2, drop: true},
		boardRate:     {title: "RATE", right: true, give: 5, drop: true},
		boardLatency:  {title: "P50/P95", right: true, give: 4, drop: true},
		boardETA:      {title: "ETA", right: true},
		boardLimit:    {title: "LIMIT", right: true, give: 7, drop: true},
	}}
	limited := false
	for _, r := range rows {
		name, limit := Sanitize(r.name), ""
		if r == &w.sum {
			if name = "all"; hidden {
				name = fmt.Sprintf("all %d", len(w.regions))
			}
		} else {
			limit = f.limitText(r.name)
		}
		limited = limited || limit != ""
		g.rows = append(g.rows, f.row(r, name, limit))
	}
	s := &w.sum
	for _, c := range []struct {
		column int
		wanted bool
	}{{boardLimit, limited}, {boardSkipped, s.skipped > 0}, {boardInDoubt, s.inDoubt > 0}, {boardRetries, s.retried > 0}} { // from the right
		if !c.wanted {
			g.remove(c.column)
		}
	}
	return g
}

func (f *frame) row(r *regionTally, name, limit string) []string {
	rate := r.ended.rate(f.now)
	return []string{
		boardRegion: name, boardBought: fmt.Sprintf("%d/%d", r.bought, r.orders), boardInFlight: strconv.Itoa(r.inFlight),
		boardRetries: strconv.Itoa(r.retried), boardFailed: strconv.Itoa(r.failed), boardInDoubt: strconv.Itoa(r.inDoubt),
		boardSkipped: strconv.Itoa(r.skipped), boardRate: rateText(rate) + "/s", boardLatency: percentilesText(r.latency),
		boardETA: f.eta(r), boardLimit: limit,
	}
}

// eta is how long a region still takes, or that nothing happens there any more.
func (f *frame) eta(r *regionTally) string {
	left, ok := f.tally.regionLeft(r, f.now)
	if r.name == "" {
		left, ok = f.tally.ordersLeft(f.now)
	}
	switch {
	case r.done() >= r.orders && r.skipped == 0:
		return "done"
	case f.tally.stopped[r.name], r.skipped > 0 && r.inFlight+r.waiting() == 0:
		return "stopped"
	case ok && f.tally.ended.IsZero():
		return seconds(left)
	default:
		return "-"
	}
}

// limitText is how fast a region may be called at present, by the limit that says most; empty where it is as fast as the
// fleet says.
func (f *frame) limitText(region string) string {
	s, slowed := f.tally.speedOf(region)
	if !slowed {
		return ""
	}
	if s.rate > 0 {
		return rateText(s.rate) + "/s"
	}
	return plural(s.parallelism, "call")
}

// percentilesText is how long half of the calls take at most, and how long 95 of 100.
func percentilesText(l *latency.Histogram) string {
	half, known := l.Percentile(50)
	if !known {
		return "-"
	}
	most, _ := l.Percentile(95)
	text, unit := latencyText(half)
	mostText, mostUnit := latencyText(most)
	if unit != mostUnit {
		text += unit
	}
	return text + "/" + mostText + mostUnit
}

// latencyText is a latency to two digits or so, and its unit.
func latencyText(d time.Duration) (text, unit string) {
	switch {
	case d < 995*time.Millisecond: // what is above is better rounded to 1.0s
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10), "ms"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f", d.Seconds()), "s"
	default:
		return fmt.Sprintf("%.0f", d.Seconds()), "s"
	}
}

const (
	barLeast = 10
	barMost  = 60
)

// bar draws the share of a region that is bought, and what went wrong; what is skipped stays open.
func (f *frame) bar(r *regionTally, width int) string {
	of := max(1, r.orders, r.done())
	done := width * (r.done() - r.skipped) / of
	good := width * r.bought / of
	if r.failed+r.inDoubt > 0 && good == done {
		good = max(0, good-1) // one in a thousand is still to be seen
		done = max(1, done)
	}
	bad := done - good
	return f.green(strings.Repeat("#", good)) + f.red(strings.Repeat("!", bad)) + f.dim(strings.Repeat(".", max(0, width-good-bad)))
}

// busiest returns the regions to show where there is no room for all, in their sequence: those that work, then those that
// went wrong, then those that still will.
func (f *frame) busiest(regions []*regionTally, n int) []*regionTally {
	kept := map[*regionTally]bool{}
	keep := func(wanted func(*regionTally) bool) {
		for _, r := range regions {
			if len(kept) < n && wanted(r) {
				kept[r] = true
			}
		}
	}
	keep(func(r *regionTally) bool { return r.inFlight > 0 })
	keep(func(r *regionTally) bool { return r.failed+r.inDoubt > 0 && r.waiting() > 0 })
	keep(func(r *regionTally) bool { return r.failed+r.inDoubt+r.skipped > 0 })
	keep(func(r *regionTally) bool { return r.waiting() > 0 })
	keep(func(*regionTally) bool { return true })
	shown := make([]*regionTally, 0, n)
	for _, r := range regions {
		if kept[r] {
			shown = append(shown, r)
		}
	}
	return shown
}

func (f *frame) colourOf(r *regionTally) string {
	switch {
	case r.name == "": // the sum
		return codeBold
	case r.failed+r.inDoubt+r.skipped > 0 || f.tally.stopped[r.name]:
		return codeYellow
	case r.done() >= r.orders:
		return codeGreen
	default:
		return ""
	}
}
