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

// found is a finding of o with so many bids.
func found(v reconcile.Verdict, o order.Order, bids int) reconcile.Finding {
	f := reconcile.Finding{Verdict: v, Doubt: *doubtful(order.Record{}, o).Doubt}
	for n := range bids {
		f.Instances = append(f.Instances, reconcile.Instance{BID: fmt.Sprintf("bid-%s-%d", o.Address.Name, n)})
	}
	return f
}

// named is f with ids that an answer named.
func named(f reconcile.Finding) reconcile.Finding {
	f.BuyID, f.SourceIDs = "buy-n1", []string{"src-n1", "src-n2"}
	return f
}

// suggested is f with instances that look like it.
func suggested(f reconcile.Finding) reconcile.Finding {
	f.Suggestions = []reconcile.Instance{
		{BID: "bid-1", Desc: "renamed", StartTime: "2026-11-23 12:00:00"}, {BID: "bid-\x1b[31m2"},
	}
	return f
}

// unaccounted is an instance that a call for o bought and no purchase accounts for.
func unaccounted(o order.Order, attempt int, bid string) reconcile.Stranger {
	return reconcile.Stranger{
		Instance: reconcile.Instance{BID: bid}, Marker: "[bf:0123456789ABCDEF]", Own: true, Address: o.Address, Attempt: attempt,
	}
}

// everyFinding has every verdict, in four regions.
func everyFinding() []reconcile.Region {
	in := func(name, at string, n int) order.Order { return wish(at, region(name), quantity(n)) }
	return []reconcile.Region{
		{Name: "cn-east-1", Err: errors.New("no answer"), Findings: []reconcile.Finding{found(reconcile.Unlisted, in("cn-east-1", "order.unlisted", 1), 0)}},
		{
			Name: "cn-east-2", Findings: []reconcile.Finding{
				named(found(reconcile.Duplicate, in("cn-east-2", "order.named-twice", 1), 2)),
				found(reconcile.Duplicate, in("cn-east-2", "order.twice", 1), 2),
			},
			Strangers: []reconcile.Stranger{
				unaccounted(in("cn-east-2", "order.hub", 1), 1, "bid-s1"), unaccounted(order.Order{}, 0, ""),
			},
		},
		{Name: "cn-north-1", Findings: []reconcile.Finding{
			found(reconcile.Adopted, in("cn-north-1", `order.branch["beijing-chaoyang-east-gate"]`, 3), 3),
			found(reconcile.Adopted, in("cn-north-1", "order.gw", 1), 1),
		}},
		{
			Name: "cn-south-1", Foreign: []reconcile.Instance{{BID: "bid-f1"}, {BID: "bid-\x1b[31mf2"}},
			Findings: []reconcile.Finding{
				found(reconcile.Missing, in("cn-south-1", "order.missing", 1), 0),
				suggested(found(reconcile.Missing, in("cn-south-1", `order.like["it's"]`, 1), 0)),
				suggested(named(found(reconcile.Missing, in("cn-south-1", "order.named", 1), 0))),
				found(reconcile.NoMarker, in("cn-south-1", "order.no-marker", 1), 0),
				found(reconcile.Partial, in("cn-south-1", "order.partial", 2), 1),
			},
		},
	}
}

func TestReconciledText(t *testing.T) {
	for _, width := range []int{0, 80, 200} {
		out, _ := shown(width, false, func(v ui.View) { v.Reconciled(everyFinding()) })
		golden(t, fmt.Sprintf("reconciled-%d.txt", width), out)
		checkWidth(t, out, width)
	}
}

func TestReconciledJSON(t *testing.T) {
	golden(t, "reconciled.json", events(t, func(v ui.View) { v.Reconciled(everyFinding()) }))
}

func TestReconciledCounts(t *testing.T) {
	gw := wish("order.gw")
	for _, c := range []struct {
		findings []reconcile.Finding
		want     string
	}{
		{nil, "Reconcile complete: nothing is in doubt."},
		{[]reconcile.Finding{found(reconcile.Adopted, gw, 2)}, "Reconcile complete: 1 order adopted (2 instances), 0 held."},
		{[]reconcile.Finding{found(reconcile.Missing, gw, 0)}, "Reconcile complete: 0 orders adopted, 1 held."},
		{[]reconcile.Finding{found(reconcile.Duplicate, gw, 3)}, "Reconcile incomplete: 0 orders adopted, 1 held, 1 duplicate among them."},
	} {
		out, _ := shown(0, false, func(v ui.View) {
			v.Reconciled([]reconcile.Region{{Name: "cn-north-1", Findings: c.findings}})
		})
		if !strings.HasSuffix(out, c.want+"\n") {
			t.Errorf("want %q at the end of:\n%s", c.want, out)
		}
	}
}

// However many orders are adopted or held, a screen has room for what is said of them; duplicates are all named.
func TestLongReconcilesAreShortened(t *testing.T) {
	for verdict, all := range map[reconcile.Verdict]bool{reconcile.Adopted: false, reconcile.Missing: false, reconcile.Duplicate: true} {
		var findings []reconcile.Finding
		for _, o := range branches(50) {
			findings = append(findings, found(verdict, o, 3))
		}
		out, _ := shown(80, false, func(v ui.View) { v.Reconciled([]reconcile.Region{{Name: "cn-north-1", Findings: findings}}) })
		if shortened := strings.Contains(out, "and 30 orders more"); shortened == all || strings.Contains(out, "order.branch[49]") != all {
			t.Errorf("%s: all are to be listed: %t:\n%s", verdict, all, out)
		}
	}
}
