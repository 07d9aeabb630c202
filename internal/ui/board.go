package ui

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A board shows a run in a block at the terminal's bottom, a line for each region. It is drawn over itself; what
// went wrong is printed above it and stays.
type board struct {
	lineProgress
	stream Stream
	drawn  int  // lines of the last drawing
	ended  bool // the next drawing is the last, and something else follows it
}

// event leaves out what the board's title says.
func (b *board) event(e apply.Event, t *tally, took time.Duration) []byte {
	switch e.(type) {
	case apply.Started:
		return []byte("\n")
	case apply.Ended:
		b.ended = true
		return nil
	default:
		return b.lineProgress.event(e, t, took)
	}
}

const (
	eraseLine  = "\x1b[K" // to its end
	eraseBelow = "\x1b[J"
)

// tick returns one drawing as a single write, over the last one and line by line, so that nothing flickers.
func (b *board) tick(said []byte, t *tally, now time.Time) []byte {
	width, height := b.stream.Size()
	lines := b.draw(t, now, max(width, leastWidth), height)
	if b.ended {
		lines = append(lines, "")
	}
	var out bytes.Buffer
	if b.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\r", b.drawn)
	}
	if len(said) > 0 {
		out.WriteString(eraseBelow)
		out.Write(said)
	}
	for _, line := range lines {
		out.WriteString(line)
		out.WriteString(eraseLine + "\n")
	}
	if len(lines) < b.drawn {
		out.WriteString(eraseBelow)
	}
	b.drawn = len(lines)
	return out.Bytes()
}

// draw returns the board's lines, none longer than the terminal is wide and together not more than it is high.
func (b *board) draw(t *tally, now time.Time, width, height int) []string {
	const fixed = 3 // title, heads, sum
	shown := t.regions
	hidden := 0
	if room := max(1, height-fixed-2); len(shown) > room {
		hidden = len(shown) - room
		shown = busiest(shown, room)
	}
	g := b.grid(shown, t, now)
	limit := width - 1 // a full line would make some terminals break it
	widths := g.widths(limit)

	passed := now.Sub(t.started)
	title := fmt.Sprintf("Buying %s%s, run %s, %s", plural(t.sum.orders, "order"), instances(t.sum.instances), Sanitize(t.run), seconds(passed))
	lines := []string{b.bold(shorten(title, limit)), b.dim(g.line(g.titles(), widths))}
	for i, r := range append(slices.Clip(shown), &t.sum) {
		line := b.with(colourOf(r), g.line(g.rows[i], widths))
		if room := limit - sumOf(widths) - columnGap; room >= barLeast {
			line += spaces(columnGap) + b.bar(r, min(room, barMost))
		}
		lines = append(lines, line)
	}
	if hidden > 0 {
		lines = append(lines, b.dim(fmt.Sprintf("and %s more", plural(hidden, "region"))))
	}
	return lines
}

const (
	barLeast = 10
	barMost  = 60
)

// bar draws the share of a region that is done; what went wrong is marked.
func (b *board) bar(r *regionTally, width int) string {
	if r.orders == 0 {
		return ""
	}
	done := width * r.done() / r.orders
	good := width * r.bought / r.orders
	if r.done() > r.bought && good == done {
		good = max(0, good-1) // one in a thousand is still to be seen
		done = max(1, done)
	}
	bad := done - good
	return b.green(strings.Repeat("#", good)) + b.red(strings.Repeat("!", bad)) + b.dim(strings.Repeat(".", max(0, width-good-bad)))
}

// busiest returns the regions to show where there is no room for all: those that work, then those that went wrong.
func busiest(regions []*regionTally, n int) []*regionTally {
	var first, rest []*regionTally
	for _, r := range regions {
		if r.inFlight > 0 || r.failed+r.inDoubt > 0 && r.waiting() > 0 {
			first = append(first, r)
		} else {
			rest = append(rest, r)
		}
	}
	return append(first, rest...)[:n]
}

func (b *board) grid(regions []*regionTally, t *tally, now time.Time) grid {
	g := grid{columns: []column{
		{title: "region", give: 1, least: 8},
		{title: "bought", right: true}, {title: "in flight", right: true}, {title: "waiting", right: true},
		{title: "failed", right: true}, {title: "in doubt", right: true}, {title: "rate", right: true},
		{title: "ETA", right: true},
	}}
	for _, r := range regions {
		g.rows = append(g.rows, boardRow(r, Sanitize(r.name), now))
	}
	g.rows = append(g.rows, boardRow(&t.sum, "all", now))
	return g
}

func boardRow(r *regionTally, name string, now time.Time) []string {
	rate := r.ended.rate(now)
	eta := "-"
	left, ok := r.left(rate)
	switch {
	case r.done() >= r.orders:
		eta = "done"
	case r.stopped:
		eta = "stopped"
	case ok:
		eta = seconds(left)
	}
	return []string{
		name, fmt.Sprintf("%d/%d", r.bought, r.orders), strconv.Itoa(r.inFlight), strconv.Itoa(r.waiting()),
		strconv.Itoa(r.failed), strconv.Itoa(r.inDoubt), rateText(rate) + "/s", eta,
	}
}

func colourOf(r *regionTally) string {
	switch {
	case r.name == "": // the sum
		return codeBold
	case r.failed+r.inDoubt > 0 || r.stopped:
		return codeYellow
	case r.done() >= r.orders:
		return codeGreen
	default:
		return ""
	}
}

// sumOf is the width of a row.
func sumOf(widths []int) int {
	sum := columnGap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}
