package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// The charts are drawn into a box of 1000 x 100 that the page stretches; they hold numbers alone, no text.
const (
	chartWidth  = 1000.0
	chartHeight = 100.0
)

// leastCharted is from how many buckets on there is a development to be drawn.
const leastCharted = 3

// A chart is what the page draws of a region.
type chart struct {
	Name, Limits, From, To string
	Figures                []figure
}

type figure struct {
	Title, Max, Alt string
	Drawing         template.HTML
}

// charts draws the regions with the most calls, by name.
func (p *page) charts(r *Report) {
	regions := slices.DeleteFunc(slices.Clone(r.Regions), func(r Region) bool { return len(r.Buckets) == 0 })
	all := len(regions)
	if all == 0 || len(r.Buckets.Starts) < leastCharted {
		return
	}
	slices.SortStableFunc(regions, func(a, b Region) int { return cmp.Compare(b.Counts.Calls, a.Counts.Calls) })
	regions = regions[:min(pageCharts, all)]
	slices.SortFunc(regions, func(a, b Region) int { return cmp.Compare(a.Name, b.Name) })
	for i := range regions {
		p.Charts = append(p.Charts, regionChart(&regions[i], r))
	}
	p.ChartsLeftOut = leftOut(len(p.Charts), all, "region", r)
	p.ChartsNote = "Each step is " + order.Span(time.Duration(r.Buckets.Width)*time.Millisecond) + "."
	if pauses(r.Buckets) != nil {
		p.ChartsNote += " Dashed lines are pauses without calls, which are left out."
	}
}

func regionChart(region *Region, r *Report) chart {
	c := chart{
		Name: ui.Sanitize(region.Name), Limits: limits(region), From: clock(r.Buckets.Starts[0], r),
		To: clock(r.Buckets.Starts[len(r.Buckets.Starts)-1].Add(time.Duration(r.Buckets.Width)*time.Millisecond), r),
	}
	c.Figures = append(c.Figures, throughput(region, r))
	if region.Latency.Max > 0 {
		c.Figures = append(c.Figures, latency(region, r))
	}
	if len(region.Speeds) > 0 {
		c.Figures = append(c.Figures, speedLimit(region, r))
	}
	return c
}

// throughput draws how many calls ended a second, by what came of them.
func throughput(region *Region, r *Report) figure {
	most, peak := 1, 0
	for i, b := range region.Buckets {
		if b.Calls > region.Buckets[peak].Calls {
			peak = i
		}
		most = max(most, b.Calls)
	}
	var d drawing
	parts := []struct {
		class string
		count func(Bucket) int
	}{
		{"bought", func(b Bucket) int { return b.Bought }}, {"throttled", func(b Bucket) int { return b.Throttled }},
		{"refused", func(b Bucket) int { return b.Failed }}, {"unknown", func(b Bucket) int { return b.InDoubt }},
	}
	step := chartWidth / float64(len(r.Buckets.Starts))
	below := make([]int, len(region.Buckets))
	for _, part := range parts {
		d.begin(part.class)
		for i, b := range region.Buckets {
			if n := part.count(b); n > 0 {
				d.bar(float64(b.Number)*step, step, float64(below[i])/float64(most), float64(n)/float64(most))
				below[i] += n
			}
		}
		d.end()
	}
	d.pauses(r.Buckets)
	top := decimal(r.Buckets.rateIn(most))
	return figure{
		Title: "Calls a second", Max: top, Drawing: d.html(),
		Alt: fmt.Sprintf("Calls a second in %s: up to %s, at %s. %s of %s bought.", ui.Sanitize(region.Name), top,
			clock(r.Buckets.Starts[region.Buckets[peak].Number], r), grouped(region.Counts.Bought), counted(region.Counts.Calls, "call")),
	}
}

