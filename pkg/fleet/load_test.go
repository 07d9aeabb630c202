package fleet_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// TestFleets compares what each fleet in testdata/fleets asks for with its golden file.
func TestFleets(t *testing.T) {
	dirs, err := filepath.Glob("testdata/fleets/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			f := mustLoad(t, dir, fleet.Options{Version: "0.1.0"})
			text, err := json.MarshalIndent(struct {
				Name    string
				Rollout order.Rollout
				Orders  []order.Order

				Lifecycles map[string]order.Lifecycle `json:",omitempty"`
			}{f.Name, f.Rollout, f.Orders, f.Lifecycles}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "orders.golden.json"), string(text)+"\n")
		})
	}
}

// TestExamples holds that every example loads without a warning, and stays as large as its comments say.
func TestExamples(t *testing.T) {
	want := map[string]int{"quickstart": 3, "four-regions": 11, "branches-csv": 300, "everything": 8, "waves": 40}
	for name, orders := range want {
		t.Run(name, func(t *testing.T) {
			f := mustLoad(t, filepath.Join("../../examples/fleets", name), fleet.Options{})
			if len(f.Orders) != orders {
				t.Errorf("%d orders, want %d", len(f.Orders), orders)
			}
		})
	}
}

// mustLoad loads a fleet that has neither mistakes nor warnings.
func mustLoad(t *testing.T, path string, o fleet.Options) fleet.Fleet {
	t.Helper()
	f, diags := fleet.Load(path, o)
	if len(diags) > 0 {
		t.Fatal(rendered(diags))
	}
	if !slices.IsSortedFunc(f.Orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) }) {
		t.Error("orders are not sorted")
	}
	return f
}

const minimal = `
fleet "f" {}
defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
`

// writeFleet writes files into a new directory: names and texts alternate.
func writeFleet(tb testing.TB, namesAndTexts ...string) string {
	tb.Helper()
	dir := tb.TempDir()
	for pair := range slices.Chunk(namesAndTexts, 2) {
		writeFile(tb, filepath.Join(dir, pair[0]), pair[1])
	}
	return dir
}

func TestVariablePrecedence(t *testing.T) {
	dir := writeFleet(t,
		"a.fleet.hcl", minimal+`
			variable "v" {
				type    = string
				default = "default"
			}
			order "gw" { desc = var.v }`,
		"given.hcl", `v = "given file"`)
	environ := []string{"HOME=/", "BASTION_FLEET_VAR_v=environ", "BASTION_FLEET_VAR_other=x"}
	text, file := fleet.Var{Name: "v", Value: "command line"}, fleet.Var{File: filepath.Join(dir, "given.hcl")}
	// Each step adds a stronger source to those before.
	steps := []struct {
		file    string
		options fleet.Options
		want    string
	}{
		{"", fleet.Options{}, "default"},
		{"", fleet.Options{Environ: environ}, "environ"},
		{"fleet.vars.hcl", fleet.Options{Environ: environ}, "fleet.vars.hcl"},
		{"a.auto.vars.hcl", fleet.Options{Environ: environ}, "a.auto.vars.hcl"},
		{"b.auto.vars.hcl", fleet.Options{Environ: environ}, "b.auto.vars.hcl"},
		{"", fleet.Options{Environ: environ, Vars: []fleet.Var{text, file}}, "given file"},
		{"", fleet.Options{Environ: environ, Vars: []fleet.Var{file, text}}, "command line"},
	}
	for _, step := range steps {
		if step.file != "" {
			writeFile(t, filepath.Join(dir, step.file), `v = "`+step.file+`"`)
		}
		f := mustLoad(t, dir, step.options)
		if got := f.Orders[0].Desc; got != step.want {
			t.Errorf("v is %q, want %q", got, step.want)
		}
	}
}

