package order_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func good() order.Order {
	return order.Order{
		Address: order.Address{Name: "gw"},
		Region:  "cn-north-1", AZ: "cn-north-1a", VPCID: "vpc-a1b2", SubnetID: "subnet-c3d4", Spec: "bastion-50",
		Quantity: 1, IPVersion: order.IPv4, Desc: "gateway",
		Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
	}
}

// Every field that is asked for is in the digest, also one that is added one day.
func TestDigestCoversEveryField(t *testing.T) {
	before := good().Digest()
	var walk func(path string, root *order.Order, v reflect.Value)
	walk = func(path string, root *order.Order, v reflect.Value) {
		for i := range v.NumField() {
			name, f := path+v.Type().Field(i).Name, v.Field(i)
			old := reflect.New(f.Type()).Elem()
			old.Set(f)
			switch f.Kind() {
			case reflect.Struct:
				if name != "Address" {
					walk(name+".", root, f)
				}
				continue
			case reflect.Uint16: // Sensitive, of which TestSensitiveIsNoPartOfTheDigest says more
				continue
			case reflect.String:
				f.SetString(f.String() + "x")
			case reflect.Int:
				f.SetInt(f.Int() + 1)
			case reflect.Bool:
				f.SetBool(!f.Bool())
			default:
				t.Fatalf("%s: teach this test about %s", name, f.Kind())
			}
			if root.Digest() == before {
				t.Errorf("%s is not in the digest", name)
			}
			f.Set(old)
		}
	}
	o := good()
	walk("", &o, reflect.ValueOf(&o).Elem())
	if o.Digest() != before {
		t.Error("the digest of the same order changed")
	}
	o.Address.Name = "other"
	if o.Digest() != before {
		t.Error("the address is in the digest")
	}
}

// Digests are written to disk: this one must never change under the same prefix.
func TestDigestIsStable(t *testing.T) {
	const want = "c627f63ff09e7f985fed2994a2195316fb454f1532df3123196b2c1482fe59f0"
	if got := good().Digest().String(); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	var back order.Digest
	if err := back.UnmarshalText([]byte(want)); err != nil || back != good().Digest() {
		t.Errorf("read back as %s: %v", back, err)
	}
	if back.UnmarshalText([]byte("abc")) == nil || back.UnmarshalText([]byte(strings.Repeat("z", 64))) == nil {
		t.Error("a malformed digest was read")
	}
}

