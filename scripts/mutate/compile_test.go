package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// A compiler checks the types of mutants against the compiled packages of the module, which is much quicker than to
// build each of them.
type compiler struct {
	root     string
	files    map[string][]string // of the packages, by their directory from the root
	imported types.Importer
}

func newCompiler(t *testing.T, root string) compiler {
	t.Helper()
	c := exec.Command("go", "list", "-export", "-deps", "-f", `{{.ImportPath}}|{{.Export}}|{{.Dir}}|{{join .GoFiles " "}}`, "./pkg/...", "./internal/cli")
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports, files := map[string]string{}, map[string][]string{}
	for line := range strings.Lines(string(out)) {
		part := strings.Split(strings.TrimSpace(line), "|")
		exports[part[0]] = part[1]
		if dir, err := filepath.Rel(root, part[2]); err == nil && filepath.IsLocal(dir) {
			files[filepath.ToSlash(dir)] = strings.Fields(part[3])
		}
	}
	open := func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) }
	return compiler{root, files, importer.ForCompiler(token.NewFileSet(), "gc", open)}
}

// check type-checks the packages that have mutated files.
func (c compiler) check(mutated map[string]string) error {
	for file := range mutated {
		dir, set := path.Dir(file), token.NewFileSet()
		var parsed []*ast.File
		for _, name := range c.files[dir] {
			var source any // nil: the file itself
			if text, ok := mutated[path.Join(dir, name)]; ok {
				source = text
			}
			f, err := parser.ParseFile(set, filepath.Join(c.root, dir, name), source, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			parsed = append(parsed, f)
		}
		if len(parsed) == 0 {
			return fmt.Errorf("%s is in no package", file)
		}
		config := types.Config{Importer: c.imported}
		if _, err := config.Check(dir, set, parsed, nil); err != nil {
			return err
		}
	}
	return nil
}
