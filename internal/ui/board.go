package ui

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// A board shows a run in a block at the terminal's bottom: its waves, and a line for each region of the current one. It
// is drawn over itself; what went wrong is printed above it and stays.
type board struct {
	*lineProgress
	stream Stream
	drawn  []int // the columns that each line of the last drawing takes
	above  bool  // something was printed right above the board
}

// shownAlike is how many failures of one cause are printed above the board. It counts all of them.
const shownAlike = 3

// event leaves out what the board itself says.
func (b *board) event(e apply.Event, t *tally, took time.Duration) []byte {
	switch e := e.(type) {
	case apply.Started:
		return []byte("\n")
	case apply.WaveStarted, apply.AwaitingApproval, apply.Baking, apply.SpeedChanged, apply.Paused, apply.Resumed, apply.Ended:
		return nil
	case apply.WaveEnded:
		if e.End == apply.WaveGood {
			return nil
		}
	case apply.Failed, apply.InstanceFailed:
		if t.causes.last.count > shownAlike {
			return nil
		}
	}
	said := b.lineProgress.event(e, t, took)
	b.above = b.above || len(said) > 0
	return said
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
	f := frame{paint: b.paint, tally: t, now: t.now(now), limit: max(width, leastWidth) - 1, height: height}
	lines := f.lines()
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