// latency draws p50 and p95 of the calls.
func latency(region *Region, r *Report) figure {
	var most Millis = 1
	for _, b := range region.Buckets {
		most = max(most, b.P95)
	}
	var d drawing
	step := chartWidth / float64(len(r.Buckets.Starts))
	breaks := pauses(r.Buckets)
	for _, line := range []struct {
		class string
		of    func(Bucket) Millis
	}{{"p95", func(b Bucket) Millis { return b.P95 }}, {"p50", func(b Bucket) Millis { return b.P50 }}} {
		d.begin(line.class)
		last := -1
		for _, b := range region.Buckets {
			if b.Max == 0 {
				continue
			}
			_, paused := slices.BinarySearch(breaks, b.Number)
			d.point((float64(b.Number)+0.5)*step, 1-float64(line.of(b))/float64(most), last < 0 || paused)
			last = b.Number
		}
		d.end()
	}
	d.pauses(r.Buckets)
	return figure{
		Title: "A call, p50 and p95", Max: most.String(), Drawing: d.html(),
		Alt: fmt.Sprintf("How long calls took in %s: p50 %v and p95 %v of all, at most %v.", ui.Sanitize(region.Name),
			region.Latency.P50, region.Latency.P95, region.Latency.Max),
	}
}

// speedLimit draws how many calls at once were allowed.
func speedLimit(region *Region, r *Report) figure {
	most := max(1, region.Parallelism)
	least := cmp.Or(region.Parallelism, region.Speeds[0].Parallelism)
	for _, s := range region.Speeds {
		most, least = max(most, s.Parallelism), min(least, s.Parallelism)
	}
	a := bucketIndex(r.Buckets)
	step := chartWidth / float64(len(r.Buckets.Starts))
	var d drawing
	d.begin("speed")
	at := cmp.Or(region.Parallelism, most)
	y := func(n int) float64 { return 1 - float64(n)/float64(most) }
	d.point(0, y(at), true)
	for _, s := range region.Speeds {
		x := float64(a(s.At)) * step
		d.point(x, y(at), false)
		d.point(x, y(s.Parallelism), false)
		at = s.Parallelism
	}
	d.point(chartWidth, y(at), false)
	d.end()
	d.pauses(r.Buckets)
	return figure{
		Title: "Calls at once allowed", Max: grouped(most), Drawing: d.html(),
		Alt: fmt.Sprintf("Calls at once allowed in %s: %s at most, %s at least, %s in the end.", ui.Sanitize(region.Name), grouped(most), grouped(least), grouped(at)),
	}
}

// bucketIndex returns what tells which bucket a moment is in.
func bucketIndex(b Buckets) func(time.Time) int {
	return func(t time.Time) int {
		i, found := slices.BinarySearchFunc(b.Starts, t, time.Time.Compare)
		if found {
			return i
		}
		return max(0, i-1)
	}
}

// pauses are the buckets that begin after a pause.
func pauses(b Buckets) []int {
	var found []int
	width := time.Duration(b.Width) * time.Millisecond
	for i := 1; i < len(b.Starts); i++ {
		if b.Starts[i].Sub(b.Starts[i-1]) > width {
			found = append(found, i)
		}
	}
	return found
}

// A drawing is paths of a chart.
type drawing struct{ strings.Builder }

func (d *drawing) begin(class string) { d.WriteString(`<path class="` + class + `" d="`) }
func (d *drawing) end()               { d.WriteString(`"/>`) }

func (d *drawing) html() template.HTML { return template.HTML(d.String()) } // classes of ours, and numbers

// short writes a coordinate with one digit behind the point at most.
func short(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}

// bar draws a bar; bottom and height are parts of the chart's height.
func (d *drawing) bar(x, width, bottom, height float64) {
	fmt.Fprintf(d, "M%s %sh%sv-%sh-%sz", short(x), short((1-bottom)*chartHeight), short(width), short(height*chartHeight), short(width))
}

// point goes on with a line, or begins one; y is a part of the chart's height, from its top.
func (d *drawing) point(x, y float64, begins bool) {
	letter := "L"
	if begins {
		letter = "M"
	}
	d.WriteString(letter + short(x) + " " + short(y*chartHeight))
	if begins {
		d.WriteString("h0") // a dot, should no other point follow
	}
}

func (d *drawing) pauses(b Buckets) {
	at := pauses(b)
	if at == nil {
		return
	}
	d.begin("pause")
	for _, n := range at {
		d.WriteString("M" + short(float64(n)*chartWidth/float64(len(b.Starts))) + " 0v100")
	}
	d.end()
}
