package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// mixedResult has every end: purchases paid and unpaid, two causes of failure, doubts with and without an id.
func mixedResult() apply.Result {
	var r apply.Result
	for i, o := range branches(30) {
		if i%10 == 3 {
			payByHand(&o)
		}
		r.Entries = append(r.Entries, entry(o, apply.EndBought, order.Failure{}))
	}
	for i := range 8 {
		o := wish("order.full", quantity(1))
		o.Address.Key = order.IndexKey(i)
		f := noStock
		f.RequestID = fmt.Sprintf("req-%d", i)
		r.Entries = append(r.Entries, entry(o, apply.EndFailed, f))
	}
	r.Entries = append(r.Entries,
		entry(wish("order.odd"), apply.EndFailed, order.Failure{Class: order.ClassNotSent, Message: "dial tcp: no route\x1b[2J to host"}),
		entry(wish("order.lost"), apply.EndInDoubt, reset),
		entry(wish("order.unkept"), apply.EndInDoubt, order.Failure{Message: "the outcome could not be recorded: no space left"}),
		entry(wish("order.uncalled"), apply.EndInDoubt, order.Failure{Class: order.ClassCancelled, Message: "the run ended before the call was made; the outcome could not be recorded: no space left"}),
		entry(wish("order.next"), apply.EndSkipped, order.Failure{}),
	)
	r.Entries[len(r.Entries)-3].Purchase = order.Purchase{BuyID: "buy-0099", Quantity: 2}
	return r
}

// wavesEnding is a run whose canary was well, whose next wave lost a region, and whose last one nobody approved.
func wavesEnding() ui.Ending {
	e := ui.Ending{
		Continue: "bastion-fleet apply branches --approve-wave rest",
		Result: apply.Result{Waves: []apply.WaveResult{
			{Wave: "canary", End: apply.WaveGood},
			{Wave: "second", End: apply.WaveBad, Reason: `cn-east-1: 2 of 9 orders failed; failure_tolerance = "10%" allows 1`},
			{Wave: "rest", Reason: `wave "second" did not end well`},
		}},
		Failed: []apply.InstanceFailed{{Address: address("order.branch[1]"), Region: "cn-north-1", Instances: 1, Why: "its status is 13, expired\x1b[2J", At: noon}},
	}
	for i, o := range branches(20) {
		entry := entry(o, apply.EndBought, order.Failure{})
		switch {
		case i < 2:
		case i < 11:
			entry.Wave, entry.Region = 1, "cn-east-1"
			if i >= 4 {
				entry.End, entry.Purchase = apply.EndSkipped, order.Purchase{}
			}
		default:
			entry.Wave, entry.End, entry.Purchase = 2, apply.EndSkipped, order.Purchase{}
		}
		e.Result.Entries = append(e.Result.Entries, entry)
	}
	for i := 2; i < 4; i++ {
		e.Result.Entries[i].End, e.Result.Entries[i].Failure = apply.EndFailed, noStock
	}
	return e
}

func TestAppliedInWaves(t *testing.T) {
	for _, width := range []int{0, 80, 200} {
		out, _ := shown(width, false, func(v ui.View) { v.Applied(wavesEnding()) })
		golden(t, fmt.Sprintf("applied-waves-%d.txt", width), out)
		checkWidth(t, out, width)
	}
	golden(t, "applied-waves.ndjson", events(t, func(v ui.View) { v.Applied(wavesEnding()) }))
}

func TestApplied(t *testing.T) {
	gw := wish("order.gw", quantity(3))
	results := map[string]apply.Result{
		"mixed":    mixedResult(),
		"complete": {Entries: []apply.Entry{entry(gw, apply.EndBought, order.Failure{}), entry(wish("order.hub", payByHand), apply.EndBought, order.Failure{})}},
	}
	for name, r := range results {
		for _, width := range []int{0, 80, 200} {
			out, err := shown(width, false, func(v ui.View) { v.Applied(ui.Ending{Result: r}) })
			golden(t, fmt.Sprintf("applied-%s-%d.txt", name, width), out)
			checkWidth(t, out, width)
			if err != "" {
				t.Errorf("a result is data, but this went to stderr: %s", err)
			}
		}
	}
}

func TestEveryPurchaseThatAwaitsPaymentIsNamed(t *testing.T) {
	var r apply.Result
	for i, o := range branches(50) {
		payByHand(&o)
		e := entry(o, apply.EndBought, order.Failure{})
		e.Purchase.BuyID = fmt.Sprintf("buy-%04d", i)
		r.Entries = append(r.Entries, e)
	}
	out, _ := shown(80, false, func(v ui.View) { v.Applied(ui.Ending{Result: r}) })
	for _, e := range r.Entries {
		if !strings.Contains(out, e.Purchase.BuyID) {
			t.Errorf("%s is missing: somebody has to pay for it", e.Purchase.BuyID)
		}
	}
}

