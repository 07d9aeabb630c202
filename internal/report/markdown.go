package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

// MaxMarkdown bounds the Markdown form, in bytes: a comment on GitHub holds as many characters.
const MaxMarkdown = 65_536

// How much of a report the Markdown lists before it only counts, besides the orders, which fill what is left.
const (
	markdownRows      = 50 // of waves, regions and causes
	markdownAddresses = 10
	markdownDoubts    = 50
	markdownEvents    = 20
	markdownText      = 300 // bytes of a text from outside
)

// markdownPart bounds a part of the Markdown, so that no part, whatever texts are in it, leaves no room for the others.
const markdownPart = 8 << 10

// WriteMarkdown writes the report as a comment for a pull request: what somebody has to look at, and as many orders as fit.
// What it leaves out, it says.
func WriteMarkdown(w io.Writer, r Report) error {
	m := markdown{r: &r}
	m.head()
	m.steps()
	m.waves()
	m.regions()
	m.causes("Failed", "orders", r.Failures)
	m.causes("Calls made again", "calls", r.Retried)
	m.doubts()
	m.lost()
	m.events()
	m.orders()
	_, err := w.Write(m.Bytes())
	return err
}

type markdown struct {
	bytes.Buffer
	r *Report
}

// inCells escapes the pipes that would end a table's cell, and a code with it. A backslash of the text's own before one would
// escape the escape.
var inCells = strings.NewReplacer(`\|`, `\ \|`, "|", `\|`)

