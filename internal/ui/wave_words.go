package ui

import (
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// What is said of waves, on the board, in lines and as messages of JSON events.

// startText is what a run sets out to do.
func startText(e apply.Started) string {
	total := apply.WaveTotal{Regions: e.Regions}
	for _, r := range e.Regions {
		total.Orders += r.Orders
		total.Instances += r.Instances
	}
	text := totalText(total)
	if len(e.Waves) > 1 {
		text += ", " + plural(len(e.Waves), "wave")
	}
	return text + ", run " + Sanitize(e.Run)
}

// totalText is what is bought, and in how many regions.
func totalText(w apply.WaveTotal) string {
	return fmt.Sprintf("%s%s in %s", plural(w.Orders, "order"), instances(w.Instances), plural(len(w.Regions), "region"))
}

// waveStartText says that the current wave begins.
func waveStartText(t *tally) string {
	w := t.wave()
	return fmt.Sprintf("%s begins, %d of %d: %s%s in %s", Sanitize(w.name), t.current+1, len(t.waves),
		plural(w.sum.orders, "order"), instances(w.sum.instances), plural(len(w.regions), "region"))
}

// waveEndText says how a wave ended, and what became of its orders.
func waveEndText(w *waveTally) string {
	text := endText(w.end)
	if w.name != "" {
		text = Sanitize(w.name) + " " + text
	}
	if w.reason != "" {
		text += ": " + Sanitize(w.reason)
	}
	text += "; " + standingText(&w.sum)
	if b := w.bake; !b.Until.IsZero() {
		text += "; " + healthText(b)
	}
	if !w.started.IsZero() {
		text += "; " + seconds(w.took())
	}
	return text
}

// endText is how a wave ended, behind its name.
func endText(end apply.WaveEnd) string {
	switch end {
	case apply.WaveGood:
		return "ended well"
	case apply.WaveBad:
		return "ended badly"
	case apply.WaveUnapproved:
		return "is not approved"
	case apply.WaveCutShort:
		return "was cut short"
	case apply.WaveIdle:
		return "had nothing to do"
	default:
		return "has not begun"
	}
}

func waveColour(end apply.WaveEnd) string {
	if end == apply.WaveGood {
		return codeGreen
	}
	return codeYellow
}

// approvalText says what waits for somebody.
func approvalText(e apply.AwaitingApproval) string {
	return "wave " + Sanitize(e.Wave.Wave) + " waits for it: " + totalText(e.Wave)
}

// bakeText is where a bake stands.
func bakeText(e apply.Baking, now time.Time) string {
	left := max(0, e.Until.Sub(now))
	return fmt.Sprintf("%s until %s: %s", seconds(left), e.Until.UTC().Format("15:04:05 UTC"), healthText(e))
}

// healthText is how what a wave bought comes up.
func healthText(e apply.Baking) string {
	return fmt.Sprintf("%s up, %d coming, %d down", plural(e.Up, "instance"), e.Coming, e.Down)
}

// speedText is a limit of calls in flight, and of calls a second where there is one.
func speedText(s speed) string {
	text := plural(s.parallelism, "call")
	if s.rate > 0 {
		text += ", " + rateText(s.rate) + "/s"
	}
	return text
}

// comingText is what a wave that has not begun sets out to do.
func comingText(w *waveTally, asks bool, bake time.Duration) string {
	text := plural(w.sum.orders, "order") + instances(w.sum.instances)
	if asks {
		text += ", asks for approval"
	}
	if bake > 0 {
		text += ", bakes " + Span(bake)
	}
	if n := w.sum.skipped; n > 0 {
		text += fmt.Sprintf(", %d skipped", n)
	}
	return text
}

// standingText is what became of orders; of what did not happen, nothing is said.
func standingText(r *regionTally) string {
	text := fmt.Sprintf("%d of %s bought", r.bought, plural(r.orders, "order"))
	for _, part := range []struct {
		n    int
		what string
	}{{r.failed, "failed"}, {r.inDoubt, "in doubt"}, {r.skipped, "skipped"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return text
}
