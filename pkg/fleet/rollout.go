package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var (
	rolloutShape = shape{
		what: "the rollout block",
		attributes: []string{
			"parallelism", "parallelism_per_region", "rate_per_region", "region_order", "region_concurrency",
			"failure_tolerance", "run_failure_tolerance", "max_in_doubt", "on_in_doubt", "settle",
		},
		blocks: map[string][]string{"wave": {"name"}, "region": {"id"}},
		hints: map[string]string{
			"rate":    "Calls a second are limited by region: write rate_per_region, or rate in a region block.",
			"regions": `The sequence of regions is region_order; what is bought first is said by wave "name" { … }.`,
			"approve": `It belongs in a wave block: wave "name" { approve = true }.`,
			"bake":    `It belongs in a wave block: wave "name" { bake = "10m" }.`,
			"waves":   `Each wave is a block: wave "name" { … }.`,
			"canary":  `A canary is a wave: wave "canary" { max_orders = 1 }.`,

			"max_failures": "Write failure_tolerance, for each region, or run_failure_tolerance, for the whole run.",
		},
	}
	regionRolloutShape = shape{
		what:       "a region block of the rollout",
		attributes: []string{"parallelism", "rate", "failure_tolerance", "max_in_doubt"},
		hints: map[string]string{
			"parallelism_per_region": "The block is of one region: write parallelism.",
			"rate_per_region":        "The block is of one region: write rate.",
			"run_failure_tolerance":  "It is that of the whole run: write it in the rollout block.",

			"az": ofOrders, "vpc_id": ofOrders, "subnet_id": ofOrders, "spec": ofOrders, inCharge: ofOrders,
		},
	}
)

const ofOrders = `What orders in the region are like is said in a region block outside of the rollout.`

// A rolloutBlock is the rollout block; the zero value is that of a fleet without one.
type rolloutBlock struct {
	written bool
	attrs   hcl.Attributes
	regions []regionRollout // in the order of the files
	waves   []waveBlock     // in their sequence

	order []listed // of region_order, once it is evaluated
}

// A regionRollout is a region block of the rollout.
type regionRollout struct {
	region string
	label  hcl.Range
	attrs  hcl.Attributes
}

func (l *loader) decodeRollout(b *hcl.Block) rolloutBlock {
	content := l.content(b.Body, rolloutShape)
	r := rolloutBlock{written: true, attrs: content.Attributes}
	first := map[string]hcl.Range{} // region blocks
	for _, inner := range content.Blocks {
		switch inner.Type {
		case "wave":
			r.waves = append(r.waves, l.decodeWave(inner))
		case "region":
			if of, ok := l.decodeRegionRollout(inner, first); ok {
				r.regions = append(r.regions, of)
			}
		}
	}
	l.checkWaveNames(r.waves)
	return r
}

// decodeRegionRollout returns false after reporting that there can't be such a block. first is where those before it stand.
func (l *loader) decodeRegionRollout(b *hcl.Block, first map[string]hcl.Range) (regionRollout, bool) {
	of := regionRollout{region: b.Labels[0], label: b.LabelRanges[0], attrs: l.content(b.Body, regionRolloutShape).Attributes}
	if err := order.CheckRegion(of.region); err != nil {
		l.report(mistake(of.label, "Invalid region", "%s.", capitalized(err.Error())))
		return of, false
	}
	if earlier, exists := first[of.region]; exists {
		l.report(duplicate(b.DefRange, "Duplicate region block", quoted("a region block of the rollout for", of.region), earlier, "Merge the two"))
		return of, false
	}
	first[of.region] = b.DefRange
	if len(of.attrs) == 0 {
		l.report(warning(b.DefRange, "Empty region block", "The block changes no limit of %q. Write parallelism, rate, failure_tolerance or max_in_doubt, or remove it.", of.region))
	}
	return of, true
}

// attributes returns those of the block and of its region blocks; waves have their own.
func (r rolloutBlock) attributes() []*hcl.Attribute {
	all := slices.Collect(maps.Values(r.attrs))
	for _, of := range r.regions {
		all = slices.AppendSeq(all, maps.Values(of.attrs))
	}
	return all
}

