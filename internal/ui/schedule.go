package ui

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// worthWaiting is how long an apply without waves must take for its plan to say so.
const worthWaiting = 10 * time.Second

// schedule prints how an apply of the plan goes: wave by wave or, where the fleet has no waves, in a line below a recap.
func (t *Text) schedule(p plan.Plan, recap bool) {
	s := p.Schedule()
	switch {
	case len(s.Waves) == 0:
	case len(p.Waves) > 0:
		t.waveTable(p, s)
		for _, note := range scheduleNotes(p, s) {
			for _, line := range wrap(note, t.out.width()) {
				t.out.println(t.out.dim(line))
			}
		}
		t.out.print("\n")
	case recap && s.Time >= worthWaiting:
		w := s.Waves[0]
		text := fmt.Sprintf("%s at once%s: %s", plural(w.AtOnce, "call"), perSecond(w.Rate), aboutInAll(s))
		for _, line := range wrap(strings.Join(append([]string{text}, ownLimits(p, s)...), " "), t.out.width()) {
			t.out.println(t.out.dim(line))
		}
		t.out.print("\n")
	}
}

// waveTable has a line for each wave that has something to buy or to watch. A narrow terminal leaves out what can be done
// without first.
func (t *Text) waveTable(p plan.Plan, s plan.Schedule) {
	g := grid{columns: []column{
		{title: "WAVE", give: 4, least: 9, cut: shortenMiddle}, {title: "ORDERS", right: true},
		{title: "INSTANCES", right: true, give: 3, drop: true},
		costColumn(p.Prices),
		{title: "REGIONS", give: 1, least: 10, cut: countRegions},
		{title: "AT ONCE", right: true}, {title: "RATE", right: true, give: 2, drop: true},
		{title: "ABOUT", right: true}, {title: "THEN"},
	}}
	const cost, rate = 3, 6 // columns that are not always there
	for i, w := range s.Waves {
		g.rows = append(g.rows, []string{
			Sanitize(w.Name), strconv.Itoa(w.Orders), strconv.Itoa(w.Instances), costCell(w.Cost, w.Orders),
			regionNames(w.Regions), countCell(w.AtOnce), rateCell(w.Rate), about(w.Time), then(s, i),
		})
	}
	if len(s.Waves) > 1 {
		n := p.Totals()
		g.rows = append(g.rows, []string{
			"all", strconv.Itoa(n.Orders()), strconv.Itoa(n.Instances), costCell(n.Cost, n.Orders()), "", "", "", about(s.Time), "",
		})
	}
	if !slices.ContainsFunc(s.Waves, func(w plan.WaveSchedule) bool { return w.Rate > 0 }) {
		g.remove(rate)
	}
	if !p.Prices.Named() {
		g.remove(cost)
	}
	g.print(t.out, "")
}

// shownRegions is how many regions a wave's line names.
const shownRegions = 3

func regionNames(regions []plan.RegionSchedule) string {
	var names []string
	for _, r := range regions[:min(len(regions), shownRegions)] {
		names = append(names, Sanitize(r.Region))
	}
	if more := len(regions) - shownRegions; more > 0 {
		names = append(names, fmt.Sprintf("+%d", more))
	}
	return strings.Join(names, ", ")
}

// countRegions says how many regions there are where there is no room for their names.
func countRegions(names string, width int) string {
	if widthOf(names) <= width {
		return names
	}
	list := strings.Split(names, ", ")
	if n, err := strconv.Atoi(strings.TrimPrefix(list[len(list)-1], "+")); err == nil && len(list) > shownRegions {
		return shorten(plural(shownRegions+n, "region"), width)
	}
	return shorten(plural(len(list), "region"), width)
}

// then is what comes between a wave and the next one.
func then(s plan.Schedule, wave int) string {
	var parts []string
	if bake := s.Waves[wave].Watch; bake > 0 {
		parts = append(parts, "bake "+order.Span(bake))
	}
	if next := wave + 1; next < len(s.Waves) && asks(s.Waves[next]) {
		parts = append(parts, "approval")
	}
	return strings.Join(parts, ", ")
}

// asks tells whether somebody has to approve a wave: one that only watches begins nothing.
func asks(w plan.WaveSchedule) bool { return w.Approve && w.Orders > 0 }

