package fleet_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// byValue lets cmp compare addresses, whose keys show no fields.
var byValue = cmpopts.EquateComparable(order.Key{})

// loadText loads a fleet of these files, named a.fleet.hcl and so on.
func loadText(t *rapid.T, texts ...string) (fleet.Fleet, string) {
	files := map[string]string{}
	for i, text := range texts {
		files[string(rune('a'+i))+".fleet.hcl"] = text
	}
	return loadFiles(t, files)
}

// loadFiles loads a fleet of files, and returns its mistakes as one text.
func loadFiles(t *rapid.T, files map[string]string) (fleet.Fleet, string) {
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, diags := fleet.Load(dir, fleet.Options{})
	return f, strings.ReplaceAll(rendered(diags), dir, "")
}

// TestOrderOfBlocks holds that it doesn't matter in which order blocks stand, and in which file.
func TestOrderOfBlocks(t *testing.T) {
	blocks := []string{
		`fleet "f" {}`,
		`variable "spec" { default = "bastion-50" }`,
		`variable "n" { default = 3 }`,
		`locals { specs = [var.spec, local.other] }`,
		`locals { other = "${local.base}-100" }`,
		`locals { base = "bastion" }`,
		"defaults {\n az = \"cn-north-1a\"\n vpc_id = \"vpc-1\"\n subnet_id = \"subnet-1\"\n ip_version = \"v4\"\n spec = local.specs[0]\n}",
		"region \"cn-north-1\" {\n spec = local.specs[1]\n}",
		"region \"cn-east-2\" {\n az = \"cn-east-2a\"\n}",
		"order \"b\" {\n count = var.n\n region = \"cn-north-1\"\n}",
		"order \"a\" {\n for_each = toset(local.specs)\n region = \"cn-east-2\"\n spec = each.key\n}",
		"order \"c\" {\n region = \"cn-east-2\"\n}",
	}
	want := mustLoad(t, writeFleet(t, "a.fleet.hcl", strings.Join(blocks, "\n")), fleet.Options{})
	rapid.Check(t, func(t *rapid.T) {
		files := make([]string, rapid.IntRange(1, 4).Draw(t, "files"))
		for _, b := range rapid.Permutation(blocks).Draw(t, "blocks") {
			files[rapid.IntRange(0, len(files)-1).Draw(t, "file")] += b + "\n"
		}
		got, mistakes := loadText(t, files...)
		if mistakes != "" {
			t.Fatal(mistakes)
		}
		if diff := cmp.Diff(want.Orders, got.Orders, byValue); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// values are what the inheritance property writes for an attribute. null is as if the attribute were not written.
var values = map[string][]string{
	"az":                {`"cn-north-1a"`, `"cn-north-1b"`, "null"},
	"vpc_id":            {`"vpc-1"`, `"vpc-2"`, "null"},
	"subnet_id":         {`"subnet-1"`, `"subnet-2"`, "null"},
	"spec":              {`"bastion-50"`, `"bastion-100"`, "null"},
	"ip_version":        {`"v4"`, `"v4&v6"`, "null"},
	"quantity":          {"1", `"2"`, "null"},
	"desc":              {`"one"`, `""`, "null"},
	"charge.mode":       {`"MONTHLY"`, "null"},
	"charge.unit":       {`"MONTH"`, `"YEAR"`, "null"},
	"charge.duration":   {"1", "3", "null"},
	"charge.auto_renew": {"true", "false", "null"},
	"charge.auto_pay":   {"true", "false", "null"},
}

// A model is a naive inheritance: a map from attribute to value as written, each level assigned over the last.
type model map[string]string

func drawLevel(t *rapid.T, name string, all bool) model {
	m := model{}
	for _, attribute := range slices.Sorted(maps.Keys(values)) {
		choices := values[attribute]
		if all {
			m[attribute] = choices[0]
		} else if rapid.Bool().Draw(t, name+" sets "+attribute) {
			m[attribute] = rapid.SampledFrom(choices).Draw(t, name+" "+attribute)
		}
	}
	switch rapid.IntRange(0, 2).Draw(t, name+" voucher") {
	case 1:
		m["charge.buy_scenario"] = strconv.Quote(scenario(name, "coded"))
	case 2:
		m["charge.activity.type"], m["charge.activity.identifier"] = strconv.Quote(name), `"named"`
	}
	return m
}

func scenario(kind, identifier string) string {
	text := fmt.Sprintf(`{"activity":{"activityType":%q,"activityIdentifier":%q}}`, kind, identifier)
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// body writes the level as the inside of a block.
func (m model) body(t *rapid.T, name string) string {
	var top, charge, activity strings.Builder
	for _, attribute := range slices.Sorted(maps.Keys(m)) {
		into, name := &top, attribute
		if rest, ok := strings.CutPrefix(attribute, "charge.activity."); ok {
			into, name = &activity, rest
		} else if rest, ok := strings.CutPrefix(attribute, "charge."); ok {
			into, name = &charge, rest
		}
		fmt.Fprintf(into, "%s = %s\n", name, m[attribute])
	}
	if activity.Len() > 0 {
		charge.WriteString(drawForm(t, name, "activity", activity.String()))
	}
	return top.String() + drawForm(t, name, "charge", charge.String())
}

// drawForm writes a block as it is or as a dynamic one, beside another that makes none.
func drawForm(t *rapid.T, name, block, body string) string {
	if rapid.Bool().Draw(t, name+" has a dynamic "+block) {
		return fmt.Sprintf("dynamic %[1]q {\nfor_each = toset([\"x\"])\ncontent {\n%[2]s}\n}\n"+
			"dynamic %[1]q {\nfor_each = []\ncontent {\n%[2]s}\n}\n", block, body)
	}
	return fmt.Sprintf("%s {\n%s}\n", block, body)
}

// merge returns the levels merged, the last one strongest.
func merge(levels ...model) model {
	merged := model{}
	for _, level := range levels {
		if level["charge.buy_scenario"] != "" {
			delete(merged, "charge.activity.type")
			delete(merged, "charge.activity.identifier")
		}
		if level["charge.activity.type"] != "" {
			delete(merged, "charge.buy_scenario")
		}
		for attribute, value := range level {
			if value != "null" {
				merged[attribute] = value
			}
		}
	}
	return merged
}

func (m model) order() order.Order {
	number := func(attribute string) int {
		n, _ := strconv.Atoi(strings.Trim(m[attribute], `"`))
		return n
	}
	text := func(attribute string) string { return strings.Trim(m[attribute], `"`) }
	o := order.Order{
		Address: order.Address{Name: "gw"},
		Region:  "cn-north-1", AZ: text("az"), VPCID: text("vpc_id"), SubnetID: text("subnet_id"), Spec: text("spec"),
		Quantity: number("quantity"), IPVersion: text("ip_version"), Desc: text("desc"),
		Charge: order.Charge{
			Mode: text("charge.mode"), Unit: text("charge.unit"), Duration: number("charge.duration"),
			AutoRenew: m["charge.auto_renew"] == "true", AutoPay: m["charge.auto_pay"] == "true",
			BuyScenario: text("charge.buy_scenario"),
		},
	}
	if m["charge.activity.type"] != "" {
		o.Charge.BuyScenario = scenario(text("charge.activity.type"), text("charge.activity.identifier"))
	}
	return o
}

// TestInheritance holds that attributes are inherited as the naive model has them.
func TestInheritance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		defaults, region, own := drawLevel(t, "defaults", true), drawLevel(t, "region", false), drawLevel(t, "order", false)
		text := fmt.Sprintf("fleet \"f\" {}\ndefaults {\n%s}\nregion \"cn-north-1\" {\n%s}\norder \"gw\" {\nregion = \"cn-north-1\"\n%s}\n",
			defaults.body(t, "defaults"), region.body(t, "region"), own.body(t, "order"))
		f, mistakes := loadText(t, text)
		if mistakes != "" {
			t.Fatal(mistakes, text)
		}
		if diff := cmp.Diff([]order.Order{merge(defaults, region, own).order()}, f.Orders, byValue); diff != "" {
			t.Fatalf("-want +got:\n%s\n%s", diff, text)
		}
	})
}

// TestFormsOfExpressions holds that an expression means the same in parentheses, which have no fast way to be evaluated.
func TestFormsOfExpressions(t *testing.T) {
	elements := []string{
		`"text"`, `""`, "7", "true", "null", "[1]", `{ x = "a" }`, `{ x = 7, y = "b" }`, `{ x = null }`, `{ x = { y = "c" } }`,
		`{ y = "d" }`, "{ x = \"e\u0301\" }", "{ x = \"\u0301\" }", "tomap({ x = \"g\" })",
	}
	expressions := []string{
		`each.key`, `each.value`, `each.value.x`, `each.value["x"]`, `each.value.x.y`, `"${each.key}"`, `"${each.value.x}"`,
		`"a ${each.key} b ${each.value.x}"`, `"e${each.value.x}"`, `"${each.key}${each.value}"`, `"$${each.key}%%{"`,
	}
	attributes := []string{"desc", "quantity", "spec"}
	rapid.Check(t, func(t *rapid.T) {
		var each strings.Builder
		for i, e := range rapid.SliceOfN(rapid.SampledFrom(elements), 1, 5).Draw(t, "elements") {
			fmt.Fprintf(&each, "k%d = %s\n", i, e)
		}
		expression := rapid.SampledFrom(expressions).Draw(t, "expression")
		attribute := rapid.SampledFrom(attributes).Draw(t, "attribute")
		form := func(expression string) string {
			text := strings.ReplaceAll(minimal, `spec       = "bastion-50"`, "")
			if attribute != "spec" {
				text = minimal
			}
			return fmt.Sprintf("%s\norder \"gw\" {\nfor_each = {\n%s}\n%s = %s\n}\n", text, each.String(), attribute, expression)
		}
		plain, mistakes := loadText(t, form(expression))
		inParentheses, others := loadText(t, form("("+expression+")"))
		if diff := cmp.Diff(inParentheses.Orders, plain.Orders, byValue); diff != "" {
			t.Fatalf("-parentheses +plain:\n%s", diff)
		}
		if (mistakes == "") != (others == "") {
			t.Fatalf("plain: %s\nin parentheses: %s", mistakes, others)
		}
	})
}

func TestRequiredVersion(t *testing.T) {
	tests := []struct {
		required, version string
		ok                bool
	}{
		{">= 0.1", "0.1.0", true},
		{">= 0.1", "0.0.9", false},
		{"> 0.1", "0.1.0", false},
		{"> 0.1", "0.1.1", true},
		{"< 1", "0.9.9", true},
		{"< 1", "1.0.0", false},
		{"<= 1.2", "1.2.0", true},
		{"<= 1.2", "1.2.1", false},
		{"= 1.2.3", "1.2.3", true},
		{"1.2.3", "v1.2.3", true},
		{"1.2.3", "1.2.4", false},
		{"!= 1.2.3", "1.2.3", false},
		{"~> 1.2", "1.9.0", true},
		{"~> 1.2", "2.0.0", false},
		{"~> 1.2.3", "1.2.9", true},
		{"~> 1.2.3", "1.3.0", false},
		{"~> 1", "1.5.0", true},
		{">= 0.1, < 0.2", "0.1.7", true},
		{">= 0.1, < 0.2", "0.2.0", false},
		{">= 0.2", "0.2.0-dev+abc", true},
		{">= 9", "(devel)", true},
		{">= 9", "", true},
	}
	for _, tt := range tests {
		text := strings.Replace(minimal, `fleet "f" {}`, fmt.Sprintf("fleet \"f\" {\n  required_version = %q\n}", tt.required), 1)
		dir := writeFleet(t, "a.fleet.hcl", text+"order \"gw\" {}\n")
		_, diags := fleet.Load(dir, fleet.Options{Version: tt.version})
		if ok := !diags.HasErrors(); ok != tt.ok {
			t.Errorf("version %q against %q: %t, want %t", tt.version, tt.required, ok, tt.ok)
		}
	}
}

// TestFindingsAreDeterministic holds that the mistakes of many elements, found on several cores, come out the same.
func TestFindingsAreDeterministic(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		order "gw" {
			count    = 4000
			quantity = count.index % 7 == 3 ? 5000 : 1
			spec     = count.index % 5 == 1 ? null : count.index % 11 == 1 ? " x" : "s"
			desc     = count.index % 3000 == 2999 ? [] : "d"
		}`)
	_, first := fleet.Load(dir, fleet.Options{})
	want := rendered(first)
	for range 3 {
		_, again := fleet.Load(dir, fleet.Options{})
		if diff := cmp.Diff(want, rendered(again)); diff != "" {
			t.Fatalf("-first +again:\n%s", diff)
		}
	}
	if !strings.Contains(want, "order.gw[3], order.gw[10], order.gw[17] and 568 more orders") {
		t.Error(want)
	}
}
