package internal_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// pages returns the text of every Markdown page of the repository by its path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unspeakable = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns what a link to a part of a page may name, as the usual viewers make it of the page's headings.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		found[strings.ReplaceAll(unspeakable.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return found
}

// TestLinksLeadSomewhere follows every relative link of every page.
func TestLinksLeadSomewhere(t *testing.T) {
	all, followed := pages(t), 0
	for path, text := range all {
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			to, err := url.Parse(l[1])
			if err != nil {
				t.Errorf("%s: the link %s: %v", path, l[1], err)
				continue
			}
			if to.IsAbs() {
				continue
			}
			followed++
			target := path
			if to.Path != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(to.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, l[1])
			} else if to.Fragment != "" && !anchors(all[target])[to.Fragment] {
				t.Errorf("%s: %s has no heading for the link %s", path, target, l[1])
			}
		}
	}
	if followed < 20 {
		t.Errorf("only %d links were found", followed)
	}
}

// TestDecisionsAreNumberedOnce holds the number in a decision's name and title to it alone.
func TestDecisionsAreNumberedOnce(t *testing.T) {
	names, err := filepath.Glob("../docs/decisions/[0-9]*.md")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d decisions: %v", len(names), err)
	}
	taken, all := map[string]string{}, pages(t)
	for _, name := range names {
		number, _, _ := strings.Cut(filepath.Base(name), "-")
		if other := taken[number]; other != "" {
			t.Errorf("%s has the number of %s", name, other)
		}
		taken[number] = name
		if title := "# " + strings.TrimLeft(number, "0") + ". "; !strings.HasPrefix(all[name], title) {
			t.Errorf("%s does not begin with %q", name, title)
		}
	}
}

// TestTheFleetInREADMEIsOne loads the example that people copy.
func TestTheFleetInREADMEIsOne(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```hcl\n")
	example, _, _ := strings.Cut(rest, "```\n")
	dir := t.TempDir()
	for name, text := range map[string]string{"main.fleet.hcl": example, "sites.csv": "site,region\nbj,cn-north-1\ntj,cn-north-1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, diags := fleet.Load(dir, fleet.Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if len(f.Orders) != 2 || f.Orders[0].Quantity != 2 || f.Orders[0].Charge.Duration != 3 {
		t.Errorf("the example's orders are %+v", f.Orders)
	}
}

// TestTheRecipesAreFleets loads the example fleet that the recipes for rollouts are about with each of theirs in place of its own.
func TestTheRecipesAreFleets(t *testing.T) {
	example, err := os.ReadFile("../examples/fleets/waves/main.fleet.hcl")
	if err != nil {
		t.Fatal(err)
	}
	before, own, found := strings.Cut(string(example), "\nrollout {\n")
	_, after, ended := strings.Cut(own, "\n}\n")
	if !found || !ended {
		t.Fatal("the example has no rollout block")
	}
	page, err := os.ReadFile("../docs/rollouts.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := strings.Split(string(page), "```hcl\n")[1:]
	if len(recipes) < 3 {
		t.Errorf("only %d recipes were found", len(recipes))
	}
	for _, r := range recipes {
		recipe, _, _ := strings.Cut(r, "```\n")
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "waves.fleet.hcl"), []byte(before+"\n"+recipe+after), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, diags := fleet.Load(dir, fleet.Options{}); diags.HasErrors() {
			t.Errorf("%s\n%v", recipe, diags)
		}
	}
}
