package ui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// wavesInput is that of a plan in waves over five regions, one of which has limits of its own.
func wavesInput() plan.Input {
	in := plan.Input{Fleet: "branches", Rollout: order.DefaultRollout()}
	for i, name := range []string{"cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1", "eu-west-1"} {
		for j := range 40 - 8*i {
			o := wish("order.gw", region(name))
			o.Address.Name, o.Address.Key = "gw-"+name, order.IndexKey(j)
			in.Orders = append(in.Orders, o)
		}
	}
	slices.SortFunc(in.Orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) })
	in.Rollout.RatePerRegion, in.Rollout.RegionOrder = 4, []string{"cn-north-1"}
	in.Rollout.Regions = []order.RegionRollout{{Region: "cn-south-1", Limits: order.RegionLimits{Parallelism: 2, Rate: 0.5}}}
	in.Rollout.Waves = []order.Wave{
		{Name: "canary", Regions: []string{"cn-north-1"}, MaxOrders: 1, Bake: 10 * time.Minute},
		{Name: "a-tenth-of-all-regions", Percent: 10, Bake: time.Hour, Approve: true},
		{Name: "north", Regions: []string{"cn-north-1"}, Approve: true},
	}
	return in
}

func planOf(t *testing.T, in plan.Input) plan.Plan {
	t.Helper()
	slices.SortFunc(in.Known.Records, func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPlanShowsItsWaves(t *testing.T) {
	priced := wavesInput()
	priced.Prices = order.Prices{Currency: "CNY", List: map[order.PriceOf]order.Amount{{Spec: "bastion-50", Unit: order.UnitYear}: 15096_00}}
	priced.Latency = 240 * time.Millisecond

	at := func(in plan.Input, name string) order.Order {
		return in.Orders[slices.IndexFunc(in.Orders, func(o order.Order) bool { return o.Region == name })]
	}
	runs := []string{"20261123T120000Z-abc"}
	half := wavesInput()
	half.Rollout.Sequential, half.Rollout.RatePerRegion, half.Rollout.Regions = true, 0, nil
	half.Known = plan.Known{
		Records:  []order.Record{bought(at(half, "cn-north-1")), doubtful(order.Record{}, at(half, "cn-east-1"))},
		Campaign: plan.Campaign{Runs: runs, Ended: []string{"canary"}},
	}
	unseen := wavesInput()
	unseen.Rollout.Waves[1].Approve = false
	unseen.Known = plan.Known{Records: []order.Record{bought(at(unseen, "cn-north-1"))}, Campaign: plan.Campaign{Runs: runs}}

	for name, in := range map[string]plan.Input{"waves": wavesInput(), "priced": priced, "half": half, "unseen": unseen} {
		for _, width := range []int{0, 80, 200} {
			out, _ := shown(width, false, func(v ui.View) { v.Plan(planOf(t, in), ui.Summary) })
			_, table, _ := strings.Cut(out, "WAVE")
			golden(t, fmt.Sprintf("schedule-%s-%d.txt", name, width), "WAVE"+table)
			checkWidth(t, out, width)
		}
	}
	golden(t, "schedule.ndjson", events(t, func(v ui.View) { v.Plan(planOf(t, half), ui.Summary) }))
}

// Without waves, what takes no time needs no estimate; what does has it below its recap, in one line.
func TestAPlanWithoutWavesSaysLittleOfItsSpeed(t *testing.T) {
	in := wavesInput()
	in.Rollout.Waves = nil
	for _, c := range []struct {
		parallelism, orders int
		line                string
	}{
		{9, 120, "9 calls at once, 16.5/s: about 31s in all at 1s a call (assumed), if nothing fails. Limits of their own: cn-south-1 (2 calls at once, 0.5/s)."},
		{1, 15, ""}, // no recap
		{32, 30, ""},
	} {
		in := in
		in.Rollout.Parallelism, in.Orders = c.parallelism, in.Orders[:c.orders]
		out, _ := shown(200, false, func(v ui.View) { v.Plan(planOf(t, in), ui.Full) })
		if told := strings.Contains(out, "at once"); told != (c.line != "") || !strings.Contains(out, "\n"+c.line+"\n") {
			t.Errorf("%+v:\n%s", c, out)
		}
	}
}

// An order's wave is told to scripts with its change.
func TestAPlannedChangeNamesItsWave(t *testing.T) {
	out := events(t, func(v ui.View) { v.Plan(planOf(t, wavesInput()), ui.Full) })
	for _, want := range []struct {
		wave   string
		orders int
	}{{"canary", 1}, {"a-tenth-of-all-regions", 14}, {"north", 35}, {order.RemainingWave, 70}} {
		if n := strings.Count(out, `,"wave":"`+want.wave+`"}}`); n != want.orders {
			t.Errorf("%d changes are in wave %s, want %d", n, want.wave, want.orders)
		}
	}
}
