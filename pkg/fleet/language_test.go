package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// example is a fence of docs/language.md that a fleet stands in, or with a file's name one of its files.
var example = regexp.MustCompile("(?ms)^<!-- example: ([\\w-]+)(?:/([\\w.-]+))?(, with defaults)? -->\n```\\w+\n(.*?)^```$")

// exampleDefaults is what *with defaults* stands for in docs/language.md.
const exampleDefaults = `
fleet "example" {}

defaults {
  region     = "cn-north-1"
  az         = "cn-north-1a"
  vpc_id     = "vpc-a1b2"
  subnet_id  = "subnet-c3d4"
  spec       = "bastion-50"
  ip_version = "v4"
}
`

// TestExamplesOfTheReference loads every fleet of docs/language.md: none has a mistake or a warning.
func TestExamplesOfTheReference(t *testing.T) {
	page := languagePage(t)
	root := t.TempDir()
	for _, found := range example.FindAllStringSubmatch(page, -1) {
		name, file, withDefaults, text := found[1], found[2], found[3] != "", found[4]
		if file == "" {
			file = "main.fleet.hcl"
		}
		put(t, filepath.Join(root, name, file), text)
		if withDefaults {
			put(t, filepath.Join(root, name, "defaults.fleet.hcl"), exampleDefaults)
		}
	}
	dirs, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(dir.Name(), func(t *testing.T) { mustLoad(t, filepath.Join(root, dir.Name()), fleet.Options{}) })
	}
	if fences := strings.Count(page, "\n```") / 2; fences != len(example.FindAllString(page, -1)) {
		t.Errorf("of %d fences, some have no line <!-- example: NAME --> above them", fences)
	}
}

var hclFence = regexp.MustCompile("(?ms)^```hcl\n(.*?)^```$")

// TestTheReadmesFleet loads the fleet that README.md shows.
func TestTheReadmesFleet(t *testing.T) {
	fences := hclFence.FindAllStringSubmatch(page(t, "README.md"), -1)
	if len(fences) != 1 {
		t.Fatalf("%d fleets", len(fences))
	}
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", fences[0][1], "sites.csv", "site,region\nbj,cn-north-1\n"), fleet.Options{})
	if len(f.Orders) != 1 {
		t.Errorf("%d orders", len(f.Orders))
	}
}

// TestAllThatIsShownIsLaidOut holds that example fleets, and those in pages, have the layout that fmt gives them.
func TestAllThatIsShownIsLaidOut(t *testing.T) {
	texts := map[string]string{}
	examples, err := filepath.Glob("../../examples/fleets/*/*.hcl")
	below, errBelow := filepath.Glob("../../examples/fleets/*/*/*.hcl")
	if examples = append(examples, below...); err != nil || errBelow != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v, %v", err, errBelow)
	}
	for _, path := range examples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	for _, name := range []string{"README.md", "docs/language.md", "docs/recovery.md"} {
		for i, fence := range hclFence.FindAllStringSubmatch(page(t, name), -1) {
			texts[fmt.Sprintf("%s, fleet %d", name, i+1)] = fence[1]
		}
	}
	for name, text := range texts {
		formatted, diags := fleet.Format([]byte(text), name)
		if diff := cmp.Diff(string(formatted), text); diff != "" || diags.HasErrors() {
			t.Errorf("%s is not laid out (-laid out +as it is): %v\n%s", name, diags, diff)
		}
	}
}

func languagePage(t *testing.T) string { return page(t, "docs/language.md") }

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// put writes a file, once.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatalf("%s stands there twice", path)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
