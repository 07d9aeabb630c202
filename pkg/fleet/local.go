package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A local is a named expression. Locals may refer to each other in any order and across files.
type local struct {
	attr     *hcl.Attribute
	progress progress
	// secretive tells whether its value may hold what is sensitive
	secretive bool
	value     cty.Value // cty.DynamicVal when it has a mistake, which silences what follows from it
}

type progress uint8

const (
	waiting progress = iota
	evaluating
	evaluated
)

// localAttributes returns the locals that a block declares, after reporting what else is in it.
func (l *loader) localAttributes(b *hcl.Block) hcl.Attributes {
	if native, ok := b.Body.(*hclsyntax.Body); ok && len(native.Blocks) > 0 {
		for _, inner := range native.Blocks {
			l.report(mistake(inner.TypeRange, "Block written as an attribute", "locals holds only names and values: write %s = …, with an equals sign.", inner.Type))
		}
		return nil
	}
	attributes, diags := b.Body.JustAttributes()
	l.report(diags...)
	return attributes
}

func (l *loader) declareLocals(d *document, b *hcl.Block) {
	for name, a := range l.localAttributes(b) {
		switch first, ok := d.locals[name]; {
		case ok:
			l.report(duplicate(a.NameRange, "Duplicate local", quoted("a local", name), first.attr.NameRange, "Rename one"))
		case !hclsyntax.ValidIdentifier(name):
			l.report(mistake(a.NameRange, "Invalid name", "A local can't be named %q: use a letter or _ first, then letters, digits, _ and -.", name))
		default:
			d.locals[name] = &local{attr: a, value: cty.DynamicVal}
		}
	}
}

// evaluateLocals gives every local its value, used or not, so that all mistakes come to light.
func (l *loader) evaluateLocals(d *document) {
	for _, name := range slices.Sorted(maps.Keys(d.locals)) {
		l.evaluateLocal(name, nil)
	}
	l.scope.setLocals(d.locals)
}

// evaluateLocal evaluates a local after those that it refers to. path holds those that are waiting for it.
func (l *loader) evaluateLocal(name string, path []string) {
	current := l.scope.locals[name]
	switch current.progress {
	case evaluated:
		return
	case evaluating:
		l.reportCycle(append(path[slices.Index(path, name):], name))
		return
	}
	current.progress = evaluating
	defer func() { current.progress = evaluated }()

	expr := current.attr.Expr
	if !l.checkReferences(expr, noRepetition) {
		return
	}
	used := map[string]cty.Value{}
	broken := false
	path = append(path, name)
	for _, t := range expr.Variables() {
		if other := referredName(t); t.RootName() == "local" {
			l.evaluateLocal(other, path)
			used[other] = l.scope.locals[other].value
			broken = broken || isNothing(used[other])
		}
	}
	current.secretive = l.scope.secretive(expr)
	if broken {
		return
	}
	ctx := l.scope.context.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(used)}
	value, diags := expr.Value(ctx)
	l.report(l.scope.explained(expr, diags)...)
	if !diags.HasErrors() {
		current.value = value
	}
}

// isNothing tells whether a value says nothing, not even its type. That of what has a mistake is such.
func isNothing(v cty.Value) bool { return !v.IsKnown() && v.Type() == cty.DynamicPseudoType }

// reportCycle takes a cycle's names, the first again at its end.
func (l *loader) reportCycle(names []string) {
	first := l.scope.locals[names[0]]
	l.report(mistake(first.attr.NameRange, "Cycle of locals",
		"These locals need each other's values, so none of them has one: local.%s. Let one of them stand without the others.",
		strings.Join(names, " -> local.")))
}
