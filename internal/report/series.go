package report

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Buckets are the pieces of time by which a report tells how things went. However long a run takes, there are a bit more
// than a hundred at most. Long idle times, such as a bake or a wait for an approval, are in none: after one, the next
// bucket begins with the next call.
type Buckets struct {
	Width  Millis      `json:"width_ms"`
	Starts []time.Time `json:"starts"` // when each begins
}

// Bucket is what happened in a region in one of the buckets: the calls that ended in it.
type Bucket struct {
	Number    int `json:"number"` // which of Buckets.Starts
	Calls     int `json:"calls"`
	Bought    int `json:"bought"`
	Throttled int `json:"throttled"`
	Failed    int `json:"failed"` // all others that bought nothing
	InDoubt   int `json:"in_doubt"`
	Latency
}

const (
	bucketsAimedAt = 100
	// idlePart is the part of a run's length from which on nothing but a pause is told of a time without calls. There are
	// at most so many pauses, and as many more buckets.
	idlePart  = 20
	leastIdle = 10 * time.Second
)

// widths are the widths that people read easily. Below a second, one call more or less would look like a rate.
var widths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// A region is a region of the report in the making.
type region struct {
	name        string
	number      int
	parallelism int
	rate        float64
	stopped     string
	speeds      []Speed
}

// A call is what a report needs of a createInstance call that has ended.
type call struct {
	region *region
	end    time.Time
	took   time.Duration
	kind   callKind
}

type callKind uint8

const (
	bought callKind = iota
	throttled
	refused
	unknown
)

// call notes down how a call went.
func (f *fold) call(r *row, o *order.Outcome) {
	kind := refused
	switch {
	case o.Result == order.ResultBought:
		kind = bought
	case o.Result == order.ResultInDoubt:
		kind = unknown
	case o.Failure.Class == order.ClassThrottled:
		kind = throttled
	}
	f.calls = append(f.calls, call{f.region(r.Region), o.At, o.Took, kind})
}

// A stretch is a time in which calls were made without a long pause.
type stretch struct {
	from, to time.Time
	first    int // the number of its first bucket
}

// An axis is the time of a run without its long pauses.
type axis struct {
	width     time.Duration
	stretches []stretch
	count     int // of all buckets
}

// newAxis returns the axis of calls that are sorted by their ends.
func newAxis(calls []call) axis {
	if len(calls) == 0 {
		return axis{}
	}
	spans := make([]stretch, len(calls))
	for i, c := range calls {
		spans[i] = stretch{from: c.end.Add(-c.took), to: c.end}
	}
	slices.SortFunc(spans, func(a, b stretch) int { return a.from.Compare(b.from) })
	idle := max(leastIdle, calls[len(calls)-1].end.Sub(spans[0].from)/idlePart)
	a := axis{stretches: spans[:1:1]}
	for _, s := range spans[1:] {
		last := &a.stretches[len(a.stretches)-1]
		switch {
		case s.from.Sub(last.to) > idle:
			a.stretches = append(a.stretches, s)
		case s.to.After(last.to):
			last.to = s.to
		}
	}
	a.number()
	return a
}

// number gives the stretches their buckets.
func (a *axis) number() {
	var busy time.Duration
	for _, s := range a.stretches {
		busy += s.to.Sub(s.from)
	}
	a.width = widths[len(widths)-1]
	for _, w := range widths {
		if busy/w < bucketsAimedAt {
			a.width = w
			break
		}
	}
	for busy/a.width >= bucketsAimedAt { // longer than any run that is watched
		a.width *= 2
	}
	for i := range a.stretches {
		s := &a.stretches[i]
		s.first = a.count
		a.count += int(s.to.Sub(s.from)/a.width) + 1
	}
}

// bucket is the number of the bucket that a moment is in; of a pause, the one before.
func (a *axis) bucket(t time.Time) int {
	i := sort.Search(len(a.stretches), func(i int) bool { return a.stretches[i].from.After(t) }) - 1
	if i < 0 {
		return 0
	}
	s := a.stretches[i]
	return s.first + int(min(t.Sub(s.from), s.to.Sub(s.from))/a.width)
}

// buckets are the axis's buckets as a report has them.
func (a *axis) buckets() Buckets {
	b := Buckets{Width: Millis(a.width.Milliseconds()), Starts: []time.Time{}}
	for i, s := range a.stretches {
		end := a.count
		if i+1 < len(a.stretches) {
			end = a.stretches[i+1].first
		}
		for n := s.first; n < end; n++ {
			b.Starts = append(b.Starts, s.from.Add(time.Duration(n-s.first)*a.width))
		}
	}
	return b
}

// series fills in what happened when. The regions are there by then.
func (f *fold) series(r *Report) {
	slices.SortFunc(f.calls, func(a, b call) int { return a.end.Compare(b.end) })
	a := newAxis(f.calls)
	r.Buckets = a.buckets()
	r.Latency = latencyOf(f.calls)
	byRegion := make([][]call, len(f.regions))
	for _, c := range f.calls {
		byRegion[c.region.number] = append(byRegion[c.region.number], c)
	}
	for i := range r.Regions {
		region := &r.Regions[i]
		known := f.regions[region.Name]
		calls := byRegion[known.number]
		region.Latency = latencyOf(calls)
		region.Buckets = a.bucketsOf(calls)
		region.Speeds = a.thinned(known.speeds)
	}
}

// bucketsOf sums up calls, which are sorted by their ends, by bucket.
func (a *axis) bucketsOf(calls []call) []Bucket {
	found := []Bucket{}
	for len(calls) > 0 {
		b := Bucket{Number: a.bucket(calls[0].end)}
		n := sort.Search(len(calls), func(i int) bool { return a.bucket(calls[i].end) > b.Number })
		for _, c := range calls[:n] {
			b.count(c.kind)
		}
		b.Latency = latencyOf(calls[:n])
		found, calls = append(found, b), calls[n:]
	}
	return found
}

func (b *Bucket) count(k callKind) {
	b.Calls++
	switch k {
	case bought:
		b.Bought++
	case throttled:
		b.Throttled++
	case unknown:
		b.InDoubt++
	case refused:
		b.Failed++
	}
}

// thinned keeps the last speed of each bucket.
func (a *axis) thinned(speeds []Speed) []Speed {
	kept := []Speed{}
	slices.SortStableFunc(speeds, func(a, b Speed) int { return a.At.Compare(b.At) })
	for i, s := range speeds {
		if i+1 == len(speeds) || a.bucket(speeds[i+1].At) != a.bucket(s.At) {
			kept = append(kept, s)
		}
	}
	return kept
}

// latencyOf sums up how long calls took. A percentile is the time of one of them: the shortest that so many don't exceed.
func latencyOf(calls []call) Latency {
	took := make([]time.Duration, 0, len(calls))
	for _, c := range calls {
		if c.took > 0 {
			took = append(took, c.took)
		}
	}
	if len(took) == 0 {
		return Latency{}
	}
	slices.Sort(took)
	at := func(percent int) Millis { return Millis(took[(len(took)*percent+99)/100-1].Milliseconds()) }
	return Latency{P50: at(50), P95: at(95), Max: at(100)}
}

// rateIn is how many there are in a second, of n in a bucket.
func (b Buckets) rateIn(n int) float64 {
	return float64(n) * 1000 / float64(cmp.Or(b.Width, 1))
}
