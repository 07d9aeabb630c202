package ui

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A board shows a run in a block at the terminal's bottom, a line for each region. It is drawn over itself; what
// went wrong is printed above it and stays.
type board struct {
	lineProgress
	stream Stream
	drawn  []int // the columns that each line of the last drawing takes
	above  bool  // something was printed right above the board
}

// event leaves out what the board's title says.
func (b *board) event(e apply.Event, t *tally, took time.Duration) []byte {
	switch e.(type) {
	case apply.Started:
		return []byte("\n")
	default:
		said := b.lineProgress.event(e, t, took)
		b.above = b.above || len(said) > 0
		return said
	}
}

// leave lets what comes next stand below.
func (b *board) leave() { b.drawn, b.above = nil, false }

const (
	eraseLine  = "\x1b[K" // to its end
	eraseBelow = "\x1b[J"
)

// tick returns one drawing as a single write, over the last one and line by line, so that nothing flickers.
func (b *board) tick(said []byte, t *tally, now time.Time) []byte {
	width, height := b.stream.Size()
	up := rowsOf(b.drawn, width)
	lines := b.draw(t, now, max(width, leastWidth), height)
	if b.above {
		lines = slices.Insert(lines, 0, "")
	}
	var out bytes.Buffer
	if up > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\r", up)
	}
	if len(said) > 0 || up > len(b.drawn) {
		out.WriteString(eraseBelow)
		out.Write(said)
	}
	b.drawn = b.drawn[:0]
	for _, line := range lines {
		out.WriteString(line)
		out.WriteString(eraseLine + "\n")
		b.drawn = append(b.drawn, text.StringWidthWithoutEscSequences(line))
	}
	if len(lines) < up {
		out.WriteString(eraseBelow)
	}
	return out.Bytes()
}

// rowsOf is how many rows of the terminal the lines take now: one that was made narrower has broken them.
func rowsOf(lines []int, width int) int {
	rows := len(lines)
	if width <= 0 {
		return rows
	}
	for _, w := range lines {
		rows += max(0, w-1) / width
	}
	return rows
}

// draw returns the board's lines, none longer than the terminal is wide and together not more than it is high.
func (b *board) draw(t *tally, now time.Time, width, height int) []string {
	const fixed = 7 // title, heads, sum, hidden regions, a blank line above and below, the cursor's line
	shown := t.regions
	hidden := 0
	if room := max(1, height-fixed); len(shown) > room {
		hidden = len(shown) - room
		shown = busiest(shown, room)
	}
	g := b.grid(shown, t, now)
	limit := width - 1 // a full line would make some terminals break it
	widths := g.widths(limit)

	passed := now.Sub(t.started)
	title := fmt.Sprintf("Buying %s%s, run %s, %s", plural(t.sum.orders, "order"), instances(t.sum.instances), Sanitize(t.run), seconds(passed))
	if n := t.sum.retried; n > 0 {
		title += ", " + retries(n)
	}
	lines := []string{b.bold(shorten(title, limit)), b.dim(shorten(g.line(g.titles(), widths), limit))}
	for i, r := range append(slices.Clip(shown), &t.sum) {
		row := shorten(g.line(g.rows[i], widths), limit)
		line := b.with(colourOf(r), row)
		if room := limit - widthOf(row) - columnGap; room >= barLeast {
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

// bar draws the share of a region that is bought, and what went wrong; what is skipped stays open.
func (b *board) bar(r *regionTally, width int) string {
	if r.orders == 0 {
		return ""
	}
	done := width * (r.done() - r.skipped) / r.orders
	good := width * r.bought / r.orders
	if r.failed+r.inDoubt > 0 && good == done {
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
		{title: "REGION", give: 1, least: 12},
		{title: "BOUGHT", right: true}, {title: "IN FLIGHT", right: true, give: 3, drop: true},
		{title: "WAITING", right: true, give: 4, drop: true}, {title: "FAILED", right: true},
		{title: "IN DOUBT", right: true}, {title: "SKIPPED", right: true, give: 5, drop: true},
		{title: "RATE", right: true, give: 2, drop: true}, {title: "ETA", right: true},
	}}
	for _, r := range regions {
		g.rows = append(g.rows, boardRow(r, Sanitize(r.name), now))
	}
	g.rows = append(g.rows, boardRow(&t.sum, "all", now))
	if t.sum.skipped == 0 { // the usual case: most runs skip nothing
		g.remove(skippedColumn)
	}
	return g
}

const skippedColumn = 6

func boardRow(r *regionTally, name string, now time.Time) []string {
	rate := r.ended.rate(now)
	eta := "-"
	left, ok := r.left(rate)
	switch {
	case r.stopped || r.skipped > 0 && r.inFlight+r.waiting() == 0:
		eta = "stopped"
	case r.done() >= r.orders:
		eta = "done"
	case ok:
		eta = seconds(left)
	}
	return []string{
		name, fmt.Sprintf("%d/%d", r.bought, r.orders), strconv.Itoa(r.inFlight), strconv.Itoa(r.waiting()),
		strconv.Itoa(r.failed), strconv.Itoa(r.inDoubt), strconv.Itoa(r.skipped), rateText(rate) + "/s", eta,
	}
}

func colourOf(r *regionTally) string {
	switch {
	case r.name == "": // the sum
		return codeBold
	case r.failed+r.inDoubt+r.skipped > 0 || r.stopped:
		return codeYellow
	case r.done() >= r.orders:
		return codeGreen
	default:
		return ""
	}
}
