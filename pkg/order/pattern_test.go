package order_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestAMatcherMatchesAsItsPatternsDo draws patterns of few letters, so that they overlap.
func TestAMatcherMatchesAsItsPatternsDo(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`order\.[ab]{1,2}`), rapid.StringMatching(`order\.[ab]\[[01]\]`), rapid.StringMatching(`order\.[ab]\["[ab]{1,2}"\]`),
		rapid.StringMatching(`order\.[ab]{0,2}(\["?[ab]?)?\*`), rapid.SampledFrom([]string{"*", "ord*", "order.*"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var patterns []order.Pattern
		for _, s := range rapid.SliceOfN(text, 0, 9).Draw(t, "patterns") {
			p, err := order.ParsePattern(s)
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, p)
		}
		m := order.NewMatcher(patterns)
		for _, name := range []string{"a", "b", "ab", "ba", "aba"} {
			for _, key := range []order.Key{order.NoKey, order.IndexKey(0), order.IndexKey(10), order.TextKey("a"), order.TextKey("ab")} {
				a := order.Address{Name: name, Key: key}
				want := slices.ContainsFunc(patterns, func(p order.Pattern) bool { return p.Match(a) })
				if m.Match(a) != want {
					t.Errorf("%v match %s: %t", patterns, a, !want)
				}
			}
		}
	})
}

func TestTheWaveNamesOrders(t *testing.T) {
	pattern, err := order.ParsePattern("order.a")
	if err != nil {
		t.Fatal(err)
	}
	a, b := order.Address{Name: "a"}, order.Address{Name: "b"}
	for _, c := range []struct {
		wave   order.Wave
		region string
		at     order.Address
		want   bool
	}{
		{order.Wave{MaxOrders: 1}, "r", b, true},
		{order.Wave{Regions: []string{"q", "r"}}, "r", b, true},
		{order.Wave{Regions: []string{"q"}}, "r", b, false},
		{order.Wave{Orders: []order.Pattern{pattern}}, "r", a, true},
		{order.Wave{Orders: []order.Pattern{pattern}}, "r", b, false},
		{order.Wave{Regions: []string{"q"}, Orders: []order.Pattern{pattern}}, "r", a, false},
	} {
		if got := c.wave.Naming()(c.region, c.at); got != c.want {
			t.Errorf("%+v names %s in %s: %t", c.wave, c.at, c.region, got)
		}
	}
}
