package fleet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryKindOfMistakeIsShown holds that each summary that this package gives a diagnostic, and each that an order's
// problems have, stands in a golden file of testdata/diagnostics. What no file's line stands for is in a test instead.
func TestEveryKindOfMistakeIsShown(t *testing.T) {
	goldens, tests := allOf(t, "testdata/diagnostics/*.golden"), allOf(t, "*_test.go")+allOf(t, "../../internal/cli/testdata/script/*.txtar")
	found := summariesIn(t, ".")
	problems := summariesIn(t, "../order")
	if len(found) < 60 || len(problems) < 8 {
		t.Fatalf("only %d and %d summaries were found", len(found), len(problems))
	}
	for _, summary := range slices.Concat(found, problems) {
		if !strings.Contains(goldens, ": "+summary+"\n") && !strings.Contains(tests, summary) {
			t.Errorf("no case of testdata/diagnostics shows %q", summary)
		}
	}
}

// reporters are the functions that take a summary, and as which of their arguments.
var reporters = map[string]int{"mistake": 1, "warning": 1, "duplicate": 1, "single": 1, "failure": 0, "add": 1, "warn": 1}

// summariesIn returns the summaries that the files of a package write down.
func summariesIn(t *testing.T, dir string) []string {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for node := range ast.Preorder(file) {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				continue
			}
			if i, ok := reporters[calledName(call)]; ok && i < len(call.Args) {
				if text, ok := call.Args[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
					summary, err := strconv.Unquote(text.Value)
					if err != nil {
						t.Fatal(err)
					}
					found = append(found, summary)
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
