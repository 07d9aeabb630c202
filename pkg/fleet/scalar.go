package fleet

import (
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Settings of the whole fleet. Their readers leave what they read into as it is where a setting is not written or null, and
// where it is wrong, after reporting that.

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

// flag reads a setting that is true or false.
func (l *loader) flag(a *hcl.Attribute, into *bool) {
	if v, ok := l.scalar(a, cty.Bool, "true or false"); ok {
		*into = v.True()
	}
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

// maxRate bounds the calls a second in a region: more than any gateway lets through.
const maxRate = 10_000

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
		l.report(mistake(a.Expr.Range(), "Invalid tolerance", "%s: %v.", a.Name, err))
		return
	}
	*into = t
}

// percent reads a share above 0, to 100: a number, or a text that ends in %.
func (l *loader) percent(a *hcl.Attribute, into *float64) {
	v, ok := l.scalar(a, cty.String, "a percentage")
	if !ok {
		return
	}
	digits, signed := strings.CutSuffix(v.AsString(), "%")
	p, err := strconv.ParseFloat(digits, 64)
	if err != nil || !(p > 0 && p <= 100) {
		l.report(mistake(a.Expr.Range(), "Invalid percentage", "%s is a percentage above 0, to 100: 10, for instance, or %q.", a.Name, "10%"))
		return
	}
	if p < 1 && !signed {
		l.report(warning(a.Expr.Range(), "Tiny percentage", "%s = %s is less than one per cent. Write %q for a share of %s, or %q if this is meant.",
			a.Name, digits, order.Percent(100*p), digits, order.Percent(p)))
	}
	*into = p
}

// duration reads a time with its unit, from least to most.
func (l *loader) duration(a *hcl.Attribute, least, most time.Duration, into *time.Duration) {
	v, ok := l.scalar(a, cty.String, "a time such as \"10m\"")
	if !ok {
		return
	}
	d, err := time.ParseDuration(v.AsString())
	if err != nil || d < least || d > most {
		l.report(mistake(a.Expr.Range(), "Invalid time", "%s must be a time with its unit, from %q to %q: %q, for instance, or %q.",
			a.Name, order.Span(least), order.Span(most), "10m", "1h30m"))
		return
	}
	*into = d
}
