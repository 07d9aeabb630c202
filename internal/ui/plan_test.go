package ui_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

func TestPlanText(t *testing.T) {
	selected := mixedPlan()
	selected.Selected = true
	plans := map[string]struct {
		plan   plan.Plan
		detail ui.Detail
	}{
		"mixed":     {mixedPlan(), ui.Full},
		"summary":   {selected, ui.Summary},
		"branches":  {build(branches(12), nil), ui.Full},
		"unchanged": {build(branches(2), []order.Record{bought(branches(2)[0]), bought(branches(2)[1])}), ui.Full},
	}
	for name, p := range plans {
		for _, width := range []int{0, 80, 200} {
			out, err := shown(width, false, func(v ui.View) { v.Plan(p.plan, p.detail) })
			golden(t, fmt.Sprintf("plan-%s-%d.txt", name, width), out)
			if err != "" {
				t.Errorf("%s: a plan is data, but this went to stderr: %s", name, err)
			}
			checkWidth(t, out, width)
		}
	}
}

// TestALongPlanEndsInARecap: the question that follows a plan stands below what it asks about.
func TestALongPlanEndsInARecap(t *testing.T) {
	orders := branches(18)
	orders = append(orders, wish("order.north", payByHand), wish("order.south", region("cn-south-1"), quantity(7)))
	short, _ := shown(80, false, func(v ui.View) { v.Plan(build(orders, nil), ui.Full) })
	if strings.Contains(short, "REGION") {
		t.Errorf("20 orders are taken in without a recap:\n%s", short)
	}
	scenario := wish("order.promo", func(o *order.Order) { o.Charge.BuyScenario = "eyJ9" })
	long, _ := shown(80, false, func(v ui.View) { v.Plan(build(append(orders, scenario), nil), ui.Full) })
	_, recap, _ := strings.Cut(long, "REGION")
	golden(t, "plan-recap-80.txt", "REGION"+recap)
	if strings.Contains(recap, "order.branch") {
		t.Errorf("the recap comes last:\n%s", long)
	}
}

func TestARecapOfManySpecsIsBounded(t *testing.T) {
	orders := branches(40)
	for i := range orders {
		orders[i].Spec = fmt.Sprintf("bastion-%d", i)
	}
	out, _ := shown(80, false, func(v ui.View) { v.Plan(build(orders, nil), ui.Summary) })
	if n := strings.Count(out, "bastion-"); n != 15 || !strings.Contains(out, "and 25 more") {
		t.Errorf("%d specs are shown:\n%s", n, out)
	}
}

// TestAPlanIsSilentOnCallsNeverMade: an interrupted run closes intents that it did not call for.
func TestAPlanIsSilentOnCallsNeverMade(t *testing.T) {
	o := wish("order.gw")
	blank := failed(o)
	blank.Failure = nil
	for want, r := range map[bool]order.Record{true: failed(o), false: blank} {
		out, _ := shown(0, false, func(v ui.View) { v.Plan(build([]order.Order{o}, []order.Record{r}), ui.Full) })
		if strings.Contains(out, "the last attempt") != want {
			t.Errorf("the last attempt is noted: %t:\n%s", !want, out)
		}
	}
}

// checkWidth fails for a line that a terminal would break.
func checkWidth(t *testing.T, out string, width int) {
	t.Helper()
	for line := range strings.Lines(out) {
		if w := text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")); width > 0 && w > width {
			t.Errorf("%d columns do not fit into %d: %s", w, width, line)
		}
	}
}

func TestPlanInColourSaysTheSame(t *testing.T) {
	show := func(v ui.View) { v.Plan(mixedPlan(), ui.Full) }
	plain, _ := shown(80, false, show)
	colour, _ := shown(80, true, show)
	golden(t, "plan-mixed-80-colour.txt", colour)
	if text.StripEscape(colour) != plain {
		t.Error("without its colours, the coloured plan is not the plain one")
	}
	if colour == plain {
		t.Error("there is no colour")
	}
}

func TestPlanOnAPipeIsNotShortened(t *testing.T) {
	long := strings.Repeat("x", 500)
	out, _ := shown(0, false, func(v ui.View) { v.Plan(build([]order.Order{wish("order.a", desc(long))}, nil), ui.Full) })
	if !strings.Contains(out, long) {
		t.Error("the description was cut")
	}
}

func TestPlanOnANarrowTerminalKeepsTheEndOfAddresses(t *testing.T) {
	key := strings.Repeat("very-long-", 20) + "end"
	o := wish("order.a")
	o.Address.Key = order.TextKey(key)
	out, _ := shown(80, false, func(v ui.View) { v.Plan(build([]order.Order{o}, nil), ui.Full) })
	if !strings.Contains(out, `end"]`) || !strings.Contains(out, "order.a[") {
		t.Errorf("both ends of the address should be legible:\n%s", out)
	}
	checkWidth(t, out, 80)
}

func TestPlanJSON(t *testing.T) {
	golden(t, "plan-mixed.ndjson", events(t, func(v ui.View) {
		v.Version("0.1.0")
		v.Plan(mixedPlan(), ui.Full)
	}))
	summary := events(t, func(v ui.View) { v.Plan(mixedPlan(), ui.Summary) })
	if strings.Contains(summary, "planned_change") || !strings.Contains(summary, `"changes":{"create":5,"grow":1,"update":1,"forget":1,"in_doubt":1,`) {
		t.Errorf("a summary is a change_summary alone, not %s", summary)
	}
}

// TestALargePlanCostsLittle bounds the allocations for an order, which say more on a busy machine than the time.
func TestALargePlanCostsLittle(t *testing.T) {
	const n = 5000
	p := build(branches(n), nil)
	for json, most := range map[bool]float64{false: 8, true: 16} {
		v := ui.New(ui.Streams{Out: ui.Stream{Writer: io.Discard}, Err: ui.Stream{Writer: io.Discard}}, json)
		if each := testing.AllocsPerRun(2, func() { v.Plan(p, ui.Full) }) / n; each > most {
			t.Errorf("json %v: %.1f allocations for an order, more than %.0f", json, each, most)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	p := build(branches(100_000), nil)
	for name, view := range map[string]func(ui.Streams) ui.View{
		"text": func(s ui.Streams) ui.View { return ui.NewText(s) },
		"json": func(s ui.Streams) ui.View { return ui.NewJSON(s) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			size := func() (int, int) { return 80, 24 }
			v := view(ui.Streams{Out: ui.Stream{Writer: io.Discard, Color: true, Size: size}, Err: ui.Stream{Writer: io.Discard}})
			for b.Loop() {
				v.Plan(p, ui.Full)
			}
		})
	}
}