func TestGivenVariables(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "names" { type = list(string) }
		variable "n" { type = number }
		variable "plain" {}
		order "gw" {
			for_each = toset(var.names)
			quantity = var.n
			desc     = var.plain
		}`)
	f := mustLoad(t, dir, fleet.Options{
		Environ: []string{"BASTION_FLEET_VAR_n=3", `BASTION_FLEET_VAR_plain=["as it is"]`},
		Vars:    []fleet.Var{{Name: "names", Value: `["a", "b"]`}},
	})
	want := []string{`order.gw["a"] 3 ["as it is"]`, `order.gw["b"] 3 ["as it is"]`}
	var got []string
	for _, o := range f.Orders {
		got = append(got, o.Address.String()+" "+string(rune('0'+o.Quantity))+" "+o.Desc)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMistakesWithoutALine holds the diagnostics that no fleet in testdata can show.
func TestMistakesWithoutALine(t *testing.T) {
	order := "order \"gw\" {}\n"
	tests := map[string]struct {
		path    func(t *testing.T) string
		options fleet.Options
		want    string // in the rendered diagnostics
	}{
		"nothing there":      {dir(), fleet.Options{}, "no files whose names end in .fleet.hcl or .fleet.json"},
		"only other files":   {dir("main.hcl", "", ".hidden.fleet.hcl", ""), fleet.Options{}, "No fleet files"},
		"not a fleet file":   {file("main.tf", "main.tf", ""), fleet.Options{}, "their names end in .fleet.hcl"},
		"missing":            {file("nowhere"), fleet.Options{}, "There is nothing at "},
		"directory as file":  {sub("x.fleet.hcl"), fleet.Options{}, "it is not a regular file"},
		"file too large":     {dir("a.fleet.hcl", strings.Repeat("# large\n", fleet.MaxFileSize/8+1)), fleet.Options{}, "it is larger than 16 MiB"},
		"nested json":        {dir("a.fleet.json", strings.Repeat("[", 10_000)), fleet.Options{}, "Nested too deeply"},
		"nested in string":   {dir("a.fleet.json", `{"locals": {"a": "${`+strings.Repeat("(", 10_000)+`"}}`), fleet.Options{}, "Nested too deeply"},
		"nested escaped":     {dir("a.fleet.json", `{"locals": {"a": "\u0024{`+strings.Repeat(`\u0028`, 10_000)+`"}}`), fleet.Options{}, "Nested too deeply"},
		"nested type":        {dir("a.fleet.json", `{"variable": {"a": {"type": "`+strings.Repeat("list(", 10_000)+`"}}}`), fleet.Options{}, "Nested too deeply"},
		"nested data":        {dir("a.fleet.hcl", minimal+`locals { a = jsondecode(file("a.json")) }`+"\n"+order, "a.json", strings.Repeat("[", 1<<20)), fleet.Options{}, "it nests too deeply"},
		"nested template":    {dir("a.fleet.hcl", minimal+`locals { a = templatefile("a.tmpl", {}) }`+"\n"+order, "a.tmpl", strings.Repeat("%{if true}", 10_000)), fleet.Options{}, "nests too deeply"},
		"nested value":       {dir("a.fleet.hcl", minimal+`variable "a" { type = list(string) }`+"\n"+order), vars("a", strings.Repeat("(", 10_000)), "Nested too deeply"},
		"negations by line":  {dir("a.fleet.hcl", minimal+`variable "a" { type = list(string) }`+"\n"+order), vars("a", strings.Repeat("!\n", 10_000)), "Nested too deeply"},
		"json array":         {dir("a.fleet.json", `[{"fleet": {"f": {}}}, {"ordr": {}}]`), fleet.Options{}, `"ordr"`},
		"json of a number":   {dir("a.fleet.json", `1`), fleet.Options{}, "A fleet in JSON is one object"},
		"json unknown":       {dir("a.fleet.json", `{"fleet": {"f": {}}, "ordr": {}}`), fleet.Options{}, `Did you mean "order"?`},
		"empty file":         {dir("a.fleet.hcl", ""), fleet.Options{}, "Missing fleet block"},
		"not UTF-8":          {dir("a.fleet.hcl", minimal+order+"\n# caf\xe9"), fleet.Options{}, "Not a text file"},
		"a program":          {dir("a.fleet.hcl", "\x7fELF\x02\x01\x00\x00"), fleet.Options{}, "a.fleet.hcl is not UTF-8 text"},
		"a program as json":  {dir("a.fleet.json", "\x7fELF\x02\x01\x00\x00"), fleet.Options{}, "a.fleet.json is not UTF-8 text"},
		"template by itself": {dir("a.fleet.hcl", minimal+`locals { a = templatefile("a.tmpl", {}) }`+"\n"+order, "a.tmpl", `${templatefile("a.tmpl", {})}`), fleet.Options{}, "no function named"},
		"binary data":        {dir("a.fleet.hcl", minimal+`locals { a = file("a.bin") }`+"\n"+order, "a.bin", "\xff\xfe"), fleet.Options{}, "it is not UTF-8 text"},
		"undeclared --var":   {dir("a.fleet.hcl", minimal+`variable "env" { default = 1 }`+"\n"+order), vars("evn", "x"), `Did you mean "env"?`},
		"malformed --var":    {dir("a.fleet.hcl", minimal+`variable "a" { type = list(string) }`+"\n"+order), vars("a", `["x"`), "<--var a>:1"},
		"wrong --var":        {dir("a.fleet.hcl", minimal+`variable "a" { type = number }`+"\n"+order), vars("a", `many`), "<--var a>:1,1: error: Wrong type"},
		"missing --var-file": {dir("a.fleet.hcl", minimal+order), fleet.Options{Vars: []fleet.Var{{File: "nowhere.hcl"}}}, "nowhere.hcl can't be read: no such file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, diags := fleet.Load(tt.path(t), tt.options)
			if !diags.HasErrors() || f.Orders != nil {
				t.Errorf("%d orders without an error", len(f.Orders))
			}
			if got := rendered(diags); !strings.Contains(got, tt.want) {
				t.Errorf("want %q in:\n%s", tt.want, got)
			}
		})
	}
}

// TestMistakesComeInFileOrder holds the order of diagnostics, which everything that shows them relies on: by file and
// place, and those without a place last, however early they are found.
func TestMistakesComeInFileOrder(t *testing.T) {
	path := writeFleet(t,
		"b.fleet.hcl", minimal+"order \"gw\" {\n  spce = 1\n  zz = local.nothing\n}\n",
		"a.fleet.hcl", "locals {\n  two = local.one\n}\nordr {}\n",
	)
	_, diags := fleet.Load(path, vars("evn", "x"))
	var got []string
	for _, d := range diags {
		if d.Subject == nil {
			got = append(got, d.Summary)
		} else if at := fmt.Sprintf("%s:%02d", filepath.Base(d.Subject.Filename), d.Subject.Start.Line); !slices.Contains(got, at) {
			got = append(got, at)
		}
	}
	if !slices.IsSorted(got[:len(got)-1]) || len(got) < 4 || got[len(got)-1] != "Undeclared variable" {
		t.Errorf("the mistakes came in the order %v", got)
	}
}

func dir(namesAndTexts ...string) func(*testing.T) string {
	return func(t *testing.T) string { return writeFleet(t, namesAndTexts...) }
}

func file(name string, namesAndTexts ...string) func(*testing.T) string {
	return func(t *testing.T) string { return filepath.Join(writeFleet(t, namesAndTexts...), name) }
}

// sub is a directory with a directory in it.
func sub(name string) func(*testing.T) string {
	return func(t *testing.T) string {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
}

func vars(name, value string) fleet.Options {
	return fleet.Options{Vars: []fleet.Var{{Name: name, Value: value}}}
}

// TestFilesStayInside holds that no path and no link leads an expression out of the fleet's directory, and that
// nothing but regular files is opened: a pipe would block for ever.
func TestFilesStayInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.txt")
	writeFile(t, outside, "secret")
	for _, path := range []string{"link.txt", "dir/secret.txt", "../" + filepath.Base(filepath.Dir(outside)) + "/secret.txt", outside, "pipe"} {
		for _, function := range []string{`file("%s")`, `templatefile("%s", {})`} {
			call := strings.ReplaceAll(function, "%s", path)
			dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {\n  desc = "+call+"\n}\n")
			symlink(t, outside, filepath.Join(dir, "link.txt"))
			symlink(t, filepath.Dir(outside), filepath.Join(dir, "dir"))
			if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, diags := fleet.Load(dir, fleet.Options{})
			if !diags.HasErrors() {
				t.Errorf("%s was read", call)
			}
		}
	}
}

func TestLinksInside(t *testing.T) {
	dir := writeFleet(t, "real.txt", "hello", "a.fleet.hcl", minimal+`
		order "gw" {
			desc = "${file("link.txt")} ${fileexists("link.txt")} ${fileexists("nowhere")}"
		}`)
	symlink(t, "real.txt", filepath.Join(dir, "link.txt"))
	f := mustLoad(t, dir, fleet.Options{})
	if got := f.Orders[0].Desc; got != "hello true false" {
		t.Errorf("desc is %q", got)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// TestDeepestAllowed holds that what is just within the bounds is loaded.
func TestDeepestAllowed(t *testing.T) {
	tests := map[string]string{
		"parentheses": strings.Repeat("(", 240) + `"x"` + strings.Repeat(")", 240),
		"ternaries":   strings.Repeat(`true ? "x" : `, 4900) + `"y"`,
		"operators":   `1` + strings.Repeat(" + 0", 4900) + ` == 1 ? "x" : "y"`,
		"strings":     strings.Repeat(`"${`, 120) + `"x"` + strings.Repeat(`}"`, 120),
		"conditions":  `"` + strings.Repeat("%{if true}", 240) + "x" + strings.Repeat("%{endif}", 240) + `"`,
		"many lines":  "[\n" + strings.Repeat("-1 + 2 * 3,\n", 10_000) + `"x"][10000]`,
	}
	for name, expression := range tests {
		t.Run(name, func(t *testing.T) {
			f := mustLoad(t, writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {\n  desc = "+expression+"\n}\n"), fleet.Options{})
			if got := f.Orders[0].Desc; got != "x" {
				t.Errorf("desc is %q", got)
			}
		})
	}
}

// TestSingleFile holds that one file of a directory is a fleet by itself.
func TestSingleFile(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\n", "b.fleet.hcl", "broken {")
	f := mustLoad(t, filepath.Join(dir, "a.fleet.hcl"), fleet.Options{})
	if len(f.Orders) != 1 {
		t.Errorf("%d orders, want 1", len(f.Orders))
	}
}

// TestAllocationsOfAnOrder holds what an order from a CSV file costs while it is loaded, whatever else the language can
// do: what is allocated for each of a million orders is most of the time that they take.
func TestAllocationsOfAnOrder(t *testing.T) {
	allocations := func(orders int) float64 {
		dir := writeBranches(t, orders)
		return testing.AllocsPerRun(1, func() {
			if _, diags := fleet.Load(dir, fleet.Options{}); diags.HasErrors() {
				t.Fatal(diags)
			}
		})
	}
	const few, many, budget = 1000, 3000, 40
	if each := (allocations(many) - allocations(few)) / (many - few); each > budget {
		t.Errorf("an order takes %.1f allocations; it may take %d", each, budget)
	}
}
