package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// The words that the forms for people have in common. They come without markup, and unsanitized where they hold names.

// grouped is a number as people read it: 20,000.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// moment is a time as people read it, in UTC.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// String is how long a call took, as people read it.
func (m Millis) String() string {
	switch {
	case m < 1000:
		return strconv.FormatInt(int64(m), 10) + " ms"
	case m < 10_000:
		return strconv.FormatFloat(float64(m)/1000, 'f', 1, 64) + " s"
	default:
		return grouped(int(m/1000)) + " s"
	}
}

// decimal is a number with one digit behind the point, and none where it is 0.
func decimal(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") }

// Words are the end as people read it.
func (e End) Words() string { return strings.ReplaceAll(string(e), "_", " ") }

// sumOf says what a sum comes to.
func sumOf(s Sum, currency string) string {
	switch {
	case s.Unpriced == 0:
		return s.Amount.Grouped() + " " + currency
	case s.Amount == 0:
		return "an unknown amount"
	default:
		return "at least " + s.Amount.Grouped() + " " + currency
	}
}

// amount is a sum where the currency is named elsewhere.
func amount(s Sum) string {
	switch {
	case s.Unpriced == 0:
		return s.Amount.Grouped()
	case s.Amount == 0:
		return "unknown"
	default:
		return "≥ " + s.Amount.Grouped()
	}
}

// capital is a text of ours that begins a line.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// waveName is a wave's name for people.
func waveName(name string) string {
	if name == "" {
		return "all orders"
	}
	return name
}

// verdict says in one sentence what the run came to.
func verdict(r *Report) string {
	c := r.Counts
	bought := fmt.Sprintf("%s of %s bought", grouped(c.Bought), counted(c.Orders, "order"))
	if c.Bought == c.Orders {
		bought = counted(c.Orders, "order") + " bought"
	}
	if c.Orders == 0 && c.Imported > 0 {
		bought = counted(c.Imported, "order") + " imported"
	} else if c.Orders == 0 {
		return "It had nothing to buy."
	}
	parts := []string{bought + " (" + counted(c.BoughtIn, "instance") + ")"}
	if c.Orders == 0 {
		parts[0] = bought
	}
	for _, p := range []struct {
		n    int
		word string
	}{{c.Failed, "failed"}, {c.InDoubt, "in doubt"}, {c.NotTried, notTried(r)}, {c.UnderWay, "under way"}} {
		if p.n > 0 {
			parts = append(parts, grouped(p.n)+" "+p.word)
		}
	}
	return strings.Join(parts, ", ") + "."
}

// clock is a moment of the run: without the day where all of them are on one.
func clock(t time.Time, r *Report) string {
	if sameDay(r.Started, r.Last) && sameDay(r.Started, t) {
		return t.UTC().Format("15:04:05")
	}
	return t.UTC().Format("01-02 15:04:05")
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

// notTried is what orders are called that the run has not come to.
func notTried(r *Report) string {
	if r.Outcome == Running {
		return "to come"
	}
	return "not tried"
}

// length says how long the run took.
func length(r *Report) string {
	took := ui.Took(r.Last.Sub(r.Started))
	switch r.Outcome {
	case Running:
		return "for " + took + " so far"
	case Died:
		return "last heard of after " + took
	default:
		return "took " + took
	}
}

// outcomes says what each outcome means, where the verdict's numbers don't.
var outcomes = map[Outcome]string{
	Complete:    "",
	Incomplete:  "The run ended by itself, with something left to do.",
	Interrupted: "The operator ended the run. Calls in flight were finished and recorded.",
	Died:        "The program ended without ending the run: it was killed, or the machine stopped. What it had bought is recorded.",
	Running:     "The run goes on. This is how it stood when the report was made.",
}

// A step is something for somebody to do, and the command that does it, if one does.
type step struct {
	Text    string
	Command string
}

// steps are what is left to do after the run, the most pressing first. They speak of the run: what was done about it since,
// a plan knows.
func steps(r *Report) []step {
	c := r.Counts
	var list []step
	if c.InDoubt > 0 && r.Outcome != Running {
		list = append(list, step{
			"Nobody knows whether " + counted(c.InDoubt, "call") + " bought. Nothing of it is called again before that is known. " +
				"Look for it; what is not found after a while, look up in the console by its marker, and say with resolve what became of it.",
			command(r, "reconcile"),
		})
	}
	if c.Unpaid > 0 {
		list = append(list, step{Text: counted(c.Unpaid, "purchase") + " waits, unpaid, until somebody pays in the console."})
		if c.Unpaid > 1 {
			list[len(list)-1].Text = strings.Replace(list[len(list)-1].Text, "waits", "wait", 1)
		}
	}
	if len(r.Lost) > 0 {
		list = append(list, step{Text: counted(len(r.Lost), "instance") + " failed after the purchase, which stands: look in the console."})
	}
	switch {
	case r.Outcome == Running || r.Command != "apply":
	case c.Failed > 0:
		list = append(list, step{"See to what made orders fail, then go on. What was bought is not bought again.", command(r, "apply")})
	case c.NotTried > 0 || r.Outcome == Died || r.Outcome == Interrupted:
		list = append(list, step{"Go on where the run stopped. What was bought is not bought again.", command(r, "apply")})
	}
	return list
}

// command is what goes on with the run's state. Without the flags it could buy elsewhere: from the real API what
// a simulated one sold.
func command(r *Report, name string) string {
	return joined("bastion-fleet", name, r.place, r.seller)
}

// whole says how to get all orders, where a form can't list them.
func whole(r *Report, form string) string {
	return joined("bastion-fleet report", ui.ShellWord(r.Run), "--"+form, r.place)
}

// joined are the parts of a command or of a line that are not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// waveEnd says how a wave ended or stands.
func waveEnd(w *Wave, r *Report) string {
	switch {
	case w.End != "":
		return strings.ReplaceAll(w.End, "_", " ")
	case w.Begun == nil && r.Outcome == Running && w.Asked != nil:
		return "awaits approval"
	case w.Begun == nil:
		return "not begun"
	case r.Outcome == Running && w.Bake != nil:
		return "baking"
	case r.Outcome == Running:
		return "under way"
	default:
		return "cut short"
	}
}

// waited is how long a wave waited for its approval; false where it was not asked for.
func waited(w *Wave, r *Report) (time.Duration, bool) {
	if w.Asked == nil {
		return 0, false
	}
	until := r.Last
	if w.Begun != nil {
		until = *w.Begun
	}
	return until.Sub(*w.Asked), true
}

// tookOf is how long a wave took from its beginning to its end; false where it did not begin.
func tookOf(w *Wave, r *Report) (time.Duration, bool) {
	if w.Begun == nil {
		return 0, false
	}
	until := r.Last
	if w.Ended != nil {
		until = *w.Ended
	}
	return until.Sub(*w.Begun), true
}

// named tells whether the run had waves worth telling of.
func named(waves []Wave) bool { return len(waves) > 1 || len(waves) == 1 && waves[0].Name != "" }

// bakeText says how what a wave bought came up.
func bakeText(b *Bake) string {
	return fmt.Sprintf("%s up, %s coming, %s down after %s", grouped(b.Up), grouped(b.Coming), grouped(b.Down), ui.Took(b.Last.Sub(b.Begun)))
}

// waveStory says what there is to tell of a wave beside its numbers.
func waveStory(w *Wave, r *Report) string {
	var parts []string
	d, asked := waited(w, r)
	switch {
	case asked && w.Begun == nil && r.Outcome == Running:
		parts = append(parts, "waits for its approval since "+clock(*w.Asked, r))
	case asked && w.Begun == nil:
		parts = append(parts, "asked for its approval at "+clock(*w.Asked, r))
	case asked && d >= time.Second:
		parts = append(parts, "waited "+ui.Took(d)+" for its approval")
	}
	switch {
	case w.Bake != nil && w.Ended == nil && r.Outcome == Running:
		parts = append(parts, "bakes until "+clock(w.Bake.Until, r)+": "+bakeText(w.Bake))
	case w.Bake != nil:
		parts = append(parts, "baked: "+bakeText(w.Bake))
	}
	if w.Reason != "" {
		parts = append(parts, w.Reason)
	}
	return strings.Join(parts, "; ")
}

// limits says how fast a region may be called.
func limits(r *Region) string {
	if r.Parallelism == 0 {
		return ""
	}
	text := grouped(r.Parallelism) + " at once"
	if r.Rate > 0 {
		text += ", " + decimal(r.Rate) + " a second"
	}
	return text
}
