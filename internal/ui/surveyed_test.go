package ui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// stranger is an instance with a marker of the fleet that no record holds.
func stranger(n int, desc string) reconcile.Stranger {
	m := order.NewMarker("f", "another", order.Address{Name: "gw"}, n)
	return reconcile.Stranger{Marker: m, Instance: reconcile.Instance{
		BID: fmt.Sprint("bid-", n), Desc: m.AppendTo(desc), StartTime: "2026-11-23 12:00:00",
	}}
}

func everyStranger() []reconcile.Surveyed {
	own, named := stranger(3, "of nobody knows which order"), stranger(4, "the branch of Beijing, behind the east gate of Chaoyang park")
	own.Own, named.Own = true, true
	named.Address, named.Attempt = wish(`order.branch["beijing-chaoyang-east-gate"]`).Address, 2
	unmade := stranger(5, "")
	unmade.BID, unmade.StartTime = "", ""
	return []reconcile.Surveyed{
		{Region: "cn-east-2", Err: errors.New("no answer")},
		{Region: "cn-north-1", Strangers: []reconcile.Stranger{stranger(1, "gw"), stranger(2, "\x1b[31mred"), own}},
		{Region: "cn-south-1", Strangers: []reconcile.Stranger{named, unmade}},
	}
}

func TestSurveyedText(t *testing.T) {
	for _, width := range []int{0, 80, 200} {
		out, _ := shown(width, false, func(v ui.View) { v.Surveyed(everyStranger()) })
		golden(t, fmt.Sprintf("surveyed-%d.txt", width), out)
		checkWidth(t, out, width)
	}
}

func TestUnmatchedInstances(t *testing.T) {
	regions := everyStranger()[1:2]
	out, _ := shown(80, false, func(v ui.View) { v.Unmatched(regions) })
	golden(t, "unmatched-80.txt", out)
	checkWidth(t, out, 80)
	golden(t, "unmatched.json", events(t, func(v ui.View) { v.Unmatched(regions) }))
}

func TestSurveyedJSON(t *testing.T) {
	golden(t, "surveyed.json", events(t, func(v ui.View) { v.Surveyed(everyStranger()) }))
}

func TestManyStrangersAreShortened(t *testing.T) {
	var many []reconcile.Stranger
	for n := range 25 {
		many = append(many, stranger(n, "gw"))
	}
	regions := []reconcile.Surveyed{{Region: "cn-north-1", Strangers: many}}
	out, _ := shown(80, false, func(v ui.View) { v.Surveyed(regions) })
	if !strings.Contains(out, "and 5 instances more: --json") || strings.Contains(out, "bid-20") {
		t.Errorf("not the first 20, or nothing of the others:\n%s", out)
	}
	if out = jsonShown(func(v ui.View) { v.Surveyed(regions) }); strings.Count(out, "survey_finding") != 25 {
		t.Errorf("not all 25:\n%s", out)
	}
}
