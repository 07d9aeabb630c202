package fleet_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestSensitiveWithoutAValue holds that what can't be sensitive is refused by validate too, which has no values.
func TestSensitiveWithoutAValue(t *testing.T) {
	dir := writeFleet(t, "a.fleet.hcl", minimal+`
		variable "text" {
			type      = string
			sensitive = true
		}
		variable "sites" {
			type      = map(string)
			sensitive = true
		}
		variable "n" {
			type      = number
			sensitive = true
		}
		order "fields" {
			region   = var.text
			desc     = var.text
			quantity = var.n
		}
		order "keys" { for_each = var.sites }
		order "number" { count = var.n }
		rollout { parallelism = var.n }`)
	_, diags := fleet.Load(dir, fleet.Options{Unvalued: true})
	for _, d := range diags {
		if d.Summary != "Sensitive value not allowed" {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	if len(diags) != 5 {
		t.Errorf("%d diagnostics, want 5:\n%s", len(diags), rendered(diags))
	}
}

// TestAnyValueMayBeSensitive wraps every expression of every fleet in testdata, one by one: wherever a sensitive value
// turns up, it is used or refused. A place that takes a value without minding its mark panics.
func TestAnyValueMayBeSensitive(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"testdata/diagnostics/*.fleet.hcl", "testdata/fleets/*/*.fleet.hcl"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "sites.csv"), "site,region\na,cn-north-1\n")
	seen := map[string]bool{} // most fleets have the same order
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil || slices.Contains(slow, filepath.Base(path)) {
			continue
		}
		file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		if diags.HasErrors() {
			continue
		}
		for _, at := range expressionsOf(file.Body.(*hclsyntax.Body)) {
			line := lineOf(text, at)
			if seen[line] {
				continue
			}
			seen[line] = true
			changed := slices.Concat(text[:at.Start.Byte], []byte("sensitive("), text[at.Start.Byte:at.End.Byte], []byte(")"), text[at.End.Byte:])
			writeFile(t, filepath.Join(dir, "a.fleet.hcl"), string(changed))
			f, diags := fleet.Load(dir, fleet.Options{})
			if !diags.HasErrors() {
				_, diags = f.Evaluate(nil)
			}
			checkRanges(t, f, diags)
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d expressions were tried", len(seen))
	}
}

// lineOf is the text from the line's start, where the name stands, to the expression's end.
func lineOf(text []byte, at hcl.Range) string {
	return string(text[bytes.LastIndexByte(text[:at.Start.Byte], '\n')+1 : at.End.Byte])
}

// expressionsOf are the places of the attributes' values of a body and all blocks in it.
func expressionsOf(body *hclsyntax.Body) []hcl.Range {
	var found []hcl.Range
	for _, a := range body.Attributes {
		found = append(found, a.Expr.Range())
	}
	for _, b := range body.Blocks {
		found = append(found, expressionsOf(b.Body)...)
	}
	return found
}

// TestManySensitiveDefaults holds that a file's text is copied once to hide what is sensitive in it, not for each default.
func TestManySensitiveDefaults(t *testing.T) {
	const n = 3000
	var native, inJSON strings.Builder
	for i := range n {
		fmt.Fprintf(&native, "variable \"h%d\" {\n  sensitive = true\n  default   = \"canary\"\n}\n", i)
		fmt.Fprintf(&inJSON, `%s"j%d": {"sensitive": true, "default": "canary"}`, strings.Repeat(",", min(i, 1)), i)
	}
	dir := writeFleet(t, "a.fleet.hcl", minimal+"order \"gw\" {}\n"+native.String(), "b.fleet.json", `{"variable": {`+inJSON.String()+`}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := mustLoad(t, dir, fleet.Options{})
	runtime.ReadMemStats(&after)
	if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 200 {
		t.Errorf("%d MiB were allocated", made)
	}
	for name, file := range f.Files {
		if bytes.Contains(file.Bytes, []byte("canary")) {
			t.Errorf("%s shows a secret", name)
		}
	}
}