func TestTheLastLineOfAnApply(t *testing.T) {
	one := []apply.Entry{entry(wish("order.a", quantity(1)), apply.EndBought, order.Failure{})}
	skipped := entry(wish("order.b"), apply.EndSkipped, order.Failure{})
	left := plan.Plan{Changes: []plan.Change{{Action: plan.Update}, {Action: plan.Update}, {Action: plan.InDoubt}}}
	forget := plan.Plan{Changes: []plan.Change{{Action: plan.Forget}}}
	tests := []struct {
		plan   plan.Plan
		result apply.Result
		want   string
	}{
		{plan.Plan{}, apply.Result{}, ""},
		{plan.Plan{}, apply.Result{Entries: one}, "Apply complete: 1 order bought (1 instance).\n"},
		{plan.Plan{}, apply.Result{Entries: append(one, skipped)},
			"Apply incomplete: 1 of 2 orders bought (1 instance); 0 failed, 0 in doubt, 1 skipped.\n"},
		{plan.Plan{}, apply.Result{Entries: append(one, skipped), Interrupted: true},
			"Apply interrupted: 1 of 2 orders bought (1 instance); 0 failed, 0 in doubt, 1 skipped.\n"},
		{plan.Plan{}, apply.Result{Entries: one, Interrupted: true}, "Apply complete: 1 order bought (1 instance).\n"},
		{plan.Plan{}, apply.Result{Entries: one, Waves: []apply.WaveResult{{Wave: "all", End: apply.WaveCutShort}}, Interrupted: true},
			"Apply interrupted: 1 order bought (1 instance); wave all was cut short.\n"},
		{plan.Plan{}, apply.Result{Entries: one, Waves: []apply.WaveResult{{Wave: "all", End: apply.WaveBad}}},
			"Apply incomplete: 1 order bought (1 instance); wave all did not end well.\n"},
		{forget, apply.Result{}, "\nApply complete: nothing to buy.\n"},
		{left, apply.Result{}, "\nApply incomplete: nothing to buy; 2 orders to update not executable; 1 order in doubt from before held.\n"},
		{left, apply.Result{Entries: one},
			"Apply incomplete: 1 order bought (1 instance); 2 orders to update not executable; 1 order in doubt from before held.\n"},
		{left, apply.Result{Entries: []apply.Entry{skipped}, Interrupted: true}, "Apply interrupted: 0 of 1 order bought; 0 failed, 0 in doubt, 1 skipped; " +
			"2 orders to update not executable; 1 order in doubt from before held.\n"},
	}
	for _, test := range tests {
		out, _ := shown(0, false, func(v ui.View) { v.Applied(ui.Ending{Plan: test.plan, Result: test.result}) })
		if !strings.HasSuffix(out, test.want) || test.want == "" && out != "" {
			t.Errorf("got %q, want %q", out, test.want)
		}
	}
}

// A proxy's page says in its first words whose it is; an answer of another form may hold an id, and stays whole.
func TestOfAWebPageTheBeginningIsShown(t *testing.T) {
	for page, whole := range map[string]bool{
		"<!DOCTYPE html>\n<html><title>502 Bad Gateway</title>": false,
		"<HTML lang=en><h1>502 Bad Gateway</h1>":                false,
		`{"result": {"id": "<htmlike>"}, "why": "`:              true,
	} {
		f := order.Failure{HTTPStatus: 502, Message: "the answer is not the API's: " + page + strings.Repeat("padding ", 40) + "END"}
		r := apply.Result{Entries: []apply.Entry{entry(wish("order.a"), apply.EndInDoubt, f)}}
		out, _ := shown(0, false, func(v ui.View) { v.Applied(ui.Ending{Result: r}) })
		if strings.Contains(out, "END") != whole || whole != !strings.Contains(out, "… (HTTP 502)") {
			t.Errorf("got %s", out)
		}
	}
}

// TestNoUnrecordedPurchaseIsLeftOut: other lists end after a while, but these ids are in no file.
func TestNoUnrecordedPurchaseIsLeftOut(t *testing.T) {
	var r apply.Result
	for i, o := range branches(50) {
		e := entry(o, apply.EndInDoubt, reset)
		e.Purchase.BuyID = fmt.Sprintf("buy-%02d.", i)
		r.Entries = append(r.Entries, e, entry(wish("order.z"), apply.EndInDoubt, reset))
	}
	out, _ := shown(80, false, func(v ui.View) { v.Applied(ui.Ending{Result: r}) })
	for i := range 50 {
		if id := fmt.Sprintf("buy-%02d.", i); !strings.Contains(out, id) {
			t.Errorf("%s is missing", id)
		}
	}
	if !strings.Contains(out, "and 30 orders more") {
		t.Errorf("the doubts without an id are not counted:\n%s", out)
	}
}

func TestAppliedJSON(t *testing.T) {
	p := mixedPlan()
	var r apply.Result
	for _, b := range p.Buys() {
		r.Entries = append(r.Entries, entry(b.Order, apply.EndBought, order.Failure{}))
	}
	r.Entries[0].End = apply.EndSkipped
	golden(t, "applied.ndjson", events(t, func(v ui.View) { v.Applied(ui.Ending{Plan: p, Result: r}) }))
}
