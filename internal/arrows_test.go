// Package internal_test holds the arrows between the packages: who may import whom. docs/architecture.md draws them.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bastion-fleet/bastion-fleet/"

// allowed lists what each package may import of this module. A package that is not listed fails the test: decide
// where it belongs, and draw it in docs/architecture.md.
var allowed = map[string][]string{
	"pkg/order":         {},
	"pkg/infile":        {},
	"pkg/fleet":         {"pkg/order", "pkg/infile"},
	"pkg/plan":          {"pkg/order", "pkg/infile"},
	"pkg/failpoint":     {},
	"pkg/apply":         {"pkg/order", "pkg/plan", "pkg/failpoint"},
	"pkg/state":         {"pkg/order", "pkg/infile", "pkg/failpoint"},
	"pkg/reconcile":     {"pkg/order"},
	"pkg/bastion":       {"pkg/infile", "pkg/failpoint"},
	"pkg/simulator":     {"pkg/bastion"},
	"internal/torture":  {"pkg/order", "pkg/simulator", "pkg/state"},
	"internal/rehearse": {"pkg/order", "pkg/apply", "pkg/state", "pkg/simulator"},
	"internal/latency":  {},
	"internal/ui":       {"internal/latency", "pkg/order", "pkg/fleet", "pkg/plan", "pkg/apply", "pkg/reconcile"},
	"internal/report":   {"internal/ui", "pkg/order", "pkg/state"},
	"internal/cli":      {"internal/ui", "internal/latency", "internal/rehearse", "internal/report", "pkg/infile", "pkg/failpoint", "pkg/order", "pkg/fleet", "pkg/plan", "pkg/apply", "pkg/reconcile", "pkg/state", "pkg/bastion", "pkg/simulator"},
	"cmd/bastion-fleet": {"internal/cli"},
	"internal":          {}, // this test
	"internal/canary":   {},
	"internal/pty":      {},
	"scripts/canary":    {"internal/canary"},
	"scripts/picture":   {},
	"scripts/torture":   {"internal/torture"},

	"internal/torture/kill":     {}, // but its tests, which run the program
	"internal/torture/world":    {}, // but its tests, which play all of it
	"internal/torture/powercut": {},
	"scripts/mutate":            {},
}

// noTerminal are what the engine must not know.
var noTerminal = []string{"github.com/spf13/cobra", "github.com/jedib0t/go-pretty", "golang.org/x/term"}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		may, known := allowed[name]
		if !known {
			t.Errorf("%s has no place in the list of packages", name)
			continue
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, module)
			if isOurs && !slices.Contains(may, ours) {
				t.Errorf("%s must not import %s", name, ours)
			}
			if strings.HasPrefix(name, "pkg/") {
				for _, terminal := range noTerminal {
					if strings.HasPrefix(imported, terminal) {
						t.Errorf("%s must not know a terminal: it imports %s", name, imported)
					}
				}
			}
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < len(allowed)-1 {
		t.Fatalf("go list found %d packages, expected %d", len(packages), len(allowed))
	}
	return packages
}