func TestProblems(t *testing.T) {
	type found struct {
		Field   order.Field
		Warning bool
		Summary string
	}
	scenario, err := order.EncodeScenario(order.Scenario{Activity: order.Activity{Type: "promo", Identifier: "x&y"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(o *order.Order)
		want   []found
	}{
		"good":                {func(*order.Order) {}, nil},
		"no charge":           {func(o *order.Order) { o.Charge = order.Charge{} }, nil},
		"both IP versions":    {func(o *order.Order) { o.IPVersion = order.IPv4v6 }, nil},
		"9 months":            {func(o *order.Order) { o.Charge.Unit, o.Charge.Duration = "MONTH", 9 }, nil},
		"3 years":             {func(o *order.Order) { o.Charge.Duration = 3 }, nil},
		"scenario":            {func(o *order.Order) { o.Charge.BuyScenario = scenario }, nil},
		"postpaid, no term":   {func(o *order.Order) { o.Charge = order.Charge{Mode: "CONFIG"} }, []found{{"charge.mode", true, "Postpaid may not be sold"}}},
		"no mode, no term":    {func(o *order.Order) { o.Charge = order.Charge{AutoPay: true} }, []found{{"charge.unit", false, "Missing required attribute"}, {"charge.duration", false, "Missing required attribute"}}},
		"10 months":           {func(o *order.Order) { o.Charge.Unit, o.Charge.Duration = "MONTH", 10 }, []found{{"charge.duration", false, "Duration out of range"}}},
		"12 months":           {func(o *order.Order) { o.Charge.Unit, o.Charge.Duration = "MONTH", 12 }, []found{{"charge.duration", false, "Duration out of range"}}},
		"4 years":             {func(o *order.Order) { o.Charge.Duration = 4 }, []found{{"charge.duration", false, "Duration out of range"}}},
		"negative, postpaid":  {func(o *order.Order) { o.Charge = order.Charge{Mode: "CONFIG", Duration: -1} }, []found{{"charge.mode", true, "Postpaid may not be sold"}, {"charge.duration", false, "Duration out of range"}}},
		"mode in small":       {func(o *order.Order) { o.Charge.Mode = "monthly" }, []found{{"charge.mode", false, "Unknown charge mode"}}},
		"unit":                {func(o *order.Order) { o.Charge.Unit = "DAY" }, []found{{"charge.unit", false, "Unknown charge unit"}}},
		"quantity 0":          {func(o *order.Order) { o.Quantity = 0 }, []found{{"quantity", false, "Quantity out of range"}}},
		"quantity of a slip":  {func(o *order.Order) { o.Quantity = 100000 }, []found{{"quantity", false, "Quantity out of range"}}},
		"IP version":          {func(o *order.Order) { o.IPVersion = "v6" }, []found{{"ip_version", false, "Unknown IP version"}}},
		"space":               {func(o *order.Order) { o.VPCID = " vpc-1" }, []found{{"vpc_id", false, "Malformed value"}}},
		"escape sequence":     {func(o *order.Order) { o.Desc = "a\x1b[31m" }, []found{{"desc", false, "Malformed value"}}},
		"two lines":           {func(o *order.Order) { o.Desc = "a\nb" }, []found{{"desc", false, "Malformed value"}}},
		"long description":    {func(o *order.Order) { o.Desc = strings.Repeat("a", 120) }, []found{{"desc", true, "Long description"}}},
		"too long":            {func(o *order.Order) { o.Desc = strings.Repeat("a", 2000) }, []found{{"desc", false, "Malformed value"}}},
		"marker in the desc":  {func(o *order.Order) { o.Desc = string(order.NewMarker("f", "l", o.Address, 1)) }, []found{{"desc", false, "Reserved description"}}},
		"scenario, no base64": {func(o *order.Order) { o.Charge.BuyScenario = "{}" }, []found{{"charge.buy_scenario", false, "Malformed buy_scenario"}}},
		"scenario, empty":     {func(o *order.Order) { o.Charge.BuyScenario = "e30=" }, []found{{"charge.buy_scenario", false, "Malformed buy_scenario"}}},
		"nothing set": {func(o *order.Order) { *o = order.Order{} }, []found{
			{"region", false, "Missing required attribute"}, {"az", false, "Missing required attribute"},
			{"vpc_id", false, "Missing required attribute"}, {"subnet_id", false, "Missing required attribute"},
			{"spec", false, "Missing required attribute"}, {"quantity", false, "Quantity out of range"},
			{"ip_version", false, "Missing required attribute"},
		}},
	} {
		o := good()
		test.change(&o)
		var got []found
		for _, p := range o.Problems() {
			got = append(got, found{p.Field, p.Warning, p.Summary})
			if !strings.HasSuffix(p.Detail, ".") {
				t.Errorf("%s: %q is not a sentence", name, p.Detail)
			}
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestProblemsSayWhatToWrite(t *testing.T) {
	o := good()
	o.Charge.Unit, o.Charge.Duration, o.Charge.Mode = "MONTH", 24, "monthly"
	var details []string
	for _, p := range o.Problems() {
		details = append(details, p.Detail)
	}
	want := []string{
		`charge.mode is "monthly"; it may be "MONTHLY" or "CONFIG".`,
		`24 months can't be bought: write unit = "YEAR", duration = 2.`,
	}
	if d := cmp.Diff(want, details); d != "" {
		t.Error(d)
	}
}

func TestScenarios(t *testing.T) {
	s := order.Scenario{Activity: order.Activity{Type: "promo<1>", Identifier: "2026&11"}}
	encoded, err := order.EncodeScenario(s)
	if err != nil {
		t.Fatal(err)
	}
	// {"activity":{"activityType":"promo<1>","activityIdentifier":"2026&11"}}
	const want = "eyJhY3Rpdml0eSI6eyJhY3Rpdml0eVR5cGUiOiJwcm9tbzwxPiIsImFjdGl2aXR5SWRlbnRpZmllciI6IjIwMjYmMTEifX0="
	if encoded != want {
		t.Errorf("encoded as %s", encoded)
	}
	if back, err := order.DecodeScenario(encoded); err != nil || back != s {
		t.Errorf("decoded as %+v: %v", back, err)
	}
	for _, bad := range []order.Scenario{{}, {Activity: order.Activity{Type: "a"}}, {Activity: order.Activity{Type: "a", Identifier: strings.Repeat("b", 5000)}}} {
		if _, err := order.EncodeScenario(bad); err == nil {
			t.Errorf("%.40v… was encoded", bad)
		}
	}
	for _, bad := range []string{"", "e30=", "bm90IGpzb24=", strings.Repeat("A", 8000)} {
		if _, err := order.DecodeScenario(bad); err == nil {
			t.Errorf("%.40q was decoded", bad)
		}
	}
}

func TestTolerances(t *testing.T) {
	for _, test := range []struct {
		text string
		of   map[int]int
	}{
		{"10%", map[int]int{1: 1, 10: 1, 19: 1, 20: 2, 1000: 100}},
		{"0%", map[int]int{1000: 0}},
		{"100%", map[int]int{7: 7}},
		{"2.5%", map[int]int{1000: 25}},
		{"0", map[int]int{1000: 0}},
		{"3", map[int]int{1: 3, 1000: 3}},
	} {
		tolerance, err := order.ParseTolerance(test.text)
		if err != nil || tolerance.String() != test.text {
			t.Errorf("%s was read as %s: %v", test.text, tolerance, err)
		}
		for n, want := range test.of {
			if got := tolerance.Of(n); got != want {
				t.Errorf("%s of %d orders is %d, want %d", test.text, n, got, want)
			}
		}
	}
	for text, want := range map[string][3]int{"10%": {0, 1, 2}, "100%": {1, 19, 20}, "0%": {0, 0, 0}, "3": {3, 3, 3}} {
		tolerance, err := order.ParseTolerance(text)
		if got := [3]int{tolerance.Strict(1), tolerance.Strict(19), tolerance.Strict(20)}; err != nil || got != want {
			t.Errorf("%s of 1, 19 and 20 orders is strictly %v, want %v", text, got, want)
		}
	}
	for _, bad := range []string{"", "%", "-1", "-1%", "101%", "NaN%", "1.5", "many"} {
		if got, err := order.ParseTolerance(bad); err == nil {
			t.Errorf("%q was read as %s", bad, got)
		}
	}
}

func TestRegionsComeInTheirOrder(t *testing.T) {
	regions := []string{"cn-south-1", "cn-north-1", "cn-east-2", "cn-east-1"}
	r := order.Rollout{RegionOrder: []string{"cn-north-1", "cn-west-1", "cn-east-2"}}
	slices.SortFunc(regions, r.CompareRegions)
	if want := []string{"cn-north-1", "cn-east-2", "cn-east-1", "cn-south-1"}; !slices.Equal(regions, want) {
		t.Errorf("%v, want %v", regions, want)
	}
}