// scheduleNotes say what the table can't.
func scheduleNotes(p plan.Plan, s plan.Schedule) []string {
	var notes []string
	if text := earlier(p.Waves); text != "" {
		notes = append(notes, text)
	}
	if first := s.Waves[0]; asks(first) {
		notes = append(notes, fmt.Sprintf("Wave %q begins once it is approved.", first.Name))
	}
	notes = append(notes, fewOrders(p, s)...)
	if last := s.Waves[len(s.Waves)-1]; last.Remaining {
		notes = append(notes, fmt.Sprintf("Wave %q is of what no wave of the rollout takes.", last.Name))
	}
	if p.Rollout.Sequential {
		notes = append(notes, "In a wave, one region comes after the other.")
	}
	notes = append(notes, ownLimits(p, s)...)
	return append(notes, capital(aboutInAll(s)))
}

// Waves of so few orders are told by their addresses: who approves a canary wants to know it.
const (
	shownFew      = 2 // orders of a wave
	shownFewWaves = 3
)

// fewOrders says what waves of few orders buy.
func fewOrders(p plan.Plan, s plan.Schedule) []string {
	few := map[int][]string{}
	for _, w := range s.Waves {
		if w.Orders > 0 && w.Orders <= shownFew && !w.Remaining && len(few) < shownFewWaves {
			few[w.Index] = []string{}
		}
	}
	for i := range p.Changes {
		if names, is := few[p.Changes[i].Wave]; is && p.Changes[i].Action.Buys() {
			few[p.Changes[i].Wave] = append(names, Sanitize(p.Changes[i].Address.String()))
		}
	}
	var notes []string
	for _, i := range slices.Sorted(maps.Keys(few)) {
		notes = append(notes, fmt.Sprintf("Wave %q buys %s.", p.Waves[i].Name, strings.Join(few[i], " and ")))
	}
	return notes
}

// earlier says what the campaign has come to before.
func earlier(waves []plan.Wave) string {
	count := func(of func(plan.Wave) int) (sum int, each string) {
		var parts []string
		for _, w := range waves {
			if n := of(w); n > 0 {
				sum += n
				parts = append(parts, fmt.Sprintf("%s %d", Sanitize(w.Name), n))
			}
		}
		return sum, strings.Join(parts, ", ")
	}
	var texts []string
	if n, each := count(func(w plan.Wave) int { return len(w.Bought) }); n > 0 {
		texts = append(texts, fmt.Sprintf("Earlier runs of this campaign bought %s (%s).", plural(n, "order"), each))
	}
	if n, each := count(func(w plan.Wave) int { return len(w.InDoubt) }); n > 0 {
		texts = append(texts, fmt.Sprintf("They left %s in doubt (%s).", plural(n, "order"), each))
	}
	return strings.Join(texts, " ")
}

// shownLimits is how many regions with limits of their own are told.
const shownLimits = 5

// ownLimits says which of the plan's regions are called otherwise than the others.
func ownLimits(p plan.Plan, s plan.Schedule) []string {
	buys := map[string]bool{}
	for _, w := range s.Waves {
		for _, r := range w.Regions {
			buys[r.Region] = true
		}
	}
	var parts []string
	for _, r := range p.Rollout.Regions {
		if buys[r.Region] && different(p.Rollout, r.Limits) {
			calls := min(r.Limits.Parallelism, p.Rollout.Parallelism)
			parts = append(parts, fmt.Sprintf("%s (%s at once%s)", Sanitize(r.Region), plural(calls, "call"), perSecond(r.Limits.Rate)))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	more := ""
	if n := len(parts) - shownLimits; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return []string{"Limits of their own: " + strings.Join(parts[:min(len(parts), shownLimits)], ", ") + more + "."}
}

// different tells whether limits are others than those of regions without any of their own, as far as they make for speed.
func different(r order.Rollout, own order.RegionLimits) bool {
	r.Regions = nil
	others := r.In("")
	return own.Parallelism != others.Parallelism || own.Rate != others.Rate
}

// aboutInAll says how long the apply takes, and what that is reckoned with.
func aboutInAll(s plan.Schedule) string {
	latency, why := max(time.Millisecond, s.Latency.Round(time.Millisecond)).String()+" a call", "assumed"
	if s.Measured {
		why = "as in the last run"
	}
	text := fmt.Sprintf("about %s in all at %s (%s), if nothing fails", about(s.Time), latency, why)
	for _, w := range s.Waves {
		if asks(w) {
			return text + "; approvals not counted."
		}
	}
	return text + "."
}

// about is an estimate as people read it: whole seconds, and never none.
func about(d time.Duration) string {
	return seconds(max(time.Second, time.Duration(math.Ceil(d.Seconds()))*time.Second))
}

func perSecond(rate float64) string {
	if rate == 0 {
		return ""
	}
	return ", " + rateCell(rate)
}

func rateCell(rate float64) string {
	if rate == 0 {
		return ""
	}
	return strconv.FormatFloat(rate, 'g', 4, 64) + "/s"
}

// countCell is a number in a table, and none where there is nothing to count.
func countCell(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