// rollout returns how an apply goes about it: the defaults, and what the rollout block says.
func (l *loader) rollout(d *document) order.Rollout {
	r := order.DefaultRollout()
	if d.header != nil {
		marked := true
		l.flag(d.header.marker, &marked)
		r.NoMarker = !marked
	}
	attrs := d.rollout.attrs
	l.limit(attrs["parallelism"], 1, order.MaxParallelism, &r.Parallelism)
	l.limit(attrs["parallelism_per_region"], 0, order.MaxParallelism, &r.ParallelismPerRegion)
	l.limit(attrs["max_in_doubt"], 1, MaxOrders, &r.MaxInDoubt)
	l.rate(attrs["rate_per_region"], &r.RatePerRegion)
	l.tolerance(attrs["failure_tolerance"], &r.FailureTolerance)
	l.tolerance(attrs["run_failure_tolerance"], &r.RunFailureTolerance)
	l.onInDoubt(attrs["on_in_doubt"], attrs["settle"], &r)
	r.Sequential = l.sequential(attrs["region_concurrency"])
	d.rollout.order = l.regionList(attrs["region_order"], 0)
	r.RegionOrder = textsOf(d.rollout.order)
	r.Regions = l.regionRollouts(d.rollout.regions, r)
	for i := range d.rollout.waves {
		b := &d.rollout.waves[i]
		l.evaluateWave(d, b)
		r.Waves = append(r.Waves, b.wave)
	}
	return r
}

// What region_concurrency may be.
const (
	inParallel = "parallel"
	inSequence = "sequential"
)

func (l *loader) sequential(a *hcl.Attribute) bool {
	v, ok := l.scalar(a, cty.String, "a text")
	if !ok {
		return false
	}
	if text := v.AsString(); text != inParallel && text != inSequence {
		l.report(mistake(a.Expr.Range(), "Invalid region_concurrency", "region_concurrency is %q, for all regions of a wave at one time, or %q, for one after the other; it can't be %s.%s",
			inParallel, inSequence, described(v), didYouMean(text, []string{inParallel, inSequence})))
	}
	return v.AsString() == inSequence
}

// regionRollouts returns the limits of the regions that have their own. Those that a block leaves out are the ones of all.
func (l *loader) regionRollouts(blocks []regionRollout, all order.Rollout) []order.RegionRollout {
	var own []order.RegionRollout
	for _, of := range blocks {
		limits := all.Elsewhere()
		l.limit(of.attrs["parallelism"], 1, order.MaxParallelism, &limits.Parallelism)
		l.rate(of.attrs["rate"], &limits.Rate)
		l.tolerance(of.attrs["failure_tolerance"], &limits.FailureTolerance)
		l.limit(of.attrs["max_in_doubt"], 1, MaxOrders, &limits.MaxInDoubt)
		own = append(own, order.RegionRollout{Region: of.region, Limits: limits})
	}
	slices.SortFunc(own, func(a, b order.RegionRollout) int { return strings.Compare(a.Region, b.Region) })
	return own
}

// onInDoubt reads the policy and its settle, which go together.
func (l *loader) onInDoubt(policy, settle *hcl.Attribute, r *order.Rollout) {
	if v, ok := l.scalar(policy, cty.String, "a text"); ok {
		parsed, err := order.ParseDoubtPolicy(v.AsString())
		if err != nil {
			l.report(mistake(policy.Expr.Range(), "Invalid on_in_doubt", "%s.%s",
				capitalized(err.Error()), didYouMeanOneOf(v.AsString(), order.DoubtPolicies(), "choices")))
			return
		}
		r.OnInDoubt = parsed
	}
	switch {
	case r.OnInDoubt != order.RebuyAfterSettle && settle != nil:
		l.report(mistake(settle.NameRange, "settle without a rebuy",
			"settle is how long listings must show nothing before an order in doubt is bought again, which "+
				"on_in_doubt = %q never does. Leave settle out, or write on_in_doubt = %q; README.md says what that risks.",
			order.HoldDoubts, order.RebuyAfterSettle))
	case r.OnInDoubt == order.RebuyAfterSettle && r.NoMarker:
		l.report(mistake(policy.Expr.Range(), "Rebuy without markers",
			"With marker = false no listing can show what a lost answer bought, so on_in_doubt = %q would never buy again. "+
				"Leave it out, or turn markers on.", order.RebuyAfterSettle))
	case r.OnInDoubt == order.RebuyAfterSettle:
		r.Settle = order.DefaultSettle
		l.duration(settle, order.MinSettle, order.MaxSettle, &r.Settle)
	}
}
