package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// repetition says what an order block repeats by, and so whether each or count may be referred to.
type repetition uint8

const (
	noRepetition repetition = iota
	byForEach
	byCount
)

// checkReferences reports every reference that leads nowhere, before the expression is evaluated: each is found once,
// even in a branch or an element that is never evaluated. iterators are those of the dynamic blocks around it.
func (l *loader) checkReferences(expr hcl.Expression, r repetition, iterators ...string) bool {
	clean := true
	for _, t := range expr.Variables() {
		d := l.checkReference(t, r)
		if len(iterators) > 0 && !slices.Contains(roots, t.RootName()) {
			d = checkIterator(t, iterators)
		}
		if d != nil {
			l.report(d)
			clean = false
		}
	}
	return clean
}

func (l *loader) checkReference(t hcl.Traversal, r repetition) *hcl.Diagnostic {
	at := t.SourceRange()
	name := referredName(t)
	switch root := t.RootName(); root {
	case "var":
		return checkDeclared(at, "variable", root, name, l.scope.variables)
	case "local":
		return checkDeclared(at, "local", root, name, l.scope.locals)
	case "each":
		return checkRepetition(at, root, name, elementNames, r == byForEach, "for_each")
	case "count":
		return checkRepetition(at, root, name, []string{"index"}, r == byCount, "count")
	case "order":
		return mistake(at, "Reference to an order", "What is known of an order can be used in output and check blocks alone: orders don't depend on each other, and all are bought at one time.")
	default:
		return unknownReference(at, root, len(t) == 1, roots)
	}
}

// checkIterator checks a reference to the element of a dynamic block, which has what each has.
func checkIterator(t hcl.Traversal, iterators []string) *hcl.Diagnostic {
	at, root := t.SourceRange(), t.RootName()
	if !slices.Contains(iterators, root) {
		inner := iterators[len(iterators)-1]
		return mistake(at, "Unknown reference", "Nothing is named %s. The element of the dynamic block here is %s.key and %s.value.%s",
			root, inner, inner, didYouMean(root, slices.Concat(iterators, roots)))
	}
	return checkRepetition(at, root, referredName(t), elementNames, true, "for_each")
}

// elementNames are what an element of for_each has.
var elementNames = []string{"key", "value"}

// referredName is the step after the root, or "" when it is no name.
func referredName(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString()
		}
	}
	return ""
}

func checkDeclared[T any](at hcl.Range, what, root, name string, declared map[string]T) *hcl.Diagnostic {
	if name == "" {
		return mistake(at, "Incomplete reference", "%s stands before a %s's name: write %s.NAME.", root, what, root)
	}
	if _, ok := declared[name]; ok {
		return nil
	}
	return mistake(at, "Undeclared "+what, "No file declares a %s %q.%s", what, name,
		didYouMeanOneOf(name, slices.Sorted(maps.Keys(declared)), what+"s"))
}

func checkRepetition(at hcl.Range, root, name string, names []string, allowed bool, argument string) *hcl.Diagnostic {
	switch {
	case !allowed:
		return mistake(at, "Reference without repetition", "%s has a value only in an order block with %s.", root, argument)
	case !slices.Contains(names, name):
		return mistake(at, "Unknown reference", "%s has no %q.%s", root, name, didYouMeanOneOf(name, names, "names it has"))
	}
	return nil
}

// foreignRoots are names that mean something in Terraform, so that they are no slips for ours, with what to write instead.
var foreignRoots = map[string]string{
	"path":      `File names are relative to the fleet's directory: write file("sites.csv").`,
	"terraform": "There are no workspaces: write a variable, and give it by --var or fleet.vars.hcl.",
	"data":      "A fleet reads nothing but its own files: use csvdecode(file(…)), jsondecode or yamldecode.",
	"module":    "A fleet is one directory, without modules: use locals.",
	"self":      "An order's own attributes can't be referred to: write a local, and refer to it twice.",
	"resource":  "An order is referred to as order.NAME, in outputs and checks.",
}

// What a reference may begin with.
var (
	roots     = []string{"var", "local", "each", "count"}
	lateRoots = []string{"var", "local", "order"} // in outputs and checks
)

func unknownReference(at hcl.Range, root string, bare bool, allowed []string) *hcl.Diagnostic {
	hint, foreign := foreignRoots[root]
	switch suggestion := closest(root, allowed); {
	case foreign && !bare:
		return mistake(at, "Unknown reference", "Nothing is named %s. %s", root, hint)
	case suggestion != "" && !bare:
		return mistake(at, "Unknown reference", "Nothing is named %s. Did you mean %q?", root, suggestion)
	case bare:
		return mistake(at, "Unknown reference", "Nothing is named %s. A text is written in quotes: %q. A value is referred to as var.NAME or local.NAME.", root, root)
	case slices.Contains(allowed, "order"):
		return mistake(at, "Unknown reference", "Nothing is named %s. This expression may refer to var.NAME, local.NAME, and to order.NAME.ATTRIBUTE.", root)
	}
	return mistake(at, "Unknown reference", "Nothing is named %s. An expression may refer to var.NAME, local.NAME, and in an order to each.key, each.value or count.index.", root)
}
