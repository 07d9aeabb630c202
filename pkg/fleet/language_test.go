package fleet_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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

func languagePage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
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
