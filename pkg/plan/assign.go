package plan

import (
	"slices"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An assigner gives the orders of a campaign to the waves of its rollout: those that are to be bought, whether they are
// selected or not, and those that earlier runs of the campaign bought or left in doubt. All of them count, so that an order
// stays in its wave while others are bought, and whatever a selection leaves out.
//
// A nil assigner is that of a fleet without waves: it does nothing.
type assigner struct {
	rollout  order.Rollout
	campaign Campaign
	groups   []*group // in the sequence in which regions come, once all are noted
	byRegion map[string]*group
}

// A group is the orders of one region.
type group struct {
	region string
	// Those that the campaign has called for come first, so that an order which the files name since does not take the place
	// of one that is bought, and begin a wave again that is over.
	called  []member // by address
	lacking []member // by address

	// While a wave takes:
	free  []*member // that it names and that no wave took, in the sequence in which it takes them
	share int       // how many of them it takes
}

// A member is an order of a campaign.
type member struct {
	address  order.Address
	standing standing
	selected bool
	wave     int // which took it; untaken
}

const untaken = -1

// standing is how far an order of a campaign has come.
type standing uint8

const (
	lacking standing = iota // to be bought
	held                    // in doubt since a call of the campaign
	bought                  // by the campaign
)

func newAssigner(in Input) *assigner {
	if len(in.Rollout.Waves) == 0 {
		return nil
	}
	return &assigner{rollout: in.Rollout, campaign: in.Known.Campaign, byRegion: map[string]*group{}}
}

// note takes a pair into account, if it belongs to the campaign. Pairs come in address order. What is to be imported lacks
// nothing.
func (a *assigner) note(both pair, selected, imported bool) {
	if a == nil {
		return
	}
	m := member{address: both.address(), selected: selected, wave: untaken}
	switch {
	case both.action().Buys() && !imported:
		g := a.group(both.region())
		g.lacking = append(g.lacking, m)
		return
	case both.known == nil:
		return
	case a.campaign.InDoubt(both.known):
		m.standing = held
	case slices.ContainsFunc(both.known.Purchases, a.campaign.Bought):
		m.standing = bought
	default:
		return
	}
	g := a.group(both.region())
	g.called = append(g.called, m)
}

func (a *assigner) group(region string) *group {
	g := a.byRegion[region]
	if g == nil {
		g = &group{region: region}
		a.byRegion[region] = g
		a.groups = append(a.groups, g)
	}
	return g
}

// waves lets each wave take, and returns them with what they took but the changes.
func (a *assigner) waves() []Wave {
	if a == nil {
		return nil
	}
	slices.SortFunc(a.groups, func(g, h *group) int { return a.rollout.CompareRegions(g.region, h.region) })
	for i, w := range a.rollout.Waves {
		a.take(i, w)
	}
	waves := make([]Wave, len(a.rollout.Waves), len(a.rollout.Waves)+1)
	for i, w := range a.rollout.Waves {
		waves[i].Wave = w
	}
	if a.takeRemaining(len(waves)) {
		waves = append(waves, Wave{Wave: remainingWave, Remaining: true})
	}
	for _, g := range a.groups {
		for m := range g.members {
			waves[m.wave].count(m)
		}
	}
	for i := range waves {
		w := &waves[i]
		w.Ended = slices.Contains(a.campaign.Ended, w.Name)
		slices.SortFunc(w.Bought, order.Address.Compare)
		slices.SortFunc(w.InDoubt, order.Address.Compare)
	}
	return waves
}

// take gives a wave its orders.
func (a *assigner) take(wave int, w order.Wave) {
	names := w.Naming()
	for _, g := range a.groups {
		g.offer(w, names)
	}
	if w.MaxOrders > 0 {
		byTurns(a.groups, w.MaxOrders)
	}
	for _, g := range a.groups {
		for _, m := range g.free[:g.share] {
			m.wave = wave
		}
	}
}

// takeRemaining gives what no wave took to a last one, and tells whether there is anything.
func (a *assigner) takeRemaining(wave int) bool {
	some := false
	for _, g := range a.groups {
		for m := range g.members {
			if m.wave == untaken {
				m.wave, some = wave, true
			}
		}
	}
	return some
}

// byTurns lowers the shares of the groups to most orders in all, which they get one after the other, as long as they have any.
func byTurns(groups []*group, most int) {
	wanted := make(map[*group]int, len(groups))
	for _, g := range groups {
		wanted[g], g.share = g.share, 0
	}
	waiting := slices.Clone(groups)
	for most > 0 && len(waiting) > 0 {
		waiting = slices.DeleteFunc(waiting, func(g *group) bool { return g.share == wanted[g] })
		waiting = waiting[:min(len(waiting), most)]
		for _, g := range waiting {
			g.share++
		}
		most -= len(waiting)
	}
}

// offer sets what a wave that names so may take of the group, but for its bound on the orders of all groups.
func (g *group) offer(w order.Wave, names func(region string, a order.Address) bool) {
	g.free = g.free[:0]
	all := 0
	for m := range g.members {
		if !names(g.region, m.address) {
			continue
		}
		all++
		if m.wave == untaken {
			g.free = append(g.free, m)
		}
	}
	g.share = min(len(g.free), w.MostIn(all))
}

// members yields all of the group, in the sequence in which waves take them.
func (g *group) members(yield func(*member) bool) {
	for _, list := range [...][]member{g.called, g.lacking} {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// count adds what the wave took and no apply of the plan buys.
func (w *Wave) count(m *member) {
	switch {
	case m.standing == bought:
		w.Bought = append(w.Bought, m.address)
	case m.standing == held:
		w.InDoubt = append(w.InDoubt, m.address)
	case !m.selected:
		w.LeftOut++
	}
}

// tell gives the changes that buy their waves. The changes of a region are in address order, as its members are.
func (a *assigner) tell(changes []Change) {
	if a == nil {
		return
	}
	var rest []member
	region := ""
	for i := range changes {
		c := &changes[i]
		if !c.Action.Buys() {
			continue
		}
		if len(rest) == 0 || c.Region != region {
			region, rest = c.Region, a.byRegion[c.Region].lacking
		}
		for rest[0].address != c.Address {
			rest = rest[1:]
		}
		c.Wave = rest[0].wave
	}
}
