package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// How much of a report the text lists before it only counts.
const (
	textOrders    = 20
	textCauses    = 10
	textAddresses = 5
	textDoubts    = 20
	textEvents    = 20
)

// WriteText writes the report for a terminal. It lists what somebody has to look at and some of what was bought; the other
// forms have the rest.
func WriteText(s ui.Stream, r Report) error {
	t := textForm{ui.NewPage(s), &r}
	t.Title("Run "+r.Run+" of fleet "+r.Fleet+": ", string(r.Outcome), moodOf(r.Outcome))
	t.Facts(t.summary())
	t.waves()
	t.regions()
	t.causes("Failed:", "order", r.Failures)
	t.causes("Made again after a pause:", "call", r.Retried)
	t.doubts()
	t.lost()
	t.events()
	t.bought()
	t.steps()
	return t.Flush()
}

func moodOf(o Outcome) ui.Mood {
	switch o {
	case Complete:
		return ui.Good
	case Died:
		return ui.Bad
	case Incomplete, Interrupted:
		return ui.Uncertain
	default:
		return ui.Plain
	}
}

type textForm struct {
	ui.Page
	r *Report
}

func (t *textForm) summary() [][2]string {
	r := t.r
	facts := [][2]string{{"orders", verdict(r)}, {"", outcomes[r.Outcome]}}
	if r.Reason != "" {
		facts = append(facts, [2]string{"stopped", r.Reason})
	}
	facts = append(facts, [2]string{"began", moment(r.Started) + ", " + length(r)}, [2]string{"endpoint", r.Endpoint},
		[2]string{"plan file", r.PlanID}, [2]string{"calls", calls(r.Counts, r.Latency)})
	return append(facts, spent(r)...)
}

// calls says how a run's calls went.
func calls(c Counts, l Latency) string {
	if c.Calls == 0 {
		return "none"
	}
	text := grouped(c.Calls)
	if c.Retries > 0 {
		text += fmt.Sprintf(", %s of them again", grouped(c.Retries))
	}
	if c.Throttled > 0 {
		text += fmt.Sprintf(", %s throttled", grouped(c.Throttled))
	}
	if l.Max > 0 {
		text += fmt.Sprintf("; p50 %v, p95 %v, at most %v", l.P50, l.P95, l.Max)
	}
	return text
}

// spent says what purchases come to, a line each.
func spent(r *Report) [][2]string {
	s := r.Spend
	switch {
	case s == nil && r.Counts.Calls == 0:
		return nil
	case s == nil:
		return [][2]string{{"cost", "not known: the fleet names no prices, or the log is from before they were kept"}}
	}
	facts := [][2]string{
		{"planned", sumOf(s.Planned, s.Currency)},
		{"spent", sumOf(s.Bought, s.Currency) + ", at the fleet's own prices"},
	}
	if r.Counts.InDoubt > 0 {
		facts = append(facts, [2]string{"in doubt", "up to " + sumOf(s.InDoubt, s.Currency) + " more, if it was bought"})
	}
	return facts
}

func (t *textForm) countColumns() []ui.TableColumn {
	return []ui.TableColumn{
		{Title: "ORDERS", Right: true}, {Title: "BOUGHT", Right: true}, {Title: "FAILED", Right: true},
		{Title: "IN DOUBT", Right: true}, {Title: strings.ToUpper(notTried(t.r)), Right: true},
	}
}

func countCells(c Counts) []string {
	return []string{grouped(c.Orders), grouped(c.Bought), grouped(c.Failed), grouped(c.InDoubt), grouped(c.NotTried + c.UnderWay)}
}

func (t *textForm) waves() {
	if !named(t.r.Waves) {
		return
	}
	columns := slices.Concat([]ui.TableColumn{{Title: "WAVE", Shrink: true}, {Title: "END"}}, t.countColumns(),
		[]ui.TableColumn{{Title: "TOOK", Right: true, Drop: 1}})
	var rows [][]string
	for i := range t.r.Waves {
		w := &t.r.Waves[i]
		took := ""
		if d, begun := tookOf(w, t.r); begun {
			took = ui.Took(d)
		}
		rows = append(rows, slices.Concat([]string{waveName(w.Name), waveEnd(w, t.r)}, countCells(w.Counts), []string{took}))
	}
	t.Table(columns, rows)
	for i := range t.r.Waves {
		if text := waveStory(&t.r.Waves[i], t.r); text != "" {
			t.Paragraph("  ", waveName(t.r.Waves[i].Name)+": "+text)
		}
	}
}

