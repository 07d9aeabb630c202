package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// knownRegions are those that the vendor lists. Where bastions are sold is not published, so another one only warns.
var knownRegions = []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"}

// checkRegion warns of a region that nobody has heard of, once for each such region, and of a zone elsewhere.
func (b *builder) checkRegion(m *merged, o order.Order) {
	if o.Region != "" && !slices.Contains(knownRegions, o.Region) {
		at := b.rangeOf(m, fieldRegion)
		b.findings.add(findingKey{summary: "Unknown region", value: o.Region}, o.Address, func() *hcl.Diagnostic {
			return warning(at, "Unknown region", "%q is not a region that bastion-fleet knows.%s If it exists, the order works all the same.",
				o.Region, didYouMeanOneOf(o.Region, knownRegions, "known regions"))
		})
		return // what its zones are called is not known either
	}
	if o.Region != "" && o.AZ != "" && !isZoneOf(o.AZ, o.Region) {
		at := b.rangeOf(m, fieldAZ)
		b.findings.add(findingKey{summary: "Zone of another region", subject: at}, o.Address, func() *hcl.Diagnostic {
			return warning(at, "Zone of another region", "The zone %q does not look like one of the region %q: a zone is its region and a letter, such as %q.",
				o.Shown(0).AZ, o.Region, o.Region+"a")
		})
	}
}

// isZoneOf tells whether a zone's name begins with its region's. What follows must not make the region another one:
// cn-north-10a is no zone of cn-north-1.
func isZoneOf(zone, region string) bool {
	rest, ok := strings.CutPrefix(zone, region)
	return ok && rest != "" && (rest[0] < '0' || rest[0] > '9')
}

// comparedRegions bounds how many regions a label is compared with to tell what was meant.
const comparedRegions = 100

// checkRegions warns of blocks for regions that nobody has heard of and no order is in: they change nothing.
func (l *loader) checkRegions(d *document, orders []order.Order) {
	unheard := d.regionPlaces()
	for _, id := range knownRegions {
		delete(unheard, id)
	}
	if len(unheard) == 0 || len(orders) == 0 {
		return
	}
	used := map[string]bool{}
	known := slices.Clone(knownRegions)
	for i := range orders {
		id := orders[i].Region
		if id == "" || used[id] || slices.Contains(knownRegions, id) {
			continue
		}
		used[id] = true
		delete(unheard, id)
		if len(known) < comparedRegions {
			known = append(known, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(unheard)) {
		for _, at := range unheard[id] {
			l.report(warning(at, "Region without orders", "No order is in %q, and it is not a region that bastion-fleet knows.%s",
				id, didYouMeanOneOf(id, known, "regions it knows or orders are in")))
		}
	}
}

// regionPlaces returns where region blocks stand, those of prices too, by their region.
func (d *document) regionPlaces() map[string][]hcl.Range {
	places := map[string][]hcl.Range{}
	for id, written := range d.regions {
		places[id] = append(places[id], written.header)
	}
	if d.prices != nil {
		for _, b := range d.prices.regions {
			places[b.Labels[0]] = append(places[b.Labels[0]], b.DefRange)
		}
	}
	return places
}
