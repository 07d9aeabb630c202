package order_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func address() *rapid.Generator[order.Address] {
	return rapid.Custom(func(t *rapid.T) order.Address {
		a := order.Address{Name: rapid.StringMatching(`[a-z_][a-z0-9_-]{0,8}`).Draw(t, "name")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 1:
			a.Key = order.IndexKey(rapid.IntRange(0, 1000).Draw(t, "index"))
		case 2:
			a.Key = order.TextKey(rapid.String().Filter(func(s string) bool { return order.CheckKey(s) == nil }).Draw(t, "key"))
		}
		return a
	})
}

func TestAddressesReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := address().Draw(t, "address")
		back, err := order.ParseAddress(a.String())
		if err != nil || back != a {
			t.Fatalf("%s was read back as %s: %v", a, back, err)
		}
	})
}

func TestWhatIsNoAddress(t *testing.T) {
	for _, s := range []string{
		"", "gw", "order", "order.", "order.9", "order.gw[", "order.gw[]", "order.gw[-1]", "order.gw[01]", "order.gw[1",
		`order.gw["]`, `order.gw['a']`, `order.gw[""]`, "order.gw[\"a\nb\"]", `order.gw["a\u202eb"]`, "order.gw.x", "order.gw[0]x",
		"order." + strings.Repeat("a", 200), `order.gw["` + strings.Repeat("a", 300) + `"]`,
	} {
		if a, err := order.ParseAddress(s); err == nil {
			t.Errorf("%q was read as %s", s, a)
		}
	}
}

func TestAddressesSortByNameThenKey(t *testing.T) {
	want := []string{"order.a", "order.a[2]", "order.a[10]", `order.a["10"]`, `order.a["b"]`, "order.b"}
	var parsed []order.Address
	for _, s := range want {
		a, err := order.ParseAddress(s)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append([]order.Address{a}, parsed...)
	}
	slices.SortFunc(parsed, order.Address.Compare)
	for i, a := range parsed {
		if a.String() != want[i] {
			t.Errorf("place %d: %s, want %s", i, a, want[i])
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		pattern string
		yes, no []string
	}{
		{"order.gw", []string{"order.gw", "order.gw[3]", `order.gw["a"]`}, []string{"order.gw2", "order.g"}},
		{"order.gw[3]", []string{"order.gw[3]"}, []string{"order.gw", "order.gw[30]"}},
		{"order.g*", []string{"order.gw", "order.g", `order.gw["a"]`}, []string{"order.h"}},
		{`order.gw["bj*`, []string{`order.gw["bj"]`, `order.gw["bj-2"]`}, []string{"order.gw", `order.gw["sh"]`}},
		{"order.*", []string{"order.a", "order.b[1]"}, nil},
		{"order.gw[*", []string{"order.gw[3]", `order.gw["a"]`}, []string{"order.gw", "order.gw2[1]"}},
		{"order.gw1*", []string{"order.gw1", "order.gw12[0]"}, []string{"order.gw", "order.gw[1]", "order.g"}},
		{"ord*", []string{"order.a"}, nil},
		{"*", []string{"order.a"}, nil},
	} {
		p, err := order.ParsePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		for _, list := range []struct {
			addresses []string
			want      bool
		}{{test.yes, true}, {test.no, false}} {
			for _, s := range list.addresses {
				a, err := order.ParseAddress(s)
				if err != nil {
					t.Fatal(err)
				}
				if p.Match(a) != list.want {
					t.Errorf("%s matches %s: %t", test.pattern, s, !list.want)
				}
			}
		}
	}
	for _, s := range []string{"gw", "module.x*", "order.gw[", ""} {
		if _, err := order.ParsePattern(s); err == nil {
			t.Errorf("%q passes as a pattern", s)
		}
	}
}