func (t *textForm) regions() {
	if len(t.r.Regions) == 0 {
		return
	}
	columns := slices.Concat([]ui.TableColumn{{Title: "REGION", Shrink: true}}, t.countColumns(), []ui.TableColumn{
		{Title: "CALLS", Right: true, Drop: 2}, {Title: "THROTTLED", Right: true, Drop: 1},
		{Title: "P50", Right: true, Drop: 4}, {Title: "P95", Right: true, Drop: 3},
	})
	var rows [][]string
	for _, r := range t.r.Regions {
		rows = append(rows, slices.Concat([]string{r.Name}, countCells(r.Counts),
			[]string{grouped(r.Counts.Calls), grouped(r.Counts.Throttled), r.Latency.P50.String(), r.Latency.P95.String()}))
	}
	t.Table(columns, rows)
	for _, r := range t.r.Regions {
		if r.Stopped != "" {
			t.Paragraph("  ", r.Name+" stopped: "+r.Stopped)
		}
	}
}

func (t *textForm) causes(heading, noun string, causes []Cause) {
	if len(causes) == 0 {
		return
	}
	t.Heading(heading)
	for _, c := range causes[:min(textCauses, len(causes))] {
		t.Paragraph("  ", counted(c.Count, noun)+": "+c.Why)
		if len(c.Orders) > 0 {
			t.Paragraph("    ", firstAddresses(c.Orders, textAddresses))
		}
	}
	t.more(len(causes)-textCauses, "cause")
}

// firstAddresses are the first of some addresses, and how many more there are.
func firstAddresses(addresses []string, most int) string {
	text := strings.Join(addresses[:min(most, len(addresses))], ", ")
	if more := len(addresses) - most; more > 0 {
		text += " and " + grouped(more) + " more"
	}
	return text
}

// more says that something is left out, if it is.
func (t *textForm) more(n int, noun string) {
	if n > 0 {
		t.Paragraph("  ", fmt.Sprintf("… and %s: %s has all.", counted(n, "more "+noun), whole(t.r, "csv")))
	}
}

func (t *textForm) doubts() {
	if len(t.r.Doubts) == 0 {
		return
	}
	t.Heading("In doubt:")
	for _, d := range t.r.Doubts[:min(textDoubts, len(t.r.Doubts))] {
		t.Paragraph("  ", fmt.Sprintf("%s in %s, attempt %d, %s, marker %s: %s",
			d.Address, d.Region, d.Attempt, counted(d.Instances, "instance"), markerOf(d), d.Why))
	}
	t.more(len(t.r.Doubts)-textDoubts, "order")
}

// markerOf is a doubt's marker, or that there is none.
func markerOf(d Doubt) string {
	if d.Marker == "" {
		return "none (the fleet turned markers off)"
	}
	return string(d.Marker)
}

func (t *textForm) lost() {
	if len(t.r.Lost) == 0 {
		return
	}
	t.Heading("Bought, and failed since:")
	for _, l := range t.r.Lost[:min(textDoubts, len(t.r.Lost))] {
		t.Paragraph("  ", l.Address+" in "+l.Region+": "+l.Why)
	}
	t.more(len(t.r.Lost)-textDoubts, "instance")
}

func (t *textForm) events() {
	if len(t.r.Events) == 0 {
		return
	}
	t.Heading("What happened:")
	for _, e := range t.r.Events[:min(textEvents, len(t.r.Events))] {
		t.Paragraph("  ", moment(e.At)+"  "+eventText(e))
	}
	t.more(len(t.r.Events)-textEvents, "event")
}

// eventText says what happened.
func eventText(e Event) string {
	text := strings.ReplaceAll(e.Kind, "_", " ")
	for _, part := range []string{e.Wave, e.Region} {
		if part != "" {
			text += " " + part
		}
	}
	if e.By != "" {
		text += " by " + e.By
	}
	if e.Text != "" {
		text += ": " + e.Text
	}
	return text
}

// bought lists the first purchases.
func (t *textForm) bought() {
	var rows [][]string
	for i := range t.r.Orders {
		if o := &t.r.Orders[i]; o.End == EndBought && len(rows) < textOrders {
			rows = append(rows, []string{o.Address, o.Region, strings.TrimSuffix(grouped(o.Instances)+" x "+o.Spec, " x "), buyIDOf(o)})
		}
	}
	if len(rows) == 0 {
		return
	}
	t.Table([]ui.TableColumn{{Title: "ADDRESS", Shrink: true}, {Title: "REGION", Drop: 2}, {Title: "INSTANCES", Drop: 1}, {Title: "BUY ID"}}, rows)
	t.more(t.r.Counts.Bought-len(rows), "purchase")
}

// buyIDOf names a purchase: by its buyId, or where nobody knows it, by how its instances were found.
func buyIDOf(o *Order) string {
	name := o.BuyID
	switch {
	case name != "":
	case len(o.BIDs) > 0:
		name = "found as " + strings.Join(o.BIDs, " ")
	case len(o.SourceIDs) > 0:
		name = "none; source ids " + strings.Join(o.SourceIDs, " ")
	}
	if o.Unpaid {
		name += ", unpaid"
	}
	return name
}

func (t *textForm) steps() {
	list := steps(t.r)
	if len(list) == 0 {
		return
	}
	t.Heading("To do:")
	for _, s := range list {
		t.Paragraph("  ", s.Text)
		if s.Command != "" {
			t.Paragraph("    ", s.Command)
		}
	}
}
