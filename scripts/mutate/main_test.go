package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/torture"
)

func root(t *testing.T) string {
	t.Helper()
	path, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Every text that a mutant replaces is there, once, and what comes of it compiles.
func TestEveryMutantFits(t *testing.T) {
	names, root := map[string]bool{}, root(t)
	compiler := newCompiler(t, root)
	for _, m := range everyMutant() {
		texts, err := m.sources(root)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := compiler.check(texts); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		if id := m.file + ": " + m.name; names[id] {
			t.Errorf("there are two of %s", id)
		} else {
			names[id] = true
		}
		if len(m.tests) == 0 {
			t.Errorf("%s: no tests are named", m.name)
		}
	}
}

// TestMutants tries them: a few in make test, all in make torture.
func TestMutants(t *testing.T) {
	stage, trial := torture.Begin(t, "mutation"), newTrial(root(t))
	for _, m := range everyMutant() {
		if !stage.Long() && !m.quick() {
			continue
		}
		if err := problem([]verdict{trial.try(t.Context(), m)}); err != nil {
			t.Errorf("%s, %s: %v", m.file, m.name, err)
			continue
		}
		stage.Add(torture.Figures{Cases: 1})
	}
}

// quick mutants are tried in make test: a few of those that a test notices which takes no time.
func (m mutant) quick() bool {
	return m.file == "pkg/order/record.go" && slices.Contains([]string{
		"no second intent while one is open", "an intent takes its attempt's number", "a purchase closes its intent",
	}, m.name)
}

func TestTheFailureIsNamed(t *testing.T) {
	for out, want := range map[string]string{
		"--- FAIL: TestA (0.1s)\n    --- FAIL: TestA/b (0.0s)\nFAIL":          "TestA/b",
		"panic: test timed out after 1s\n\trunning tests:\n\t\tTestC (1s)":    "TestC: more than 10m0s",
		"runtime: out of memory: no 9-byte block\nfatal error: out of memory": "more than 8 GiB of memory",
		"fatal error: runtime: cannot allocate memory":                        "more than 8 GiB of memory",
		"panic: runtime error": "panic: runtime error",
		"exit status 2":        "a test binary that ended early",
	} {
		if got := failure(out); got != want {
			t.Errorf("%q: %s, want %s", out, got, want)
		}
	}
}

func TestATextThatIsNotThereOnceIsRefused(t *testing.T) {
	for old, want := range map[string]string{"package nowhere": "0 times", "e": "times"} {
		m := mutant{name: "x", edit: edit{file: filepath.ToSlash("pkg/order/record.go"), old: old}}
		if _, err := m.sources(root(t)); err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q: %v", old, err)
		}
	}
}

// A test that fails whatever is taken away notices nothing, and no mutant counts as noticed by it.
func TestATestThatAlwaysFailsIsNoWitness(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module x\n\ngo 1.26\n",
		"x.go":   "package x\n\nvar N = 1\n",
		"x_test.go": "package x\n\nimport \"testing\"\n\nfunc TestN(t *testing.T) {\n\tif N != 1 {\n\t\tt.Error(N)\n\t}\n}\n\n" +
			"func TestAlways(t *testing.T) { t.Error(N) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trial := newTrial(dir)
	m := mutant{name: "N is 1", edit: edit{file: "x.go", old: "N = 1", new: "N = 2"}}
	for tests, want := range map[string]fate{"-run TestN .": killed, "-run TestAlways .": broken, "-run TestNone .": survived} {
		m.tests = []string{tests}
		if v := trial.try(t.Context(), m); v.fate() != want {
			t.Errorf("%s: %s by %q, %v; want %s", tests, v.fate(), v.by, v.err, want)
		}
	}
}
