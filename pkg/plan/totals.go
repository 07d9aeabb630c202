package plan

// Totals counts changes by action, and what they buy.
type Totals struct {
	Create, Grow, Update, Forget, InDoubt int

	Instances int // that the apply buys, grown ones included
	Grown     int // the part of Instances that orders grow by
	Unpaid    int // orders among Create and Grow whose purchase will wait to be paid
	Cost      Cost
}

// Orders is the number of orders that the apply buys.
func (t Totals) Orders() int { return t.Create + t.Grow }

func (t *Totals) add(c *Change) {
	switch c.Action {
	case None:
	case Create:
		t.Create++
	case Grow:
		t.Grow++
		t.Grown += c.Quantity
	case Update:
		t.Update++
	case Forget:
		t.Forget++
	case InDoubt:
		t.InDoubt++
	}
	t.Instances += c.Quantity
	t.Cost = t.Cost.Plus(c.Cost)
	if c.Unpaid() {
		t.Unpaid++
	}
}

// Totals counts the whole plan.
func (p Plan) Totals() Totals {
	var t Totals
	for i := range p.Changes {
		t.add(&p.Changes[i])
	}
	return t
}

// A Region is a region's part of a plan.
type Region struct {
	Name    string
	Changes []Change // sorted by address; a part of Plan.Changes, not a copy
	Totals  Totals
}

// Regions returns the plan region by region, in name order. Regions without a change are not among them.
func (p Plan) Regions() []Region {
	var regions []Region
	start := 0
	for i := range p.Changes {
		last := i+1 == len(p.Changes) || p.Changes[i+1].Region != p.Changes[i].Region
		if !last {
			continue
		}
		r := Region{Name: p.Changes[i].Region, Changes: p.Changes[start : i+1]}
		for j := range r.Changes {
			r.Totals.add(&r.Changes[j])
		}
		regions = append(regions, r)
		start = i + 1
	}
	return regions
}
