package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// What is said of waves, on the board, in lines and as messages of JSON events.

// startText is what a run sets out to do.
func startText(t *tally) string {
	regions := map[string]bool{}
	for _, w := range t.waves {
		for _, r := range w.regions {
			regions[r.name] = true
		}
	}
	text := "nothing more"
	if t.sum.orders > 0 {
		text = plural(t.sum.orders, "order") + instances(t.sum.instances) + " in " + plural(len(regions), "region")
	}
	if len(t.waves) > 1 {
		text += ", " + plural(len(t.waves), "wave")
	}
	return text + ", run " + Sanitize(t.run)
}

// endedText is what a run came to.
func endedText(t *tally) string {
	text := standingText(&t.sum)
	if n := t.sum.retried; n > 0 {
		text += ", " + retries(n)
	}
	return fmt.Sprintf("%s; run %s, %s", text, Sanitize(t.run), seconds(t.ended.Sub(t.started)))
}

// totalText is what is bought, and in how many regions.
func totalText(w apply.WaveTotal) string {
	return fmt.Sprintf("%s%s in %s", plural(w.Orders, "order"), instances(w.Instances), plural(len(w.Regions), "region"))
}

// nothingLeft is said of a wave whose orders were all bought by earlier runs, and which bakes.
const nothingLeft = "nothing left to buy"

// waveStartText says that the current wave begins.
func waveStartText(t *tally) string {
	w, buys := t.wave(), nothingLeft
	if w.sum.orders > 0 {
		buys = fmt.Sprintf("%s%s in %s", plural(w.sum.orders, "order"), instances(w.sum.instances), plural(len(w.regions), "region"))
	}
	return fmt.Sprintf("%s begins, %d of %d: %s", Sanitize(w.name), t.current+1, len(t.waves), buys)
}

// waveEndText says how a wave ended, and what became of its orders.
func waveEndText(w *waveTally) string {
	text := endText(w.end)
	if w.name != "" {
		text = Sanitize(w.name) + " " + text
	}
	text += reasonText(w.reason)
	text += "; " + standingText(&w.sum)
	if b := w.bake; !b.Until.IsZero() {
		text += "; " + healthText(b)
	}
	if !w.started.IsZero() {
		text += "; " + seconds(w.took())
	}
	return text
}

// reasonText is why a wave ended so, behind endText, which says by itself that it was not approved.
func reasonText(reason string) string {
	reason = strings.TrimPrefix(strings.TrimPrefix(reason, "it was not approved"), ": ")
	if reason == "" {
		return ""
	}
	return ": " + Sanitize(reason)
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

// approvalText is the wave that waits for somebody.
func approvalText(e apply.AwaitingApproval) string {
	return "wave " + Sanitize(e.Wave.Wave) + ": " + totalText(e.Wave)
}

// bakeText is where a bake stands.
func bakeText(e apply.Baking, now time.Time) string {
	left := max(0, e.Until.Sub(now))
	return fmt.Sprintf("%s left, until %s: %s", seconds(left), e.Until.UTC().Format("15:04:05 UTC"), healthText(e))
}

// downText says what became of instances that were bought. A run log does not know how many they are.
func downText(e apply.InstanceFailed) string {
	text := place(e.Address.String(), e.Region) + ": bought, but "
	switch {
	case e.Instances == 1:
		text += "1 instance is "
	case e.Instances > 1:
		text += plural(e.Instances, "instance") + " are "
	}
	return text + "not up: " + Sanitize(e.Why)
}

// healthText is how what a wave bought comes up.
func healthText(e apply.Baking) string {
	text := fmt.Sprintf("%s up, %d coming, %d down", plural(e.Up, "instance"), e.Coming, e.Down)
	if e.Unwatched > 0 {
		text += fmt.Sprintf(", %d not watched", e.Unwatched)
	}
	return text
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
		text += ", bakes " + order.Span(bake)
	}
	if n := w.sum.skipped; n > 0 {
		text += fmt.Sprintf(", %d skipped", n)
	}
	return text
}

// standingText is what became of orders; of what did not happen, nothing is said.
func standingText(r *regionTally) string {
	if r.orders == 0 {
		return nothingLeft
	}
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