// code is a text from outside, as code: nothing in it is markup, a mention or a link.
func code(text string) string {
	text = ui.Sanitize(text)
	if len(text) > markdownText {
		text = strings.ToValidUTF8(text[:markdownText], "") + "…"
	}
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	text = inCells.Replace(text)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// signs say at a glance how a run ended.
var signs = map[Outcome]string{Complete: "✅", Incomplete: "⚠️", Interrupted: "⚠️", Died: "❌", Running: "⏳"}

func (m *markdown) head() {
	r := m.r
	fmt.Fprintf(m, "## %s Run of fleet %s: %s\n\n%s\n\n", signs[r.Outcome], code(r.Fleet), r.Outcome,
		joined("**"+verdict(r)+"**", outcomes[r.Outcome]))
	if r.Reason != "" {
		fmt.Fprintf(m, "Stopped: %s\n\n", code(r.Reason))
	}
	facts := [][2]string{
		{"Run", code(r.Run)}, {"Began", moment(r.Started) + ", " + length(r)}, {"Endpoint", code(r.Endpoint)}, {"Plan file", code(r.PlanID)},
		{"Calls", calls(r.Counts, r.Latency)},
	}
	for _, f := range spent(r) {
		facts = append(facts, [2]string{capital(f[0]), ui.Sanitize(f[1])})
	}
	m.WriteString("| | |\n|---|---|\n")
	for _, f := range facts {
		if f[1] != "" {
			fmt.Fprintf(m, "| %s | %s |\n", f[0], f[1])
		}
	}
}

func (m *markdown) steps() {
	list := steps(m.r)
	if len(list) == 0 {
		return
	}
	m.WriteString("\n### To do\n\n")
	for _, s := range list {
		m.WriteString("- " + s.Text)
		if s.Command != "" {
			m.WriteString(" " + code(s.Command))
		}
		m.WriteString("\n")
	}
}

// table writes rows below a heading, as many as most and the part's room allow, and says what it left out.
func (m *markdown) table(heading, noun string, titles []string, right int, most int, rows func(yield func(cells []string) bool), all int) {
	fmt.Fprintf(m, "\n### %s\n\n| %s |\n|", heading, strings.Join(titles, " | "))
	for i := range titles {
		m.WriteString(map[bool]string{true: "---:|", false: "---|"}[i >= len(titles)-right])
	}
	m.WriteString("\n")
	begun, n := m.Len(), 0
	for cells := range rows {
		line := "| " + strings.Join(cells, " | ") + " |\n"
		if n == most || m.Len()-begun+len(line) > markdownPart {
			break
		}
		m.WriteString(line)
		n++
	}
	m.leftOut(n, all, noun)
}

func (m *markdown) leftOut(shown, all int, noun string) {
	if shown < all {
		fmt.Fprintf(m, "\n%s of %s are shown. All of them: %s\n", grouped(shown), counted(all, noun), code(whole(m.r, "csv")))
	}
}

func (m *markdown) countTitles() []string {
	return []string{"Orders", "Bought", "Failed", "In doubt", capital(notTried(m.r))}
}

func (m *markdown) waves() {
	r := m.r
	if !named(r.Waves) {
		return
	}
	titles := slices.Concat([]string{"Wave", "End", ""}, m.countTitles(), []string{"Took"})
	m.table("Waves", "wave", titles, 6, markdownRows, func(yield func([]string) bool) {
		for i := range r.Waves {
			w := &r.Waves[i]
			took := ""
			if d, begun := tookOf(w, r); begun {
				took = ui.Took(d)
			}
			story := waveStory(w, r)
			if w.Reason != "" {
				story = code(story)
			}
			if !yield(slices.Concat([]string{code(waveName(w.Name)), waveEnd(w, r), story}, countCells(w.Counts), []string{took})) {
				return
			}
		}
	}, len(r.Waves))
}

func (m *markdown) regions() {
	regions := m.r.Regions
	if len(regions) == 0 {
		return
	}
	titles := slices.Concat([]string{"Region", "Stopped"}, m.countTitles(), []string{"Calls", "Throttled", "p50", "p95"})
	m.table("Regions", "region", titles, 9, markdownRows, func(yield func([]string) bool) {
		for _, r := range regions {
			if !yield(slices.Concat([]string{code(r.Name), code(r.Stopped)}, countCells(r.Counts),
				[]string{grouped(r.Counts.Calls), grouped(r.Counts.Throttled), r.Latency.P50.String(), r.Latency.P95.String()})) {
				return
			}
		}
	}, len(regions))
}

func (m *markdown) causes(heading, what string, causes []Cause) {
	if len(causes) == 0 {
		return
	}
	m.table(heading, "cause", []string{"Why", "Addresses", capital(what)}, 1, markdownRows, func(yield func([]string) bool) {
		for _, c := range causes {
			var addresses []string
			for _, a := range c.Orders[:min(markdownAddresses, len(c.Orders))] {
				addresses = append(addresses, code(a))
			}
			text := strings.Join(addresses, ", ")
			if more := len(c.Orders) - len(addresses); more > 0 {
				text += " and " + grouped(more) + " more"
			}
			if !yield([]string{code(c.Why), text, grouped(c.Count)}) {
				return
			}
		}
	}, len(causes))
}

func (m *markdown) doubts() {
	doubts := m.r.Doubts
	if len(doubts) == 0 {
		return
	}
	m.table("In doubt", "order", []string{"Address", "Region", "Marker", "Why", "Attempt", "Instances"}, 2, markdownDoubts, func(yield func([]string) bool) {
		for _, d := range doubts {
			if !yield([]string{code(d.Address), code(d.Region), code(markerOf(d)), code(d.Why), grouped(d.Attempt), grouped(d.Instances)}) {
				return
			}
		}
	}, len(doubts))
}

func (m *markdown) lost() {
	lost := m.r.Lost
	if len(lost) == 0 {
		return
	}
	m.table("Bought, and failed since", "instance", []string{"Address", "Region", "Why"}, 0, markdownDoubts, func(yield func([]string) bool) {
		for _, l := range lost {
			if !yield([]string{code(l.Address), code(l.Region), code(l.Why)}) {
				return
			}
		}
	}, len(lost))
}

func (m *markdown) events() {
	events := m.r.Events
	if len(events) == 0 {
		return
	}
	m.table("What happened", "event", []string{"When", "What"}, 0, markdownEvents, func(yield func([]string) bool) {
		for _, e := range events {
			if !yield([]string{moment(e.At), code(eventText(e))}) {
				return
			}
		}
	}, len(events))
}

// orders fills what room is left with orders, those that need a look first.
func (m *markdown) orders() {
	if len(m.r.Orders) == 0 {
		return
	}
	fmt.Fprintf(m, "\n<details><summary>Orders (%s)</summary>\n\n| Address | Region | End | Buy id | Instances | At |\n|---|---|---|---|---:|---|\n",
		grouped(len(m.r.Orders)))
	const closing = "\n</details>\n"
	n := 0
	for o := range byAttention(m.r.Orders) {
		line := fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", code(o.Address), code(o.Region), o.End.Words(), code(buyIDOf(o)),
			grouped(o.Instances), o.At.UTC().Format("15:04:05"))
		if m.Len()+len(line)+len(closing)+markdownText > MaxMarkdown { // a note on what is left out fits within that text's room
			break
		}
		m.WriteString(line)
		n++
	}
	m.leftOut(n, len(m.r.Orders), "order")
	m.WriteString(closing)
}
