package order

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rollout holds the limits that an apply keeps, and the waves in which it buys. DefaultRollout gives the values of a
// fleet that names none.
type Rollout struct {
	Parallelism          int       // calls in flight, whole run; 1 to MaxParallelism
	ParallelismPerRegion int       // calls in flight in one region; 0: no limit but the run's
	RatePerRegion        float64   // calls a second in one region; 0: no limit
	FailureTolerance     Tolerance // failed orders a region may have in a wave before it stops
	RunFailureTolerance  Tolerance // failed orders a run may have before it stops
	MaxInDoubt           int       // orders a run may leave in doubt in a region before that stops
	NoMarker             bool      // desc goes out as written; lost answers can't be found again
	OnInDoubt            DoubtPolicy
	Settle               time.Duration // with RebuyAfterSettle: MinSettle to MaxSettle; else 0

	RegionOrder []string        // the regions that come first, in this sequence; all others follow by name
	Sequential  bool            // within a wave, one region after the other; else all of them at once
	Regions     []RegionRollout // limits of single regions, sorted by name, each region once
	Waves       []Wave          // in the sequence in which they are bought; none: everything at once
}

// CompareRegions is the sequence in which regions come: those of RegionOrder first, then all others by name.
func (r Rollout) CompareRegions(a, b string) int {
	place := func(region string) int {
		if i := slices.Index(r.RegionOrder, region); i >= 0 {
			return i
		}
		return len(r.RegionOrder)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
}

// RegionLimits are the limits of one region.
type RegionLimits struct {
	Parallelism      int       // calls in flight; 1 to MaxParallelism, which leaves the limit to the run's
	Rate             float64   // calls a second; 0: no limit
	FailureTolerance Tolerance // failed orders it may have in a wave before it stops
	MaxInDoubt       int       // orders a run may leave in doubt before it stops
}

// A RegionRollout is a region whose limits differ from those of the others.
type RegionRollout struct {
	Region string
	Limits RegionLimits
}

// Elsewhere returns the limits of the regions that are not among Regions, whatever the run's are.
func (r Rollout) Elsewhere() RegionLimits {
	return RegionLimits{
		Parallelism: cmp.Or(r.ParallelismPerRegion, MaxParallelism), Rate: r.RatePerRegion,
		FailureTolerance: r.FailureTolerance, MaxInDoubt: r.MaxInDoubt,
	}
}

// In returns the limits of a region, whose calls in flight are never more than the run's.
func (r Rollout) In(region string) RegionLimits {
	limits := r.Elsewhere()
	i, found := slices.BinarySearchFunc(r.Regions, region, func(r RegionRollout, name string) int {
		return strings.Compare(r.Region, name)
	})
	if found {
		limits = r.Regions[i].Limits
	}
	limits.Parallelism = min(limits.Parallelism, r.Parallelism)
	return limits
}

// Tolerating returns the rollout with another tolerance, also in the regions that have their own.
func (r Rollout) Tolerating(t Tolerance) Rollout {
	r.FailureTolerance = t
	r.Regions = slices.Clone(r.Regions)
	for i := range r.Regions {
		r.Regions[i].Limits.FailureTolerance = t
	}
	return r
}

// MaxParallelism bounds the calls in flight: each is a connection and an open intent.
const MaxParallelism = 1024

// DefaultRollout returns the limits of a fleet that names none.
func DefaultRollout() Rollout {
	return Rollout{
		Parallelism:         32,
		FailureTolerance:    Percent(10),
		RunFailureTolerance: Percent(100),
		MaxInDoubt:          5,
	}
}

// Tolerance is how many orders of a region, or of a run, may fail before it stops: a count or a percentage. The zero value
// tolerates none.
type Tolerance struct {
	count    int
	percent  float64
	relative bool
}

// Count is a tolerance of n orders.
func Count(n int) Tolerance { return Tolerance{count: n} }

// Percent is a tolerance of p per cent of the orders: rounded down, but at least one order unless p is 0.
func Percent(p float64) Tolerance { return Tolerance{percent: p, relative: true} }

// Of returns how many of n orders may fail.
func (t Tolerance) Of(n int) int {
	switch {
	case !t.relative:
		return t.count
	case t.percent == 0:
		return 0
	}
	return max(1, t.Strict(n))
}

// Strict returns how many of n orders may fail where a percentage of a few orders tolerates none: before the next wave of
// a rollout may begin.
func (t Tolerance) Strict(n int) int {
	if !t.relative {
		return t.count
	}
	return int(share(n, t.percent))
}

// ParseTolerance reads "10%" or "3".
func ParseTolerance(s string) (Tolerance, error) {
	if digits, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(p >= 0 && p <= 100) {
			return Tolerance{}, fmt.Errorf("%q is not a percentage from 0%% to 100%%", s)
		}
		return Percent(p), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return Tolerance{}, fmt.Errorf("%q is neither a count (3) nor a percentage (10%%)", s)
	}
	return Count(n), nil
}

// Everything tells whether all orders may fail, however many they are.
func (t Tolerance) Everything() bool { return t.relative && t.percent == 100 }

// Absolute returns how many orders may fail, or false if that depends on how many there are.
func (t Tolerance) Absolute() (int, bool) { return t.count, !t.relative }

// String is the tolerance as ParseTolerance reads it.
func (t Tolerance) String() string {
	if t.relative {
		return strconv.FormatFloat(t.percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(t.count)
}

// MarshalText lets a tolerance stand in JSON as its text.
func (t Tolerance) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Tolerance) UnmarshalText(text []byte) error {
	parsed, err := ParseTolerance(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
