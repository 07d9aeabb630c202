package report

import (
	"cmp"
	"slices"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// causeKey is what like failures have in common.
type causeKey struct {
	class   order.Class
	status  int
	code    string
	message string
}

// cause is why a call failed, without what differs from call to call.
func (f *fold) cause(why order.Failure) string {
	key := causeKey{why.Class, why.HTTPStatus, why.Code, why.Message}
	text, known := f.causes[key]
	if !known {
		text = ui.Cause(why)
		f.causes[key] = text
	}
	return text
}

// classNamed is the class that a note names. A name that is not known says the least.
func classNamed(name string) order.Class {
	var c order.Class
	_ = c.UnmarshalText([]byte(name))
	return c
}

// A counter groups by cause.
type counter struct {
	found map[string]*Cause
}

func (c *counter) add(why, class string) *Cause {
	if c.found == nil {
		c.found = map[string]*Cause{}
	}
	cause := c.found[why]
	if cause == nil {
		cause = &Cause{Why: why, Class: class}
		c.found[why] = cause
	}
	cause.Count++
	return cause
}

// list returns the causes, the most frequent first.
func (c *counter) list() []Cause {
	causes := make([]Cause, 0, len(c.found))
	for _, cause := range c.found {
		causes = append(causes, *cause)
	}
	slices.SortFunc(causes, func(a, b Cause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Why, b.Why)) })
	return causes
}

// A total is what counts and sums are taken of.
type total struct {
	Counts
	planned, bought, doubt Sum
}

// add counts a row in.
func (t *total) add(r *row) {
	cost := Sum{Amount: r.cost}
	if !r.priced {
		cost = Sum{Unpriced: r.Instances}
	}
	switch r.End {
	case EndImported:
		t.Imported++
	case EndBought:
		t.Bought++
		t.BoughtIn += r.Instances
		t.bought = t.bought.plus(cost)
		if r.Unpaid {
			t.Unpaid++
		}
	case EndFailed:
		t.Failed++
	case EndInDoubt:
		t.InDoubt++
		t.doubt = t.doubt.plus(cost)
	case EndUnderWay:
		t.UnderWay++
	case EndNotTried:
		t.NotTried++
	}
	t.Calls += r.Calls
	t.Retries += max(0, r.Calls-1)
	if r.End != EndImported {
		t.Orders++
		t.Instances += r.Instances
	}
}

// expect makes the orders that the plan has and the log doesn't name count as not tried.
func (t *total) expect(orders, instances int, planned Sum) {
	t.planned = planned
	if missing := orders - t.Orders; missing > 0 {
		t.NotTried += missing
		t.Orders = orders
	}
	t.Instances = max(instances, t.Instances)
}

// spend is nil where the fleet names no prices.
func (t *total) spend(currency string) *Spend {
	if currency == "" {
		return nil
	}
	return &Spend{Currency: currency, Planned: t.planned, Bought: t.bought, InDoubt: t.doubt}
}

// count fills in what is counted: of the run, its waves and its regions.
func (f *fold) count(r *Report) {
	var all total
	waves, regions := map[string]*total{}, map[string]*total{}
	for _, row := range f.rows {
		f.region(row.Region)
		all.add(row)
		of(waves, row.Wave).add(row)
		of(regions, row.Region).add(row)
	}
	listed := all.Orders
	f.expectPlanned(&all, waves, regions)
	for _, c := range f.calls {
		if c.kind == throttled {
			all.Throttled++
			of(regions, c.region.name).Throttled++
		}
	}
	r.Counts, r.Spend, r.Unlisted = all.Counts, all.spend(f.prices.Currency), all.Orders-listed
	r.Waves = []Wave{}
	for _, w := range f.order {
		t := of(waves, w.Name)
		w.Counts, w.Spend = t.Counts, t.spend(f.prices.Currency)
		r.Waves = append(r.Waves, *w)
	}
	f.endWaves(r.Waves)
	r.Regions = f.countedRegions(regions)
}

// of returns the total under a name, made where there is none.
func of(totals map[string]*total, name string) *total {
	t := totals[name]
	if t == nil {
		t = &total{}
		totals[name] = t
	}
	return t
}

// expectPlanned holds the counts against what the plan had.
func (f *fold) expectPlanned(all *total, waves, regions map[string]*total) {
	if f.planned == nil {
		return
	}
	type plan struct {
		orders, instances int
		cost              Sum
	}
	var sum plan
	ofRegion := map[string]plan{}
	plus := func(a, b plan) plan { return plan{a.orders + b.orders, a.instances + b.instances, a.cost.plus(b.cost)} }
	for _, w := range f.planned.Waves {
		var ofWave plan
		for _, r := range w.Regions {
			p := plan{r.Orders, r.Instances, Sum{r.Cost, r.Unpriced}}
			ofWave, ofRegion[r.Region] = plus(ofWave, p), plus(ofRegion[r.Region], p)
		}
		of(waves, w.Name).expect(ofWave.orders, ofWave.instances, ofWave.cost)
		sum = plus(sum, ofWave)
	}
	for name, p := range ofRegion {
		of(regions, name).expect(p.orders, p.instances, p.cost)
	}
	all.expect(sum.orders, sum.instances, sum.cost)
}

// endWaves gives waves the ends that the log's last line says, where they have none of their own.
func (f *fold) endWaves(waves []Wave) {
	if f.ended == nil {
		return
	}
	for _, s := range f.ended.Waves {
		i := slices.IndexFunc(waves, func(w Wave) bool { return w.Name == s.Name })
		if i >= 0 && waves[i].End == "" {
			waves[i].End = s.End
		}
	}
}

// countedRegions returns the regions by name.
func (f *fold) countedRegions(totals map[string]*total) []Region {
	found := make([]Region, 0, len(f.regions))
	for name, known := range f.regions {
		t := of(totals, name)
		if name == "" || t.Orders+t.Imported == 0 { // of what settles a doubt of an earlier run, the log names no region
			continue
		}
		found = append(found, Region{
			Name: name, Counts: t.Counts, Spend: t.spend(f.prices.Currency), Stopped: known.stopped,
			Parallelism: known.parallelism, Rate: known.rate, Buckets: []Bucket{}, Speeds: []Speed{},
		})
	}
	slices.SortFunc(found, func(a, b Region) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// list fills in what is listed by order. The rows are sorted by then.
func (f *fold) list(r *Report) {
	r.Orders, r.Doubts = make([]Order, 0, len(f.rows)), []Doubt{}
	var failures counter
	for _, row := range f.rows {
		if row.failure != nil && row.End != EndBought {
			row.Why = row.failure.why
		}
		switch row.End {
		case EndBought:
			if row.priced {
				row.Cost = &row.cost
			}
		case EndFailed:
			c := failures.add(row.Why, row.failure.class.String())
			c.Orders = append(c.Orders, row.Address)
		case EndInDoubt:
			r.Doubts = append(r.Doubts, Doubt{
				Address: row.Address, Region: row.Region, Attempt: row.Attempt, Instances: row.Instances, Marker: row.Marker,
				At: row.At, Why: row.Why,
			})
		}
		r.Orders = append(r.Orders, row.Order)
	}
	r.Failures = failures.list()
}
