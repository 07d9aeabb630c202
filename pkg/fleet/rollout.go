package fleet

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var rolloutShape = shape{
	what: "the rollout block",
	attributes: []string{
		"parallelism", "parallelism_per_region", "rate_per_region", "failure_tolerance", "max_in_doubt", "on_in_doubt", "settle",
	},
	later: []string{"region_order", "region_concurrency", "wave"},
}

// maxRate bounds the calls a second in a region: more than any gateway lets through.
const maxRate = 10_000

// rollout returns the limits that an apply keeps: the defaults, and what the rollout block says.
func (l *loader) rollout(d *document) order.Rollout {
	r := order.DefaultRollout()
	if d.header != nil && d.header.marker != nil {
		r.NoMarker = !l.markerFlag(d.header.marker)
	}
	attrs := d.rollout
	l.limit(attrs["parallelism"], 1, order.MaxParallelism, &r.Parallelism)
	l.limit(attrs["parallelism_per_region"], 0, order.MaxParallelism, &r.ParallelismPerRegion)
	l.limit(attrs["max_in_doubt"], 1, MaxOrders, &r.MaxInDoubt)
	l.rate(attrs["rate_per_region"], &r.RatePerRegion)
	l.tolerance(attrs["failure_tolerance"], &r.FailureTolerance)
	l.onInDoubt(attrs["on_in_doubt"], attrs["settle"], &r)
	return r
}

func (l *loader) markerFlag(a *hcl.Attribute) bool {
	v, ok := l.scalar(a, cty.Bool, "true or false")
	return !ok || v.True()
}

// scalar evaluates a setting of the whole fleet. It returns false where the setting is not written, null or wrong.
func (l *loader) scalar(a *hcl.Attribute, want cty.Type, name string) (cty.Value, bool) {
	if a == nil {
		return cty.NilVal, false
	}
	v, ok := l.evaluate(a, noRepetition)
	if l.refuseSensitive(v, a.Expr.Range(), a.Name) || !ok {
		return cty.NilVal, false
	}
	converted, err := convertScalar(v, want)
	if err != nil {
		l.report(mistake(a.Expr.Range(), "Wrong type", "%s must be %s, not %s.", a.Name, name, described(v)))
		return cty.NilVal, false
	}
	return converted, !converted.IsNull()
}

func (l *loader) limit(a *hcl.Attribute, least, most int, into *int) {
	v, ok := l.scalar(a, cty.Number, "a whole number")
	if !ok {
		return
	}
	n, whole := wholeNumber(v)
	if !whole || n < least || n > most {
		l.report(mistake(a.Expr.Range(), "Limit out of range", "%s must be a whole number from %d to %s.", a.Name, least, thousands(most)))
		return
	}
	*into = n
}

func (l *loader) rate(a *hcl.Attribute, into *float64) {
	v, ok := l.scalar(a, cty.Number, "a number")
	if !ok {
		return
	}
	rate, _ := v.AsBigFloat().Float64()
	if rate < 0 || rate > maxRate {
		l.report(mistake(a.Expr.Range(), "Limit out of range", "%s must be from 0, for no limit, to %s calls a second.", a.Name, thousands(maxRate)))
		return
	}
	*into = rate
}

func (l *loader) tolerance(a *hcl.Attribute, into *order.Tolerance) {
	v, ok := l.scalar(a, cty.String, "a percentage or a count")
	if !ok {
		return
	}
	t, err := order.ParseTolerance(v.AsString())
	if err != nil {
		l.report(mistake(a.Expr.Range(), "Invalid failure_tolerance", "%s.", capitalized(err.Error())))
		return
	}
	*into = t
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
		l.settle(settle, &r.Settle)
	}
}

func (l *loader) settle(a *hcl.Attribute, into *time.Duration) {
	v, ok := l.scalar(a, cty.String, "a time such as \"10m\"")
	if !ok {
		return
	}
	d, err := time.ParseDuration(v.AsString())
	if err != nil || d < order.MinSettle || d > order.MaxSettle {
		l.report(mistake(a.Expr.Range(), "Invalid settle", "settle must be a time with its unit, from %q to %q: %q, for instance, or %q.",
			"1m", "24h", "10m", "1h30m"))
		return
	}
	*into = d
}
