package reconcile

import (
	"context"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Survey looks, before a state's first purchases in some regions, for instances there that the fleet bought and the
// state does not know. They are what tells a state that was lost, copied or put back from one that never bought.
type Survey struct {
	Fleet   string
	Lineage string         // empty for a state that is yet to be made
	Regions []string       // to list; see FirstRegions
	Known   []string       // to list too, for what calls of this very lineage bought there and nothing else; none of Regions
	Records []order.Record // all that the state knows
	Coming  []order.Intent // the first call of each order that is about to be bought; its Address, Attempt and Marker count
	Lister  Lister
	// Progress is told where the survey stands, by one goroutine at a time; nil: nobody is.
	Progress func(Step)
}

// Surveyed is what was found in a region.
type Surveyed struct {
	Region    string
	Strangers []Stranger // oldest first
	Err       error      // why it could not be listed; there are no strangers then, which says nothing
	// SensitiveDescs tells that orders of the fleet have sensitive descriptions, so that those of strangers are not to be
	// shown: they may have been bought for such orders.
	SensitiveDescs bool
}

// A Stranger is an instance that carries a marker of the fleet and that no record of the state holds, or has held.
type Stranger struct {
	Instance
	Marker order.Marker
	// Own tells that a call of this very lineage bought it: there is another copy of the state, or this one was put back
	// from before that call. Otherwise another state of the fleet bought it.
	Own bool
	// Address is whose call of this lineage bought it, where that can be told; see Own. Attempt is that call's number.
	Address order.Address
	Attempt int
}

// FirstRegions returns those of the regions in which no call of the state bought anything, or may have. What was
// imported was bought by no call of the state, and its neighbours may not be imported yet.
func FirstRegions(regions []string, records []order.Record) []string {
	known := map[string]bool{}
	for _, r := range records {
		called := func(p order.Purchase) bool { return !p.Imported }
		if r.Doubt != nil && !r.Doubt.Imported || slices.ContainsFunc(r.Purchases, called) {
			known[r.Region()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(regions), func(name string) bool { return known[name] })
}

// Run lists every region once, the pages of each in their order, and returns what it found in the order of Regions and
// Known. When ctx ends, the regions that are left are not listed.
func (s Survey) Run(ctx context.Context) []Surveyed {
	regions := slices.Concat(s.Regions, s.Known)
	found := make([]Surveyed, len(regions))
	instances := make([][]Instance, len(regions))
	steps := newSteps(s.Progress)
	sideBySide(len(regions), func(n int) {
		l := listing{lister: s.Lister, region: regions[n], keep: marked, steps: steps}
		found[n].Region = l.region
		instances[n], found[n].Err = l.read(ctx)
	})
	known := knownInstances(s.Records)
	sensitive := s.sensitiveDescs()
	for n := range found {
		found[n].SensitiveDescs = sensitive
		found[n].Strangers = s.strangers(known, found[n].Region, instances[n])
		if n >= len(s.Regions) {
			found[n].Strangers = slices.DeleteFunc(found[n].Strangers, func(i Stranger) bool { return !i.Own })
		}
	}
	return found
}

func (s Survey) sensitiveDescs() bool {
	return slices.ContainsFunc(s.Coming, func(i order.Intent) bool { return i.Order.Sensitive.Has(order.FieldDesc) }) ||
		slices.ContainsFunc(s.Records, func(r order.Record) bool { return r.Order.Sensitive.Has(order.FieldDesc) })
}

// strangers are those of a region's marked instances that are the fleet's, and in no record.
func (s Survey) strangers(known known, region string, marked []Instance) []Stranger {
	var strangers []Stranger
	for _, i := range marked {
		m := order.FindMarker(i.Desc)
		if !m.OfFleet(s.Fleet) || known.take(region, i) {
			continue
		}
		own := s.Lineage != "" && m.OfLineage(s.Fleet, s.Lineage)
		strangers = append(strangers, Stranger{Instance: i, Marker: m, Own: own})
	}
	s.name(strangers)
	return strangers
}

// known are the instances that records hold, or held before they were removed.
type known struct {
	bids   map[string]bool
	marked map[markedIn]int // how many more instances records account for
	former map[order.Marker]int
}

// A markedIn is a marker where it is. Two copies of a state whose files differ may use one marker in two regions.
type markedIn struct {
	region string
	marker order.Marker
}

func knownInstances(records []order.Record) known {
	k := known{bids: map[string]bool{}, marked: map[markedIn]int{}, former: map[order.Marker]int{}}
	for _, r := range records {
		for _, p := range r.Former {
			k.add(p, func() { k.former[p.Marker] += p.Quantity })
		}
	}
	for _, r := range records {
		for _, p := range r.Purchases {
			k.add(p, func() { k.marked[markedIn{r.Order.Region, p.Marker}] += p.Quantity })
			delete(k.former, p.Marker) // it was imported again, or never removed
		}
		if r.Doubt != nil {
			k.marked[markedIn{r.Doubt.Order.Region, r.Doubt.Marker}] += r.Doubt.Order.Quantity
		}
	}
	return k
}

// add takes in a purchase by its bids or, where they are not known, as byMarker does.
func (k known) add(p order.Purchase, byMarker func()) {
	for _, bid := range p.BIDs {
		k.bids[bid] = true
	}
	if len(p.BIDs) == 0 {
		byMarker()
	}
}

// take tells whether a record accounts for the region's instance, and takes it from what records account for: of more instances
// with one marker than its call asked for, the last ones are in no record.
func (k known) take(region string, i Instance) bool {
	if i.BID != "" && k.bids[i.BID] {
		return true
	}
	m := order.FindMarker(i.Desc)
	k.marked[markedIn{region, m}]--
	if k.marked[markedIn{region, m}] >= 0 {
		return true
	}
	k.former[m]-- // by now the order may be wished in another region
	return k.former[m] >= 0
}

// name finds out which calls bought the strangers of the state's own lineage: attempts that the state made and of which it
// holds that they bought nothing, or that it is about to make.
func (s Survey) name(strangers []Stranger) {
	if !slices.ContainsFunc(strangers, func(f Stranger) bool { return f.Own }) {
		return
	}
	calls := map[order.Marker]order.Intent{}
	for _, i := range s.Coming {
		calls[i.Marker] = i
	}
	for _, r := range s.Records {
		for attempt := 1; attempt <= r.Attempt; attempt++ {
			m := order.NewMarker(s.Fleet, s.Lineage, r.Address, attempt)
			calls[m] = order.Intent{Attempt: attempt, Marker: m, Order: order.Order{Address: r.Address}}
		}
	}
	for n := range strangers {
		if call, ok := calls[strangers[n].Marker]; ok {
			strangers[n].Address, strangers[n].Attempt = call.Order.Address, call.Attempt
		}
	}
}
