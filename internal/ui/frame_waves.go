package ui

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// otherWaves are the waves before and after the current one, n lines of it: those next to it first, the coming ones
// before the ended ones.
func (f *frame) otherWaves(n int) (before, after []string) {
	t := f.tally
	ended, coming := t.waves[:t.current], t.waves[t.current+1:]
	shownAfter := min(len(coming), n)
	if len(ended) > 0 {
		shownAfter = min(len(coming), max(n-len(ended), (n+1)/2))
	}
	shownBefore := min(len(ended), n-shownAfter)

	if hidden := len(ended) - shownBefore; hidden > 0 && shownBefore > 0 {
		before = append(before, f.dim(f.fit(hiddenWaves(ended[:hidden+1], "before"))))
		ended = ended[hidden+1:]
	} else {
		ended = ended[hidden:]
	}
	for _, w := range ended {
		before = append(before, f.waveLine(w))
	}
	var rest []*waveTally
	if hidden := len(coming) - shownAfter; hidden > 0 && shownAfter > 0 {
		coming, rest = coming[:shownAfter-1], coming[shownAfter-1:]
	} else {
		coming = coming[:shownAfter]
	}
	for _, w := range coming {
		after = append(after, f.waveLine(w))
	}
	if len(rest) > 0 {
		after = append(after, f.dim(f.fit(hiddenWaves(rest, "to come"))))
	}
	return before, after
}

// hiddenWaves stands for waves that there is no room for.
func hiddenWaves(waves []*waveTally, which string) string {
	orders := 0
	for _, w := range waves {
		orders += w.sum.orders
	}
	return fmt.Sprintf("%s%s %s, %s", pad("", labelWidth, false), plural(len(waves), "wave"), which, plural(orders, "order"))
}

// waveLine is a wave that isn't the current one.
func (f *frame) waveLine(w *waveTally) string {
	label, colour := f.waveLabel(w)
	text := Sanitize(w.name) + ": "
	switch {
	case w.idle():
		text += "nothing to buy"
	case !w.ended.IsZero() && !w.started.IsZero():
		text += standingText(&w.sum) + ", " + seconds(w.took())
	case !w.ended.IsZero():
		text += standingText(&w.sum)
	default:
		text += comingText(w, f.tally.facts.wave(w.name).Approve, f.tally.facts.wave(w.name).Bake)
	}
	return f.labelled(colour, label, text)
}

// waveLabel is how a wave stands in a word.
func (f *frame) waveLabel(w *waveTally) (label, colour string) {
	switch {
	case w.idle():
		return "idle", codeDim
	case w.ended.IsZero() && !f.tally.ended.IsZero():
		return "untried", codeYellow
	case w.ended.IsZero():
		return "coming", codeDim
	case w.end == apply.WaveGood:
		return "ended", codeGreen
	default:
		return "stopped", codeYellow
	}
}
