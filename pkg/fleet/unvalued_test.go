package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestUnvaluedIsAsStrictAsItCanBe holds that a fleet whose variables all have values is checked as ever.
func TestUnvaluedIsAsStrictAsItCanBe(t *testing.T) {
	for _, pattern := range []string{"testdata/diagnostics/*", "testdata/fleets/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, ".golden") || !strings.Contains(textOf(t, path), "variable \"") {
				continue
			}
			_, want := fleet.Load(path, fleet.Options{Version: "0.1.0"})
			f, got := fleet.Load(path, fleet.Options{Version: "0.1.0", Unvalued: true})
			if len(f.Unvalued) > 0 {
				continue
			}
			if diff := cmp.Diff(rendered(want), rendered(got)); diff != "" {
				t.Errorf("%s (-with a need for values +without):\n%s", path, diff)
			}
		}
	}
}

// textOf is the text of a fleet, a file or a directory.
func textOf(t *testing.T, path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return allOf(t, filepath.Join(path, "*"))
	}
	return allOf(t, path)
}

// allOf returns the text of all files of a pattern.
func allOf(t *testing.T, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", pattern, err)
	}
	var all strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestUnvalued(t *testing.T) {
	const variables = `
variable "env" { type = string }
variable "n" { type = number }
variable "sites" { type = map(object({ region = string, zones = list(string) })) }
variable "sizes" { type = set(string) }
variable "what" {}
`
	for _, c := range []struct{ what, text, want string }{
		{"all that depends on them", `
locals {
  name  = "${var.env}-${var.what}"
  sites = { for k, s in var.sites : k => s if s.region != "" }
  zone  = var.sites["a"].zones[0]
  data  = jsondecode(var.env).sites
}
order "each" {
  for_each = local.sites
  region   = each.value.region
  desc     = local.name
}
order "set" { for_each = toset([var.env, "b"]) }
order "sizes" { for_each = var.sizes }
order "data" { for_each = local.data }
order "count" { count = var.n }
order "one" {
  desc     = "${var.env} ${local.zone}"
  quantity = var.n
  spec     = var.what
}
output "ids" { value = { for k, o in order.each : k => o.buy_id if k != var.env } }
output "key" { value = order.each["nobody knows"].buy_id }
check "n" {
  assert {
    condition     = var.n > 1
    error_message = "n"
  }
}
rollout {
  parallelism  = var.n
  region_order = [var.env, "cn-north-1"]
  wave "first" {
    regions = keys(var.sites)
    orders  = [order.each, "order.each[\"${var.env}\"]", var.what]
    percent = var.what
    bake    = var.env
  }
  wave "second" { max_orders = var.n }
}
region "cn-west-1" { az = var.env }`, ""},
		{"an attribute that a type lacks", `
locals { a = var.sites["a"].regoin }
order "gw" {}`, "Unsupported attribute"},
		{"a type that doesn't fit", `
order "gw" { desc = var.sites }`, "Wrong type"},
		{"a for_each of texts", `
order "gw" { for_each = var.sites["a"].zones }`, ""}, // that it is a list is told with a value
		{"a mistake beside them", `
order "gw" {
  desc       = var.env
  ip_version = "v5"
}`, "Unknown IP version"},
		{"a value of the wrong type", `
variable "wrong" { 
  type    = number
  default = "x"
}
order "gw" {}`, "Wrong type"},
	} {
		f, diags := fleet.Load(writeFleet(t, "a.fleet.hcl", minimal+variables+c.text), fleet.Options{Unvalued: true})
		got := ""
		for _, d := range diags {
			got += d.Summary
		}
		if got != c.want {
			t.Errorf("%s: want %q\n%s", c.what, c.want, rendered(diags))
		}
		if diff := cmp.Diff([]string{"env", "n", "sites", "sizes", "what"}, f.Unvalued); diff != "" || len(f.Orders) > 0 {
			t.Errorf("%s: %d orders\n%s", c.what, len(f.Orders), diff)
		}
	}
}

