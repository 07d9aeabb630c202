package reconcile

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Match gives orders that lack instances those that were found of the fleet, where it can be told whose they are. Lacking
// are pairs still without instances, sorted by address. What was found and is no order's for certain is left.
//
// The instances of one call go to one order, and all that an order lacks must be there. Instances whose marker names the
// order, see [Stranger.Address], are that order's. The others are told by region, zone, network, size, description and
// terms: only one order may wish such instances, or all that do wish the same in everything else too, so that it makes
// no difference which of them gets which.
func Match(lacking []Pair, found []Surveyed) (pairs []Pair, left []Surveyed) {
	m := matching{lacking: map[likeness][]Pair{}, paired: map[place]bool{}}
	named := namedOrders(found)
	for _, p := range lacking {
		if calls, ok := named[owner{p.Order.Region, p.Order.Address}]; ok {
			m.deal([]Pair{p}, calls)
			continue
		}
		l := likenessOf(p.Order.Region, p.Order)
		m.lacking[l] = append(m.lacking[l], p)
	}
	for _, r := range found {
		m.dealRegion(r)
	}
	for _, r := range found {
		r.Strangers = slices.DeleteFunc(slices.Clone(r.Strangers), func(s Stranger) bool { return m.paired[place{r.Region, s.BID}] })
		if len(r.Strangers) > 0 {
			left = append(left, r)
		}
	}
	slices.SortFunc(m.pairs, func(a, b Pair) int { return a.Order.Address.Compare(b.Order.Address) })
	return m.pairs, left
}

// A matching is one at work.
type matching struct {
	lacking map[likeness][]Pair
	pairs   []Pair
	paired  map[place]bool
}

type (
	// A likeness is what orders and instances have in common that may belong together.
	likeness struct{ region, az, vpcID, subnetID, spec, desc string }
	// An owner is an order that a marker names, and where the marker was found.
	owner struct {
		region  string
		address order.Address
	}
	// A place is where an instance is; whether bids are unique beyond their region is unknown.
	place struct{ region, bid string }
	// A call is what one call bought: the instances with one marker.
	call []Instance
)

func likenessOf(region string, o order.Order) likeness {
	return likeness{region, o.AZ, o.VPCID, o.SubnetID, o.Spec, o.Desc}
}

// namedOrders are the calls whose markers name their orders.
func namedOrders(found []Surveyed) map[owner][]call {
	named := map[owner][]call{}
	for _, r := range found {
		for address, strangers := range groups(r.Strangers, func(s Stranger) order.Address { return s.Address }) {
			if address != (order.Address{}) {
				named[owner{r.Region, address}] = callsOf(strangers)
			}
		}
	}
	return named
}

func groups[K comparable](strangers []Stranger, key func(Stranger) K) map[K][]Stranger {
	grouped := map[K][]Stranger{}
	for _, s := range strangers {
		grouped[key(s)] = append(grouped[key(s)], s)
	}
	return grouped
}

// callsOf tells calls apart, the one with the oldest instance first.
func callsOf(strangers []Stranger) []call {
	var calls []call
	at := map[order.Marker]int{}
	for _, s := range strangers {
		n, known := at[s.Marker]
		if !known {
			n, calls = len(calls), append(calls, nil)
			at[s.Marker] = n
		}
		calls[n] = append(calls[n], s.Instance)
	}
	return calls
}

// dealRegion deals what a region has, but for instances whose markers name their orders.
func (m *matching) dealRegion(r Surveyed) {
	unnamed := slices.DeleteFunc(slices.Clone(r.Strangers), func(s Stranger) bool { return s.Address != order.Address{} })
	alike := groups(unnamed, func(s Stranger) likeness { return likenessOf(r.Region, s.as(order.Order{})) })
	for l, strangers := range alike {
		m.deal(m.lacking[l], callsOf(strangers))
	}
}

// deal gives orders that are alike what calls bought, if all of that fits.
func (m *matching) deal(orders []Pair, calls []call) {
	if len(orders) == 1 {
		calls = []call{slices.Concat(calls...)} // one order may have been bought in parts
	}
	differs := func(p Pair) bool { return p.Order.Digest() != orders[0].Order.Digest() }
	if len(calls) > len(orders) || slices.ContainsFunc(orders, differs) {
		return
	}
	dealt := slices.Clone(orders[:len(calls)])
	for n := range dealt {
		dealt[n].Instances = calls[n]
		if !dealt[n].exact() {
			return
		}
	}
	m.pairs = append(m.pairs, dealt...)
	for _, p := range dealt {
		for _, i := range p.Instances {
			m.paired[place{p.Order.Region, i.BID}] = true
		}
	}
}

// exact tells whether the instances are all that the order lacks, each with a bid, and none of them otherwise than wished.
func (p Pair) exact() bool {
	existing, err := p.Existing()
	return err == nil && existing == p.Order && len(p.Instances) == p.Order.Quantity && len(p.BIDs()) == p.Order.Quantity
}
