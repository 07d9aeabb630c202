package rehearse

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// Observed returns how the API behaved in a run, and how many calls tell it: none where the log is of a run that made no
// call, or of a version that did not say how long calls took. Of regions that the run did not call it says what all others
// did together.
//
// Where calls were throttled, the API is taken to let as many through as it did in the second in which it let the most
// through, and to throttle those beyond. What was in doubt is taken for answers that got lost.
func Observed(log iter.Seq2[state.Entry, error]) (p simulator.Profile, calls int, err error) {
	regions := map[string]*observation{}
	called := map[order.Address]string{} // the region of each order's last intent
	for e, err := range log {
		switch {
		case err != nil:
			return simulator.Profile{}, 0, err
		case e.Intent != nil:
			called[e.Address] = e.Intent.Order.Region
		case e.Outcome != nil && e.Outcome.Took > 0:
			region := called[e.Address]
			if regions[region] == nil {
				regions[region] = newObservation()
			}
			regions[region].take(e.Outcome)
			calls++
		}
	}
	all := newObservation()
	p.Regions = map[string]simulator.Behaviour{}
	for _, name := range slices.Sorted(maps.Keys(regions)) {
		p.Regions[name] = regions[name].behaviour()
		all.add(regions[name])
	}
	p.All = all.behaviour()
	return p, calls, nil
}

// An observation is what is seen of one region's calls.
type observation struct {
	calls     int
	throttled int
	faults    map[simulator.Fault]int
	through   map[int64]int // calls that were not throttled, by the second in which they ended
	took      sample
}

func newObservation() *observation {
	return &observation{faults: map[simulator.Fault]int{}, through: map[int64]int{}}
}

func (s *observation) take(o *order.Outcome) {
	s.calls++
	s.took.add(o.Took)
	if o.Result != order.ResultBought && o.Failure.Class == order.ClassThrottled {
		s.throttled++
		return
	}
	s.through[o.At.Unix()]++
	if fault := faultOf(o); fault != simulator.NoFault {
		s.faults[fault]++
	}
}

// add takes in what was seen of another region. Of how many calls they let through together nothing follows: the one that let
// the fewest through stands for all.
func (s *observation) add(o *observation) {
	if o.throttled > 0 && (s.throttled == 0 || most(o.through) < most(s.through)) {
		s.through = o.through
	}
	s.calls += o.calls
	s.throttled += o.throttled
	for fault, n := range o.faults {
		s.faults[fault] += n
	}
	for _, d := range o.took.kept {
		s.took.add(d)
	}
}

func (s *observation) behaviour() simulator.Behaviour {
	b := simulator.Behaviour{Latency: s.took.sorted(), Faults: simulator.Faults{}}
	if s.throttled > 0 {
		b.Admits = float64(max(1, most(s.through)))
	}
	for fault, n := range s.faults {
		b.Faults[fault] = float64(n) / float64(s.calls-s.throttled)
	}
	return b
}

func most(through map[int64]int) int {
	n := 0
	for _, calls := range through {
		n = max(n, calls)
	}
	return n
}

// faultOf is the fault that would have had the same outcome. Credentials that were refused are none: to rehearse for them
// would be to rehearse a run that ends at once.
func faultOf(o *order.Outcome) simulator.Fault {
	if o.Result == order.ResultBought {
		return simulator.NoFault
	}
	switch o.Failure.Class {
	case order.ClassNotSent:
		return simulator.Unreachable
	case order.ClassRejected:
		if strings.Contains(o.Failure.Code, "QUOTA") {
			return simulator.Quota
		}
		return simulator.Reject
	case order.ClassInDoubt:
		if o.Failure.HTTPStatus >= http.StatusInternalServerError {
			return simulator.ErrorAfter
		}
		return simulator.DropAnswer
	default:
		return simulator.NoFault
	}
}

// maxSample bounds what is kept of how long calls took.
const maxSample = 1024

// A sample keeps every nth of the durations that it is given, with n as small as its bound lets it be.
type sample struct {
	kept  []time.Duration
	every int
	given int
}

func (s *sample) add(d time.Duration) {
	s.every = max(1, s.every)
	if s.given++; s.given%s.every != 0 {
		return
	}
	if s.kept = append(s.kept, d); len(s.kept) < maxSample {
		return
	}
	for i := range len(s.kept) / 2 {
		s.kept[i] = s.kept[2*i+1]
	}
	s.kept, s.every = s.kept[:len(s.kept)/2], 2*s.every
}

func (s *sample) sorted() simulator.Latency {
	return simulator.Latency(slices.Sorted(slices.Values(s.kept)))
}
