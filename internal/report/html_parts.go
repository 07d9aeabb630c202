package report

import (
	"github.com/bastion-fleet/bastion-fleet/internal/ui"
)

type pageCounts struct {
	Orders, Bought, Instances, Failed, InDoubt, NotTried, Spent string
}

func pageCountsOf(c Counts, s *Spend) pageCounts {
	p := pageCounts{
		Orders: grouped(c.Orders), Bought: grouped(c.Bought), Instances: grouped(c.BoughtIn), Failed: grouped(c.Failed),
		InDoubt: grouped(c.InDoubt), NotTried: grouped(c.NotTried + c.UnderWay),
	}
	if s != nil {
		p.Spent = amount(s.Bought)
	}
	return p
}

type pageWave struct {
	pageCounts
	Name, End, Mood, Began, Took, Story string
}

// waveMoods are the colours of the ends of waves.
var waveMoods = map[string]string{"good": "good", "bad": "bad", "cut_short": "warn", "unapproved": "warn"}

func (p *page) waves(r *Report) {
	if !named(r.Waves) {
		return
	}
	for i := range r.Waves[:min(pageWaves, len(r.Waves))] {
		w := &r.Waves[i]
		row := pageWave{
			pageCounts: pageCountsOf(w.Counts, w.Spend), Name: ui.Sanitize(waveName(w.Name)), End: ui.Sanitize(waveEnd(w, r)),
			Mood: waveMoods[w.End], Story: ui.Sanitize(waveStory(w, r)),
		}
		if took, begun := tookOf(w, r); begun {
			row.Began, row.Took = clock(*w.Begun, r), ui.Took(took)
		}
		p.Waves = append(p.Waves, row)
	}
	p.Timeline = newTimeline(r)
}

type pageRegion struct {
	pageCounts
	Name, Stopped, Calls, Throttled, P50, P95 string
}

func (p *page) regions(r *Report) {
	for i := range r.Regions[:min(pageRegions, len(r.Regions))] {
		region := &r.Regions[i]
		row := pageRegion{
			pageCounts: pageCountsOf(region.Counts, region.Spend), Name: ui.Sanitize(region.Name), Stopped: ui.Sanitize(region.Stopped),
			Calls: grouped(region.Counts.Calls), Throttled: grouped(region.Counts.Throttled),
		}
		if region.Latency.Max > 0 {
			row.P50, row.P95 = region.Latency.P50.String(), region.Latency.P95.String()
		}
		p.Regions = append(p.Regions, row)
	}
	p.RegionsLeftOut = leftOut(len(p.Regions), len(r.Regions), "region", r)
}

// troubles are what somebody has to look at.
func (p *page) troubles(r *Report) {
	p.Failures = pageCausesOf(r.Failures, "order")
	p.FailuresLeftOut = leftOut(len(p.Failures), len(r.Failures), "cause", r)
	p.Retried = pageCausesOf(r.Retried, "call")
	p.RetriedLeftOut = leftOut(len(p.Retried), len(r.Retried), "cause", r)
	for _, d := range r.Doubts[:min(pageDoubts, len(r.Doubts))] {
		p.Doubts = append(p.Doubts, pageDoubt{
			Address: ui.Sanitize(d.Address), Region: ui.Sanitize(d.Region), Marker: ui.Sanitize(markerOf(d)), When: clock(d.At, r),
			Why: ui.Sanitize(d.Why), Attempt: grouped(d.Attempt), Instances: grouped(d.Instances),
		})
	}
	p.DoubtsLeftOut = leftOut(len(p.Doubts), len(r.Doubts), "order", r)
	for _, l := range r.Lost[:min(pageDoubts, len(r.Lost))] {
		p.Lost = append(p.Lost, Lost{Address: ui.Sanitize(l.Address), Region: ui.Sanitize(l.Region), Why: ui.Sanitize(l.Why)})
	}
	p.LostLeftOut = leftOut(len(p.Lost), len(r.Lost), "instance", r)
	for _, e := range r.Events[:min(pageEvents, len(r.Events))] {
		p.Events = append(p.Events, pageEvent{clock(e.At, r), ui.Sanitize(eventText(e))})
	}
	p.EventsLeftOut = leftOut(len(p.Events), len(r.Events), "event", r)
}

// openAddresses is how many addresses stand on the page without being asked for.
const openAddresses = 10

func pageCausesOf(causes []Cause, noun string) []pageCause {
	var list []pageCause
	for _, c := range causes[:min(pageCauses, len(causes))] {
		shown := pageCause{Count: counted(c.Count, noun), Why: ui.Sanitize(c.Why), Open: len(c.Orders) <= openAddresses}
		for _, a := range c.Orders[:min(pageAddresses, len(c.Orders))] {
			shown.Addresses = append(shown.Addresses, ui.Sanitize(a))
		}
		if more := len(c.Orders) - len(shown.Addresses); more > 0 {
			shown.More = "and " + grouped(more) + " more: search the table of orders for failed"
		}
		list = append(list, shown)
	}
	return list
}