// TestTextInPlaceOfAFile holds that a text is the fleet's one file, in the directory that its path names.
func TestTextInPlaceOfAFile(t *testing.T) {
	dir := writeFleet(t, "sites.csv", "site\na\nb\n", "other.fleet.hcl", "no = fleet", "fleet.vars.hcl", `spec = "bastion-100"`)
	text := minimal + `
variable "spec" {}
order "gw" {
  for_each = toset([for row in csvdecode(file("sites.csv")) : row.site])
  spec     = var.spec
}`
	f := mustLoad(t, filepath.Join(dir, "<stdin>"), fleet.Options{Text: []byte(text)})
	if len(f.Orders) != 2 || f.Orders[0].Spec != "bastion-100" {
		t.Errorf("%+v", f.Orders)
	}
	f, diags := fleet.Load(filepath.Join(dir, "<stdin>.json"), fleet.Options{Text: []byte(`{"fleet": {"x": {"a": 1}}}`)})
	if !diags.HasErrors() || diags[0].Subject == nil || f.Files[diags[0].Subject.Filename] == nil {
		t.Errorf("%v", diags)
	}
	if _, err := os.Stat(filepath.Join(dir, "<stdin>")); err == nil {
		t.Error("the file was made")
	}
	if _, diags := fleet.Load(filepath.Join(dir, "<stdin>"), fleet.Options{Text: []byte{}}); !diags.HasErrors() {
		t.Error("no text is no fleet")
	}
}

// places are where each block may stand, with %s for what is in it.
var places = map[string]string{
	"":               "%s",
	"fleet":          `fleet "f" { %s }`,
	"variable":       `variable "v" { %s }`,
	"validation":     "variable \"v\" {\n validation { %s }\n}",
	"locals":         "locals { %s }",
	"defaults":       "defaults { %s }",
	"region":         `region "cn-north-1" { %s }`,
	"order":          `order "a" { %s }`,
	"charge":         "order \"a\" {\n charge { %s }\n}",
	"activity":       "order \"a\" {\n charge {\n activity { %s }\n }\n}",
	"dynamic":        "order \"a\" {\n dynamic \"charge\" {\n %s\n content {}\n }\n}",
	"content":        "order \"a\" {\n dynamic \"charge\" {\n for_each = [1]\n content { %s }\n }\n}",
	"precondition":   "order \"a\" {\n precondition {\n %s\n error_message = \"m\"\n }\n}",
	"lifecycle":      "order \"a\" {\n lifecycle { %s }\n}",
	"rollout":        "rollout { %s }",
	"wave":           "rollout {\n wave \"w\" { %s }\n}",
	"output":         `output "a" { %s }`,
	"check":          `check "a" { %s }`,
	"assert":         "check \"a\" {\n assert {\n %s\n error_message = \"m\"\n }\n}",
	"limits":         "limits { %s }",
	"prices":         `prices "CNY" { %s }`,
	"rollout region": "rollout {\n region \"r\" { %s }\n}",
	"prices region":  "prices \"CNY\" {\n region \"r\" { %s }\n}",
	"moved":          "moved { %s }",
	"removed":        "removed { %s }",
	"import":         "import { %s }",
	"spec":           "prices \"CNY\" {\n spec \"s\" { %s }\n}",
}

// TestUnvaluedAnywhere writes a variable without a value wherever an attribute may stand, and something made of it: nothing
// that looks at values may take it for one.
func TestUnvaluedAnywhere(t *testing.T) {
	types := []string{"string", "number", "bool", "list(string)", "set(string)", "map(string)", "object({ a = string })", "any"}
	dir := t.TempDir()
	path := filepath.Join(dir, "<stdin>")
	for block, shape := range fleet.BlockShapes() {
		place, ok := places[block]
		if !ok {
			t.Errorf("there is no place for the block %q", block)
		}
		for _, attribute := range shape.Attributes {
			for _, typ := range types {
				for _, value := range []string{"var.x", "{ a = var.x }", "toset([var.x])", `"${var.x}"`, "sensitive(var.x)"} {
					written := strings.Replace(place, "%s", attribute+" = "+value, 1)
					text := "variable \"x\" {\n type = " + typ + "\n}\norder \"gw\" {}\n" + written
					_, diags := fleet.Load(path, fleet.Options{Text: []byte(text), Unvalued: true})
					for _, d := range diags {
						if d.Subject == nil {
							t.Errorf("%s, %s = %s: %s: %s", block, attribute, value, d.Summary, d.Detail)
						}
					}
				}
			}
		}
	}
}
