package ui

import (
	"fmt"
	"strings"
	"time"
)

// A frame is one drawing of a board: at the top what is told of the whole run, then the current wave's table between the
// waves before and those to come, and last what it is at and what went wrong.
type frame struct {
	paint
	tally  *tally
	now    time.Time
	limit  int // columns that a line may take: a full line would make some terminals break it
	height int // of the terminal
}

// around is what of a terminal's height no frame takes: a blank line above and below, and the cursor's line.
const around = 3

// lines returns the frame, no line of it longer than the limit, and together with what is around them not more of them
// than the terminal is high. What matters most gets room first.
func (f *frame) lines() []string {
	wave := f.tally.wave()
	head, states := f.head(), f.states()
	causes, waves := f.tally.causes.sorted(), len(f.tally.waves)-1
	const table = 4 // the wave's title, heads, a region, all of them
	room := max(0, f.height-around-len(head)-len(states)-table)
	take := func(wanted int) int {
		n := min(wanted, room)
		room -= n
		return n
	}
	shownCauses := take(min(len(causes), 3))
	shownWaves := take(min(waves, 2))
	shownRegions := 1 + take(len(wave.regions)-1)
	shownWaves += take(waves - shownWaves)
	shownCauses += take(len(causes) - shownCauses)

	before, after := f.otherWaves(shownWaves)
	lines := append(head, before...)
	if f.named() {
		lines = append(lines, f.bold(f.fit(f.waveTitle())))
	}
	lines = append(lines, f.table(wave, shownRegions)...)
	lines = append(lines, after...)
	lines = append(lines, states...)
	lines = append(lines, f.causes(causes, shownCauses)...)
	return lines[:min(len(lines), max(1, f.height-around))]
}

// fit cuts a line's end off where it is too long.
func (f *frame) fit(line string) string { return shorten(line, f.limit) }

// named tells whether the waves are the fleet's own: without any, the run itself is the only one.
func (f *frame) named() bool { return len(f.tally.waves) > 1 || f.tally.wave().name != "" }

// head is what is told of the whole run. One without waves and prices has it on one line.
func (f *frame) head() []string {
	id := Sanitize(f.tally.run)
	if !f.named() && f.tally.facts.Currency == "" {
		return []string{f.bold(f.fit(strings.Join(append(f.title(), "run "+id), ", ")))}
	}
	return []string{f.bold(f.fit(strings.Join(f.title(), ", "))), f.fit(strings.Join(nonEmpty("Run "+id, f.spent()), ", "))}
}

// title says in parts what the run does, and how long it still takes.
func (f *frame) title() []string {
	t := f.tally
	what := "Buying " + plural(t.sum.orders, "order")
	if t.sum.orders == 0 {
		what = "Buying nothing more"
	}
	if !t.ended.IsZero() {
		what = fmt.Sprintf("Bought %d of %s", t.sum.bought, plural(t.sum.orders, "order"))
	}
	if f.named() {
		what += " in " + plural(len(t.waves), "wave")
	}
	parts := []string{what, seconds(f.now.Sub(t.started))}
	if left, known := t.runLeft(f.now); known && t.ended.IsZero() && left > 0 {
		parts = append(parts, "about "+seconds(left)+" left")
	}
	if n := t.sum.retried; n > 0 {
		parts = append(parts, retries(n))
	}
	return parts
}

// waveTitle says which wave the table is about.
func (f *frame) waveTitle() string {
	t := f.tally
	w := t.wave()
	text := fmt.Sprintf("Wave %d of %d, %s: ", t.current+1, len(t.waves), Sanitize(w.name))
	if w.sum.orders > 0 {
		text += plural(w.sum.orders, "order")
	} else {
		text += nothingLeft
	}
	switch {
	case w.started.IsZero():
		return text
	case !w.ended.IsZero():
		return text + ", " + seconds(w.took()) + ", " + endText(w.end)
	}
	text += ", " + seconds(f.now.Sub(w.started))
	if left, known := t.waveLeft(f.now); known {
		text += ", about " + seconds(left) + " left"
	}
	return text
}

// spent is what was bought so far and what is planned; empty where the fleet names no prices.
func (f *frame) spent() string {
	facts := f.tally.facts
	if facts.Currency == "" {
		return ""
	}
	of := facts.Planned.Amount.Grouped()
	if facts.Planned.Unpriced > 0 {
		of = "at least " + of
	}
	spent := f.tally.spent.Amount.Grouped()
	if f.tally.spent.Unpriced > 0 {
		spent = "at least " + spent
	}
	return fmt.Sprintf("spent %s of %s %s", spent, of, Sanitize(facts.Currency))
}

// states are what the run is at beside calls.
func (f *frame) states() []string {
	t := f.tally
	var lines []string
	add := func(label, text string) { lines = append(lines, f.labelled(codeYellow, label, text)) }
	if t.asked != nil {
		add("approval", approvalText(*t.asked)+", asked "+seconds(f.now.Sub(t.asked.At))+" ago")
	}
	if t.baking != nil {
		add("bake", bakeText(*t.baking, f.now))
	}
	if t.paused != nil {
		add("paused", "by "+Sanitize(t.paused.By)+", for "+seconds(f.now.Sub(t.paused.At)))
	}
	if t.draining != nil {
		text := Sanitize(t.draining.Reason)
		if n := t.sum.inFlight; n > 0 {
			text += "; " + plural(n, "call") + " in flight will be finished"
		}
		add("draining", text)
	}
	return lines
}

// labelled is a line that begins as those above the board do.
func (f *frame) labelled(colour, label, text string) string {
	return f.with(colour, label) + spaces(labelWidth-len(label)) + shorten(text, f.limit-labelWidth)
}

// causes are what went wrong, n lines of it. Where there is room for more than one, the last counts those that have none.
func (f *frame) causes(all []*causeCount, n int) []string {
	more := len(all) > n && n > 1
	if more {
		n--
	}
	var lines []string
	for _, c := range all[:n] {
		lines = append(lines, f.labelled(codeRed, c.label, fmt.Sprintf("%d x %s", c.count, c.text)))
	}
	if more {
		others := 0
		for _, c := range all[n:] {
			others += c.count
		}
		lines = append(lines, f.labelled(codeRed, "", fmt.Sprintf("%d of %s", others, plural(len(all)-n, "other cause"))))
	}
	return lines
}
