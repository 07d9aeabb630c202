package fleet_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var expectation = regexp.MustCompile(`# (ERROR|WARNING): ([^"]*)`)

// TestDiagnostics loads every fleet in testdata/diagnostics, a file or a directory. Its lines say which mistakes they
// hold, JSON's in properties named //, and there must be no other; the golden file beside it holds the details.
func TestDiagnostics(t *testing.T) {
	paths, err := filepath.Glob("testdata/diagnostics/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			f, diags := fleet.Load(path, fleet.Options{Version: "0.1.0"})
			want := expected(t, path)
			if diff := cmp.Diff(want, summaries(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s\n%s", diff, rendered(diags))
			}
			if diags.HasErrors() != (len(f.Orders) == 0) {
				t.Errorf("%d orders, errors: %t", len(f.Orders), diags.HasErrors())
			}
			for _, d := range diags {
				if f.Files[d.Subject.Filename] == nil {
					t.Errorf("%s has no source", d.Subject.Filename)
				}
			}
			name := strings.TrimSuffix(strings.TrimSuffix(path, ".fleet.hcl"), ".fleet.json")
			golden(t, name+".golden", rendered(diags))
		})
	}
}

// expected collects what the fleet's lines say of themselves. A line may hold the same mistake several times.
func expected(t *testing.T, path string) []string {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files, _ = filepath.Glob(path + "/*.*")
	}
	found := []string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for n := 1; lines.Scan(); n++ {
			if m := expectation.FindStringSubmatch(lines.Text()); m != nil {
				found = append(found, fmt.Sprintf("%s:%d: %s: %s", filepath.ToSlash(file), n, strings.ToLower(m[1]), m[2]))
			}
		}
	}
	slices.Sort(found)
	return found
}

// summaries are the diagnostics in the form of expected, each of a line once.
func summaries(diags hcl.Diagnostics) []string {
	found := []string{}
	for _, d := range diags {
		found = append(found, fmt.Sprintf("%s:%d: %s: %s", d.Subject.Filename, d.Subject.Start.Line, severity(d), d.Summary))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func severity(d *hcl.Diagnostic) string {
	if d.Severity == hcl.DiagWarning {
		return "warning"
	}
	return "error"
}

func rendered(diags hcl.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		at := "no place"
		if d.Subject != nil {
			at = fmt.Sprintf("%s:%d,%d", filepath.Base(d.Subject.Filename), d.Subject.Start.Line, d.Subject.Start.Column)
		}
		fmt.Fprintf(&b, "%s: %s: %s\n  %s\n", at, severity(d), d.Summary, d.Detail)
	}
	return b.String()
}

// golden compares got with a file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
