package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page/page.gohtml"))

// What the page is made of beside the report. Its policy lets these run and nothing else, so that no text of the report can
// do anything, and nothing is fetched.
var (
	pageStyle  = pageFile("page/page.css")
	pageEarly  = pageFile("page/early.js")
	pageScript = pageFile("page/page.js")
	pagePolicy = "default-src 'none'; style-src " + hashOf(pageStyle) + "; script-src " + hashOf(pageEarly) + " " + hashOf(pageScript) +
		"; base-uri 'none'; form-action 'none'"
)

func pageFile(name string) string {
	text, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // it is built in
	}
	return string(text)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// How much of a report the page shows before it only counts. What it leaves out, it says.
const (
	pageOrders    = 20_000
	pageOrderText = 8 << 20 // bytes of the table of orders
	pageCharts    = 24
	pageRegions   = 200
	pageWaves     = 100
	pageCauses    = 50
	pageAddresses = 50
	pageDoubts    = 500
	pageEvents    = 200
)

// page is what the template shows.
type page struct {
	Policy        string
	Style         template.CSS
	Early, Script template.JS

	Run, Fleet, Title, Mood, Sign    string
	Currency, TableClass             string
	Verdict, Meaning, Reason, Length string
	Began, StartedAt, NotTried       string
	Priced                           bool
	WaveColumns, RegionColumns       int

	Parts    []part
	Tiles    []tile
	Steps    []step
	Waves    []pageWave
	Timeline *timeline
	Regions  []pageRegion
	Charts   []chart
	Failures []pageCause
	Retried  []pageCause
	Doubts   []pageDoubt
	Lost     []Lost
	Money    []pair
	Events   []pageEvent
	Columns  []pageColumn
	Facts    []pair

	ChartsNote, RegionsLeftOut, ChartsLeftOut, FailuresLeftOut, RetriedLeftOut string
	DoubtsLeftOut, LostLeftOut, EventsLeftOut, OrdersLeftOut, OrdersCaption    string
}

type (
	part       struct{ ID, Title string }
	pair       struct{ Name, Value string }
	tile       struct{ Name, Value, More, Mood string }
	pageColumn struct {
		Title  string
		Number bool
	}
	pageEvent struct{ When, What string }
	pageDoubt struct {
		Address, Region, Marker, When, Why string
		Attempt, Instances                 string
	}
	pageCause struct {
		Count, Why string
		Addresses  []string
		More       string
		Open       bool
	}
)

// WriteHTML writes the report as one page that needs nothing else: no network, and no script to be read.
func WriteHTML(w io.Writer, r Report) error {
	rows, listed := orderRows(&r)
	out := bufio.NewWriterSize(w, 64<<10)
	p := newPage(&r, listed)
	if err := pageTemplate.ExecuteTemplate(out, "page", p); err != nil {
		return err
	}
	if _, err := out.Write(rows); err != nil {
		return err
	}
	if err := pageTemplate.ExecuteTemplate(out, "end", p); err != nil {
		return err
	}
	return out.Flush()
}

// moods are the colours of outcomes, with the sign that says the same without colour.
var moods = map[Outcome]struct{ mood, sign string }{
	Complete: {"good", "✓"}, Incomplete: {"warn", "!"}, Interrupted: {"warn", "!"}, Died: {"bad", "✕"}, Running: {"", "…"},
}

