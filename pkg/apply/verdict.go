package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// conclude bakes a wave whose orders have ended, and judges it. One that is bad already is not baked: who has to look
// at it ought to know now. The run that goes on with it bakes what was bought of it.
func (e *engine) conclude(w *wave) (WaveEnd, string) {
	tolls := e.tolls(w)
	if e.draining.Err() != nil && slices.ContainsFunc(tolls, func(t *toll) bool { return t.skipped > 0 }) {
		return WaveCutShort, e.whyDraining()
	}
	if reason := verdict(tolls); reason != "" {
		return WaveBad, reason
	}
	if !e.bakes(w) {
		return WaveGood, ""
	}
	unwell, err := e.bake(w)
	if err != nil {
		return WaveCutShort, "its bake was ended early: " + e.whyDraining()
	}
	for _, t := range tolls {
		t.unwell = unwell[t.region]
	}
	if reason := verdict(tolls); reason != "" {
		return WaveBad, reason
	}
	return WaveGood, ""
}

// A toll is what a wave came to in a region, in orders.
type toll struct {
	region    string
	tolerance order.Tolerance
	stopped   string // why the region stopped; else empty
	gate      bool   // another wave may follow; false for a run without waves

	orders                           int // of the wave, those included that earlier runs of the campaign called for
	failed, inDoubt, skipped, unwell int // unwell: bought, but not all of its instances came up and stayed so
}

// tolls counts what became of the wave's orders, by region.
func (e *engine) tolls(w *wave) []*toll {
	var tolls []*toll
	for _, p := range w.parts {
		t := newToll(w, p.name, p.limits)
		t.stopped, t.orders = p.stopped, len(p.orders)
		for _, i := range p.orders {
			t.count(e.entries[i].End)
		}
		tolls = append(tolls, t)
	}
	for _, o := range w.earlier {
		n := slices.IndexFunc(tolls, func(t *toll) bool { return t.region == o.Region })
		if n < 0 {
			n = len(tolls)
			tolls = append(tolls, newToll(w, o.Region, e.Rollout.In(o.Region)))
		}
		tolls[n].orders++
		if o.InDoubt {
			tolls[n].inDoubt++
		}
	}
	return tolls
}

func newToll(w *wave, region string, limits order.RegionLimits) *toll {
	return &toll{region: region, tolerance: limits.FailureTolerance, gate: w.Name != ""}
}

func (t *toll) count(end End) {
	switch end {
	case EndFailed:
		t.failed++
	case EndInDoubt:
		t.inDoubt++
	case EndSkipped:
		t.skipped++
	case EndBought:
	}
}

// verdict says why the wave did not end well, or nothing. What it may have failed is the regions' tolerance without the one
// order that a percentage of few orders tolerates: a canary of one order that fails is no success.
func verdict(tolls []*toll) string {
	var bad []string
	for _, t := range tolls {
		if reason := t.verdict(); reason != "" {
			bad = append(bad, t.region+": "+reason)
		}
	}
	const most = 3
	if n := len(bad) - most; n > 0 {
		bad = append(bad[:most], fmt.Sprintf("and %d more of its regions", n))
	}
	return strings.Join(bad, "; ")
}

func (t *toll) verdict() string {
	allowed := t.tolerance.Strict(t.orders)
	switch {
	case t.stopped != "":
		return t.stopped
	case t.skipped > 0:
		return fmt.Sprintf("%d of %s not tried", t.skipped, counted(t.orders))
	case !t.gate || t.failed+t.inDoubt+t.unwell <= allowed:
		return ""
	}
	return fmt.Sprintf("%s of %s; a wave ends well with at most %d (failure_tolerance = %q)",
		t.troubles(), counted(t.orders), allowed, t.tolerance)
}

func (t *toll) troubles() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{t.failed, "failed"}, {t.inDoubt, "in doubt"}, {t.unwell, "not up"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// counted is a number of orders in words.
func counted(n int) string {
	if n == 1 {
		return "1 order"
	}
	return fmt.Sprintf("%d orders", n)
}
