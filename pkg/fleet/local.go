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
	name     string
	attr     *hcl.Attribute
	progress progress
	depth    int      // while it is being evaluated: how many locals wait for it
	pending  []string // while it is being evaluated: those it refers to that nobody has looked at yet
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
			d.locals[name] = &local{name: name, attr: a, value: cty.DynamicVal}
		}
	}
}

// evaluateLocals gives every local its value, used or not, so that all mistakes come to light.
func (l *loader) evaluateLocals(d *document) {
	for _, name := range slices.Sorted(maps.Keys(d.locals)) {
		if current := d.locals[name]; current.progress == waiting {
			l.evaluateLocal(current)
		}
	}
	l.scope.setLocals(d.locals)
}

// evaluateLocal evaluates a local after those that it refers to. It keeps those that wait in a list of its own: a chain
// of a million locals would overflow a stack of calls.
func (l *loader) evaluateLocal(first *local) {
	path := []*local{l.beginLocal(first, 0)}
	for len(path) > 0 {
		current := path[len(path)-1]
		if len(current.pending) == 0 {
			l.finishLocal(current)
			path = path[:len(path)-1]
			continue
		}
		next := l.scope.locals[current.pending[0]]
		current.pending = current.pending[1:]
		switch next.progress {
		case waiting:
			path = append(path, l.beginLocal(next, len(path)))
		case evaluating:
			l.reportCycle(path[next.depth:])
		case evaluated:
		}
	}
}

// beginLocal notes which locals must be evaluated first. A local that refers to what doesn't exist waits for none, and
// gets no value.
func (l *loader) beginLocal(current *local, depth int) *local {
	current.depth = depth
	if !l.checkReferences(current.attr.Expr, noRepetition) {
		current.progress = evaluated
		return current
	}
	current.progress = evaluating
	for _, t := range current.attr.Expr.Variables() {
		if t.RootName() == "local" {
			current.pending = append(current.pending, referredName(t))
		}
	}
	return current
}

// finishLocal evaluates a local that waits for no other one any more.
func (l *loader) finishLocal(current *local) {
	if current.progress == evaluated {
		return
	}
	current.progress = evaluated
	expr := current.attr.Expr
	used := map[string]cty.Value{}
	for _, t := range expr.Variables() {
		if other := referredName(t); t.RootName() == "local" {
			used[other] = l.scope.locals[other].value
		}
	}
	current.secretive = l.scope.secretive(expr)
	for _, v := range used {
		if isNothing(v) {
			return
		}
	}
	ctx := l.scope.context.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(used)}
	value, diags := unmeasuredValueOf(expr, ctx)
	l.report(l.scope.explained(expr, diags)...)
	if err := checkSizeWithin(value, l.input.steps(), maxValueText); err != nil {
		l.report(mistake(expr.Range(), "Value too large", "local.%s is too large: %v. Parts that are the same count as often as they stand in it.", current.name, err))
		return
	}
	if !diags.HasErrors() {
		current.value = value
	}
}

// isNothing tells whether a value says nothing, not even its type. That of what has a mistake is such.
func isNothing(v cty.Value) bool { return !v.IsKnown() && v.Type() == cty.DynamicPseudoType }

// shownCycle is how many locals of a cycle are named.
const shownCycle = 12

// reportCycle takes the locals of a cycle, each of which refers to the next, and the last to the first.
func (l *loader) reportCycle(cycle []*local) {
	at := cycle[0].attr.NameRange
	elsewhere := slices.ContainsFunc(cycle, func(c *local) bool { return c.attr.NameRange.Filename != at.Filename })
	var path []string
	for _, c := range cycle[:min(len(cycle), shownCycle)] {
		step := "local." + c.name
		if elsewhere {
			step += " (" + place(c.attr.NameRange) + ")"
		}
		path = append(path, step)
	}
	if more := len(cycle) - len(path); more > 0 {
		path = append(path, thousands(more)+" more")
	}
	path = append(path, "local."+cycle[0].name)
	l.report(mistake(at, "Cycle of locals",
		"These locals need each other's values, so none of them has one: %s. Let one of them stand without the others.",
		strings.Join(path, " -> ")))
}
