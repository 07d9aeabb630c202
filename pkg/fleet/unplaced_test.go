package fleet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestMistakesOfPlaces holds what is said of fleets whose files can't be found or read: no line of a file stands for it.
func TestMistakesOfPlaces(t *testing.T) {
	file := writeFleet(t, "a.fleet.hcl", minimal, "notes.txt", "")
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "a.fleet.hcl"), 0o700); err != nil {
		t.Fatal(err)
	}
	many := t.TempDir()
	for i := range fleet.MaxFiles + 1 {
		writeFile(t, filepath.Join(many, fmt.Sprintf("%04d.fleet.hcl", i)), "")
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(file, "none"), "Fleet not found"},
		{filepath.Join(file, "notes.txt", "fleet"), "Unreadable fleet"},
		{filepath.Join(file, "notes.txt"), "Not a fleet file"},
		{t.TempDir(), "No fleet files"},
		{directory, "Unreadable file"},
		{many, "Too many files"},
	} {
		_, diags := fleet.Load(c.path, fleet.Options{})
		if len(diags) != 1 || diags[0].Summary != c.want || !strings.Contains(diags[0].Detail, filepath.Base(c.path)) && c.want != "No fleet files" {
			t.Errorf("%s: want %q, got\n%s", c.path, c.want, rendered(diags))
		}
	}
}

// TestMistakesAtTheConsole holds what is said of expressions and of names of outputs, which stand in no file.
func TestMistakesAtTheConsole(t *testing.T) {
	f := mustLoad(t, writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\noutput \"ids\" { value = order.gw.buy_id }\n"), fleet.Options{Console: true})
	c, diags := f.Console(nil)
	if diags.HasErrors() {
		t.Fatal(rendered(diags))
	}
	defer c.Close()
	for _, expression := range []struct{ text, want string }{
		{strings.Repeat("1", fleet.MaxExpression+1), "Expression too long"},
		{`[for a in [format("%999s", "")] : [for b in range(300) : [for c in range(250) : a]]]`, "Unprintable result"},
	} {
		if _, diags := c.Evaluate(expression.text, "<console>"); len(diags) != 1 || diags[0].Summary != expression.want {
			t.Errorf("want %q, got\n%s", expression.want, rendered(diags))
		}
	}
	_, diags = f.EvaluateOutputs(nil, "idz")
	if len(diags) != 1 || diags[0].Summary != "Unknown output" || !strings.Contains(diags[0].Detail, `Did you mean "ids"?`) {
		t.Errorf("got\n%s", rendered(diags))
	}
}

// TestTooManyDynamicBlocks is no case of testdata/diagnostics: it would be a long one.
func TestTooManyDynamicBlocks(t *testing.T) {
	text := minimal + "order \"gw\" {\n" + strings.Repeat("dynamic \"charge\" {\n for_each = []\n content {}\n}\n", 101) + "}\n"
	_, diags := fleet.Load(writeFleet(t, "a.fleet.hcl", text), fleet.Options{})
	if len(diags) != 1 || diags[0].Summary != "Too many dynamic blocks" || !strings.Contains(diags[0].Detail, "100") {
		t.Errorf("got\n%s", rendered(diags))
	}
}