func newPage(r *Report, listed int) *page {
	p := &page{
		Policy: pagePolicy, Style: template.CSS(pageStyle), Early: template.JS(pageEarly), Script: template.JS(pageScript),
		Run: ui.Sanitize(r.Run), Fleet: ui.Sanitize(r.Fleet), Title: capital(string(r.Outcome)),
		Mood: moods[r.Outcome].mood, Sign: moods[r.Outcome].sign,
		Verdict: verdict(r), Meaning: outcomes[r.Outcome], Reason: ui.Sanitize(r.Reason), Length: length(r),
		Began: moment(r.Started), StartedAt: r.Started.UTC().Format(time.RFC3339),
		NotTried: capital(notTried(r)), Priced: r.Spend != nil, Steps: steps(r), TableClass: tableClass(r), Columns: orderColumns,
	}
	p.WaveColumns, p.RegionColumns = 9, 11
	if p.Priced {
		p.Currency = ui.Sanitize(r.Spend.Currency)
		p.WaveColumns, p.RegionColumns = 10, 12
	}
	p.tiles(r)
	p.waves(r)
	p.regions(r)
	p.charts(r)
	p.troubles(r)
	p.money(r)
	p.orders(r, listed)
	p.Facts = []pair{
		{"Run", ui.Sanitize(r.Run)}, {"Command", ui.Sanitize(r.Command)}, {"Endpoint", ui.Sanitize(r.Endpoint)}, {"Ended", moment(r.Last)},
	}
	if r.PlanID != "" {
		p.Facts = append(p.Facts, pair{"Plan file", ui.Sanitize(r.PlanID)})
	}
	p.parts()
	return p
}

// parts are what the page can be entered at.
func (p *page) parts() {
	for _, part := range []struct {
		part
		there bool
	}{
		{part{"todo", "To do"}, len(p.Steps) > 0}, {part{"waves", "Waves"}, len(p.Waves) > 0}, {part{"regions", "Regions"}, len(p.Regions) > 0},
		{part{"speed", "Speed"}, len(p.Charts) > 0}, {part{"failures", "Failures"}, len(p.Failures) > 0},
		{part{"retried", "Calls made again"}, len(p.Retried) > 0}, {part{"doubt", "In doubt"}, len(p.Doubts) > 0},
		{part{"lost", "Failed since"}, len(p.Lost) > 0}, {part{"spend", "Spend"}, len(p.Money) > 0}, {part{"events", "What happened"}, len(p.Events) > 0},
		{part{"orders", "Orders"}, true},
	} {
		if part.there {
			p.Parts = append(p.Parts, part.part)
		}
	}
}

func (p *page) tiles(r *Report) {
	c := r.Counts
	bad := func(n int, mood string) string {
		if n == 0 {
			return ""
		}
		return mood
	}
	p.Tiles = []tile{
		{"Bought", grouped(c.Bought), "of " + counted(c.Orders, "order"), bad(c.Bought, "good")},
		{"Failed", grouped(c.Failed), "", bad(c.Failed, "bad")},
		{"In doubt", grouped(c.InDoubt), "", bad(c.InDoubt, "warn")},
		{p.NotTried, grouped(c.NotTried + c.UnderWay), "", ""},
		{"Instances", grouped(c.BoughtIn), "of " + grouped(c.Instances), ""},
	}
	if s := r.Spend; s != nil {
		p.Tiles = append(p.Tiles, tile{"Spent, in " + p.Currency, amount(s.Bought), "of " + amount(s.Planned) + " planned", ""})
	}
	p.Tiles = append(p.Tiles, tile{"Calls", grouped(c.Calls), grouped(c.Retries) + " made again, " + grouped(c.Throttled) + " throttled", ""})
	if l := r.Latency; l.Max > 0 {
		p.Tiles = append(p.Tiles, tile{"A call, p50", l.P50.String(), "p95 " + l.P95.String() + ", at most " + l.Max.String(), ""})
	}
}

// money says what was planned, spent and may come on top.
func (p *page) money(r *Report) {
	for _, f := range spent(r) {
		p.Money = append(p.Money, pair{capital(f[0]), ui.Sanitize(f[1])})
	}
}

// leftOut says how much of something is not shown; empty where all of it is.
func leftOut(shown, all int, noun string, r *Report) string {
	if shown >= all {
		return ""
	}
	return grouped(shown) + " of " + counted(all, noun) + " are shown. All of them: " + whole(r, "json")
}
