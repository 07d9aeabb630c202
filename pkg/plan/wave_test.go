package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func pattern(t testing.TB, s string) order.Pattern {
	t.Helper()
	p, err := order.ParsePattern(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fleetOf is as many orders as are asked for in each region: order.bj[0] is in bj.
func fleetOf(t testing.TB, regions map[string]int) []order.Order {
	t.Helper()
	var orders []order.Order
	for region, n := range regions {
		for i := range n {
			orders = append(orders, wish(t, fmt.Sprintf("order.%s[%d]", region, i), func(o *order.Order) { o.Region = region }))
		}
	}
	slices.SortFunc(orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	return orders
}

// boughtBy is the record of o after a run bought it.
func boughtBy(run string, o order.Order) order.Record {
	r := bought(o)
	r.Purchases[0].Run = run
	return r
}

// planned builds the plan of an input, which it sorts.
func planned(t interface {
	Fatal(...any)
	Helper()
}, in plan.Input) plan.Plan {
	t.Helper()
	slices.SortFunc(in.Known.Records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// waveTexts tells each wave in a line: what it buys, then what it took besides.
func waveTexts(p plan.Plan) []string {
	short := func(a order.Address) string { return strings.TrimPrefix(a.String(), "order.") }
	all := func(list []order.Address) string {
		var texts []string
		for _, a := range list {
			texts = append(texts, short(a))
		}
		return strings.Join(texts, " ")
	}
	var lines []string
	for i, w := range p.Waves {
		line := w.Name + ":"
		for _, b := range p.Buys() {
			if b.Wave == i {
				line += " " + short(b.Order.Address)
			}
		}
		for _, part := range []struct{ what, which string }{{"bought", all(w.Bought)}, {"in doubt", all(w.InDoubt)}} {
			if part.which != "" {
				line += "; " + part.what + " " + part.which
			}
		}
		if w.LeftOut > 0 {
			line += fmt.Sprintf("; %d left out", w.LeftOut)
		}
		if w.Ended {
			line += "; ended"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestWavesTakeInTurn(t *testing.T) {
	fleet := func() []order.Order { return fleetOf(t, map[string]int{"bj": 3, "gz": 2, "sh": 4}) }
	for _, c := range []struct {
		name   string
		waves  []order.Wave
		first  []string // region_order
		expect []string
	}{
		{"no wave", nil, nil, nil},
		{"one that takes all", []order.Wave{{Name: "all"}}, nil, []string{"all: bj[0] bj[1] bj[2] gz[0] gz[1] sh[0] sh[1] sh[2] sh[3]"}},
		{
			"the rest remains", []order.Wave{{Name: "canary", MaxOrders: 1}}, nil,
			[]string{"canary: bj[0]", "remaining: bj[1] bj[2] gz[0] gz[1] sh[0] sh[1] sh[2] sh[3]"},
		},
		{
			"regions by turns", []order.Wave{{Name: "canary", MaxOrders: 7}}, nil,
			[]string{"canary: bj[0] bj[1] bj[2] gz[0] gz[1] sh[0] sh[1]", "remaining: sh[2] sh[3]"},
		},
		{
			"regions in their sequence", []order.Wave{{Name: "canary", MaxOrders: 4}}, []string{"sh", "gz"},
			[]string{"canary: bj[0] gz[0] sh[0] sh[1]", "remaining: bj[1] bj[2] gz[1] sh[2] sh[3]"},
		},
		{
			"a share of each region, rounded up", []order.Wave{{Name: "tenth", Percent: 10}, {Name: "half", Percent: 50}}, nil,
			[]string{"tenth: bj[0] gz[0] sh[0]", "half: bj[1] bj[2] gz[1] sh[1] sh[2]", "remaining: sh[3]"},
		},
		{
			"both bounds", []order.Wave{{Name: "half", Percent: 50, MaxOrders: 4}}, nil,
			[]string{"half: bj[0] bj[1] gz[0] sh[0]", "remaining: bj[2] gz[1] sh[1] sh[2] sh[3]"},
		},
		{
			"regions", []order.Wave{{Name: "south", Regions: []string{"gz", "hk"}}, {Name: "north", Regions: []string{"bj", "gz"}}}, nil,
			[]string{"south: gz[0] gz[1]", "north: bj[0] bj[1] bj[2]", "remaining: sh[0] sh[1] sh[2] sh[3]"},
		},
		{
			"patterns", []order.Wave{{Name: "named", Orders: []order.Pattern{pattern(t, "order.sh[2]"), pattern(t, "order.b*")}}, {Name: "rest"}}, nil,
			[]string{"named: bj[0] bj[1] bj[2] sh[2]", "rest: gz[0] gz[1] sh[0] sh[1] sh[3]"},
		},
		{
			"patterns within regions", []order.Wave{{Name: "none", Regions: []string{"gz"}, Orders: []order.Pattern{pattern(t, "order.bj")}}, {Name: "rest"}}, nil,
			[]string{"none:", "rest: bj[0] bj[1] bj[2] gz[0] gz[1] sh[0] sh[1] sh[2] sh[3]"},
		},
		{
			"a share of what the patterns name", []order.Wave{{Name: "w", Percent: 50, Orders: []order.Pattern{pattern(t, "order.sh[3]"), pattern(t, "order.sh[1]")}}, {Name: "rest"}}, nil,
			[]string{"w: sh[1]", "rest: bj[0] bj[1] bj[2] gz[0] gz[1] sh[0] sh[2] sh[3]"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := order.DefaultRollout()
			r.Waves, r.RegionOrder = c.waves, c.first
			p := planned(t, plan.Input{Orders: fleet(), Rollout: r})
			if d := cmp.Diff(c.expect, waveTexts(p)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A canary of one order, a tenth, then all: over ten orders of bj, of which others are bought since long ago.
func TestACampaignGoesOnWhereItStopped(t *testing.T) {
	orders := fleetOf(t, map[string]int{"bj": 10, "zz": 1})
	rollout := order.DefaultRollout()
	rollout.Waves = []order.Wave{{Name: "canary", MaxOrders: 1}, {Name: "tenth", Percent: 10, Regions: []string{"bj"}}, {Name: "rest"}}
	at := func(i int) order.Order { return orders[i] }
	late := wish(t, "order.aa", func(o *order.Order) { o.Region = "bj" })
	doubt := doubtful(order.Record{}, at(0)) // of run-2
	more := at(0)
	more.Quantity++
	imported := boughtBy("run-2", at(0))
	imported.Purchases[0].Imported = true
	old := boughtBy("run-0", at(10))
	for _, c := range []struct {
		name     string
		orders   []order.Order
		known    []order.Record
		campaign plan.Campaign
		expect   []string
	}{
		{
			"nothing is bought", orders, []order.Record{old}, plan.Campaign{},
			[]string{"canary: bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"the canary is bought", orders, []order.Record{old, boughtBy("run-2", at(0))}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary:; bought bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"the canary is baked", orders, []order.Record{old, boughtBy("run-2", at(0))}, plan.Campaign{Runs: []string{"run-2"}, Ended: []string{"canary"}},
			[]string{"canary:; bought bj[0]; ended", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"an earlier campaign bought it", orders, []order.Record{old, boughtBy("run-1", at(0))}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary: bj[1]", "tenth: bj[2]", "rest: bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"an import is no purchase of the campaign", orders, []order.Record{old, imported}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary: bj[1]", "tenth: bj[2]", "rest: bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"the canary is in doubt", orders, []order.Record{old, doubt}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary:; in doubt bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"a doubt of an earlier campaign", orders, []order.Record{old, doubt}, plan.Campaign{Runs: []string{"run-3"}},
			[]string{"canary: bj[1]", "tenth: bj[2]", "rest: bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"the canary failed", orders, []order.Record{old, failed(at(0))}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary: bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"an order before the canary is written", append([]order.Order{late}, orders...), []order.Record{old, boughtBy("run-2", at(0))},
			plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary:; bought bj[0]", "tenth: aa bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"}, // a tenth of 11
		},
		{
			"the canary left the files", orders[1:], []order.Record{old, boughtBy("run-2", at(0))}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary:; bought bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
		{
			"the canary grows", append([]order.Order{more}, orders[1:]...), []order.Record{old, boughtBy("run-2", at(0))}, plan.Campaign{Runs: []string{"run-2"}},
			[]string{"canary: bj[0]", "tenth: bj[1]", "rest: bj[2] bj[3] bj[4] bj[5] bj[6] bj[7] bj[8] bj[9]"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planned(t, plan.Input{Orders: c.orders, Rollout: rollout, Known: plan.Known{Records: c.known, Campaign: c.campaign}})
			if d := cmp.Diff(c.expect, waveTexts(p)); d != "" {
				t.Error(d)
			}
		})
	}
}

// Shares are taken of the whole fleet's orders: what a selection leaves out is bought in the same wave by another apply.
func TestASelectionLeavesOrdersInTheirWaves(t *testing.T) {
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "half", Percent: 50, MaxOrders: 3}, {Name: "rest"}}
	orders := fleetOf(t, map[string]int{"bj": 4, "sh": 4})
	for _, c := range []struct {
		selection plan.Selection
		expect    []string
	}{
		{plan.Selection{}, []string{"half: bj[0] bj[1] sh[0]", "rest: bj[2] bj[3] sh[1] sh[2] sh[3]"}},
		{plan.Selection{Region: []string{"sh"}}, []string{"half: sh[0]; 2 left out", "rest: sh[1] sh[2] sh[3]; 2 left out"}},
		{plan.Selection{Target: []order.Pattern{pattern(t, "order.bj[3]")}}, []string{"half:; 3 left out", "rest: bj[3]; 4 left out"}},
	} {
		p := planned(t, plan.Input{Orders: orders, Rollout: r, Selection: c.selection})
		if d := cmp.Diff(c.expect, waveTexts(p)); d != "" {
			t.Errorf("%v:\n%s", c.selection, d)
		}
	}
}

// What import blocks are about to record lacks nothing, and counts in no share.
func TestImportsAreInNoWave(t *testing.T) {
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "half", Percent: 50}}
	orders := fleetOf(t, map[string]int{"bj": 4})
	orders[0].Quantity = 1
	p := planned(t, plan.Input{
		Orders: orders, Rollout: r, Imports: []order.Import{{To: orders[0].Address, SourceID: "src-1", At: "main.fleet.hcl:1"}},
	})
	if d := cmp.Diff([]string{"half: bj[1] bj[2]", "remaining: bj[3]"}, waveTexts(p)); d != "" {
		t.Error(d)
	}
}

// A saved plan's waves tell, after a reconcile, what became of the orders in doubt.
func TestAReconcileSortsTheDoubtsOfWaves(t *testing.T) {
	orders := fleetOf(t, map[string]int{"bj": 3})
	r := order.DefaultRollout()
	r.Waves = []order.Wave{{Name: "first", MaxOrders: 2}}
	doubt := doubtful(order.Record{}, orders[0])
	for _, c := range []struct {
		name     string
		now      order.Record
		selected plan.Selection
		expect   string
	}{
		{"bought", bought(orders[0]), plan.Selection{}, "first: bj[1]; bought bj[0]"},
		{"not bought", failed(orders[0]), plan.Selection{}, "first: bj[1]; 1 left out"},
		{"in doubt", doubt, plan.Selection{}, "first: bj[1]; in doubt bj[0]"},
		{"bought, and left out", bought(orders[0]), plan.Selection{Exclude: []order.Pattern{pattern(t, "order.bj[0]")}}, "first: bj[1]; bought bj[0]"},
		{"not bought, and left out", failed(orders[0]), plan.Selection{Exclude: []order.Pattern{pattern(t, "order.bj[0]")}}, "first: bj[1]; 1 left out"},
	} {
		saved := planned(t, plan.Input{Orders: orders, Rollout: r, Selection: c.selected, Known: plan.Known{
			Records: []order.Record{doubt}, Campaign: plan.Campaign{Runs: []string{"run-2"}},
		}})
		before := waveTexts(saved)
		p, _, err := saved.Reconciled([]order.Record{c.now})
		if err != nil {
			t.Fatal(err)
		}
		if got := waveTexts(p)[0]; got != c.expect {
			t.Errorf("%s: %q, want %q", c.name, got, c.expect)
		}
		if d := cmp.Diff(before, waveTexts(saved)); d != "" {
			t.Errorf("%s: the saved plan was written to:\n%s", c.name, d)
		}
	}
}

// drawWaves draws a rollout's waves from few values, so that they compete for orders.
var drawWaves = rapid.Custom(func(t *rapid.T) []order.Wave {
	waves := make([]order.Wave, rapid.IntRange(0, 4).Draw(t, "waves"))
	patterns := []string{"order.a", "order.b", "order.a[1]", `order.a["b*`, "order.ü*", "*"}
	for i := range waves {
		w := &waves[i]
		w.Name = fmt.Sprint("w", i)
		w.Regions = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"cn-north-1", "cn-east-1", "cn-south-1"}), 0, 2, rapid.ID[string]).Draw(t, "regions")
		for _, text := range rapid.SliceOfN(rapid.SampledFrom(patterns), 0, 2).Draw(t, "orders") {
			p, err := order.ParsePattern(text)
			if err != nil {
				t.Fatal(err)
			}
			w.Orders = append(w.Orders, p)
		}
		w.MaxOrders = rapid.IntRange(0, 3).Draw(t, "max_orders")
		w.Percent = rapid.SampledFrom([]float64{0, 10, 33.3, 50, 100}).Draw(t, "percent")
		w.Bake = time.Duration(rapid.IntRange(0, 2).Draw(t, "bake")) * time.Minute
		w.Approve = rapid.Bool().Draw(t, "approve")
	}
	return waves
})

// takes tells whether a wave names an order.
func takes(w order.Wave, region string, a order.Address) bool {
	return (len(w.Regions) == 0 || slices.Contains(w.Regions, region)) &&
		(len(w.Orders) == 0 || slices.ContainsFunc(w.Orders, func(p order.Pattern) bool { return p.Match(a) }))
}

// drawCampaign draws an input with waves, of which an earlier run may have bought a part.
func drawCampaign(t *rapid.T) plan.Input {
	in := drawInput(t)
	in.Rollout.Waves = drawWaves.Draw(t, "waves")
	in.Rollout.RegionOrder = rapid.SampledFrom([][]string{nil, {"cn-north-1"}}).Draw(t, "region_order")
	in.Rollout.Sequential = rapid.Bool().Draw(t, "sequential")
	in.Rollout.ParallelismPerRegion = rapid.IntRange(0, 3).Draw(t, "parallelism_per_region")
	in.Rollout.RatePerRegion = float64(rapid.IntRange(0, 3).Draw(t, "rate_per_region")) / 2
	if rapid.Bool().Draw(t, "region") {
		in.Rollout.Regions = []order.RegionRollout{{Region: "cn-east-1", Limits: order.RegionLimits{
			Parallelism: rapid.IntRange(1, 3).Draw(t, "parallelism"), Rate: float64(rapid.IntRange(0, 3).Draw(t, "rate")),
			FailureTolerance: order.Percent(5), MaxInDoubt: 1,
		}}}
	}
	if rapid.Bool().Draw(t, "campaign") {
		in.Known.Campaign = plan.Campaign{Runs: []string{"run"}, Ended: []string{"w0"}}
	}
	return in
}

// TestWavesKeepTheirBounds holds each wave against its own words.
func TestWavesKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawCampaign(rt)
		p := planned(rt, in)
		if len(in.Rollout.Waves) == 0 && len(p.Waves) > 0 {
			rt.Fatalf("waves that nobody wrote: %v", p.Waves)
		}
		region := map[order.Address]string{} // of all that a wave could take
		for _, r := range in.Known.Records {
			region[r.Address] = r.Region()
		}
		for _, o := range in.Orders {
			if _, known := region[o.Address]; !known || !in.Lifecycles[o.Address.Name].Ignore.Has(order.FieldRegion) {
				region[o.Address] = o.Region
			}
		}
		for _, c := range p.Changes {
			region[c.Address] = c.Region
		}
		wave := map[order.Address]int{}
		take := func(a order.Address, i int) {
			if _, twice := wave[a]; twice {
				rt.Errorf("%s is in two waves", a)
			}
			wave[a] = i
		}
		for _, b := range p.Buys() {
			if len(p.Waves) == 0 && b.Wave == 0 {
				continue
			}
			take(b.Order.Address, b.Wave)
		}
		for i, w := range p.Waves {
			for _, a := range slices.Concat(w.Bought, w.InDoubt) {
				take(a, i)
			}
		}
		for i, w := range p.Waves {
			if w.Remaining != (i == len(in.Rollout.Waves)) {
				rt.Errorf("wave %d is the remaining one: %t", i, w.Remaining)
			}
			taken, all, named := map[string]int{}, 0, map[string]int{}
			for a, at := range wave {
				if takes(w.Wave, region[a], a) {
					named[region[a]]++
					if at > i && w.MaxOrders == 0 && w.Percent == 0 {
						rt.Errorf("%s is in wave %d, though wave %d takes all it names", a, at, i)
					}
				}
				if at == i {
					taken[region[a]]++
					all++
					if !takes(w.Wave, region[a], a) {
						rt.Errorf("%s takes %s of %s, which it does not name", w.Name, a, region[a])
					}
				}
			}
			if w.MaxOrders > 0 && all > w.MaxOrders {
				rt.Errorf("%s takes %d, max_orders is %d", w.Name, all, w.MaxOrders)
			}
			for r, n := range taken {
				if w.Percent > 0 && float64(n-1) >= float64(named[r])*w.Percent/100 {
					rt.Errorf("%s takes %d of %d in %s, percent is %g", w.Name, n, named[r], r, w.Percent)
				}
			}
		}
	})
}

// TestPlannedAgainAWaveKeepsItsOrders buys the first waves, or a part of one, and plans again.
func TestPlannedAgainAWaveKeepsItsOrders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawCampaign(rt)
		in.Known.Campaign = plan.Campaign{} // it begins here
		p := planned(rt, in)
		first := rapid.IntRange(0, 4).Draw(rt, "waves bought")
		var buys, left []plan.Buy
		for _, b := range p.Buys() {
			switch {
			case b.Wave < first, b.Wave == first && rapid.Bool().Draw(rt, "bought"):
				buys = append(buys, b)
			default:
				left = append(left, b)
			}
		}
		in.Known.Records = buyAll(rt, in.Known.Records, buys)
		in.Known.Campaign.Runs = []string{boughtNow}
		again := planned(rt, in)
		if d := cmp.Diff(left, again.Buys(), cmpOrder, cmpEmpty); d != "" {
			rt.Errorf("what is left to buy (-before +again):\n%s", d)
		}
		for _, b := range buys {
			if w := again.Waves; len(w) > 0 && !slices.Contains(w[b.Wave].Bought, b.Order.Address) {
				rt.Errorf("%s was bought in wave %d, which now took %v", b.Order.Address, b.Wave, w[b.Wave].Bought)
			}
		}
	})
}

// TestASelectionMovesNothing compares a part of a plan with the whole.
func TestASelectionMovesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := drawCampaign(rt)
		wave := map[order.Address]int{}
		for _, b := range planned(rt, in).Buys() {
			wave[b.Order.Address] = b.Wave
		}
		in.Selection.Region = []string{"cn-east-1"}
		for _, b := range planned(rt, in).Buys() {
			if b.Wave != wave[b.Order.Address] {
				rt.Errorf("%s is in wave %d, of the whole fleet in %d", b.Order.Address, b.Wave, wave[b.Order.Address])
			}
		}
	})
}
