package ui

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
)

// waveEnds tells how each wave ended.
func (t *Text) waveEnds(e Ending) {
	if !e.waved() {
		return
	}
	t.out.println(t.out.bold("Waves:"))
	longest := 0
	for _, w := range e.Result.Waves {
		longest = max(longest, widthOf(w.Wave))
	}
	counts := e.waveCounts()
	for i, w := range e.Result.Waves {
		name := pad(Sanitize(w.Wave), longest, false)
		for n, line := range wrap(waveOutcome(w, counts[i]), max(0, t.out.width()-longest-4)) {
			if n > 0 {
				name = spaces(longest)
			}
			t.out.println("  ", name, "  ", line)
		}
	}
	t.out.print("\n")
}

// waveOutcome says how a wave ended, and what became of its orders.
func waveOutcome(w apply.WaveResult, orders regionTally) string {
	text := endText(w.End) + reasonText(w.Reason)
	if orders.orders == 0 {
		return text
	}
	return text + "; " + standingText(&orders)
}

// skippedEntries says what was not tried, and how to go on with it.
func (t *Text) skippedEntries(e Ending) {
	n := e.Result.Count(apply.EndSkipped)
	if n == 0 {
		return
	}
	t.labelled(codeYellow, "Skipped:", plural(n, "order")+", for which nothing was bought.")
	for _, part := range e.untried() {
		where := Sanitize(part.region)
		if part.wave != "" {
			where = "wave " + Sanitize(part.wave) + ", " + where
		}
		t.lines("  ", where+": "+plural(len(part.entries), "order")+": "+addresses(part.entries))
	}
	if e.Continue != "" {
		lacks := ""
		if e.Lacks != "" {
			lacks = " (" + Sanitize(e.Lacks) + ")"
		}
		t.lines("", "Go on with"+lacks+":")
		t.out.println("  ", Sanitize(e.Continue)) // whole, for it is copied
	}
	t.out.print("\n")
}

// failedInstances names what was bought and does not run.
func (t *Text) failedInstances(e Ending) {
	if len(e.Failed) == 0 {
		return
	}
	n := 0
	for _, f := range e.Failed {
		n += f.Instances
	}
	stands := "Their purchases stand, and the state holds them: look in the console."
	if n == 1 {
		stands = "Its purchase stands, and the state holds it: look in the console."
	}
	t.labelled(codeRed, "Not up:", plural(n, "bought instance")+". "+stands)
	for _, f := range e.Failed[:min(len(e.Failed), listedPurchases)] {
		t.lines("  ", place(f.Address.String(), f.Region)+": "+plural(f.Instances, "instance")+": "+Sanitize(f.Why))
	}
	if more := len(e.Failed) - listedPurchases; more > 0 {
		t.lines("  ", "and "+plural(more, "purchase")+" more, which the run log names")
	}
	t.out.print("\n")
}
