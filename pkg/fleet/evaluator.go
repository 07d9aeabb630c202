package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// late is what of a fleet is evaluated after it is loaded, with what the state knows.
type late struct {
	loader  *loader // its scope holds what the expressions refer to, and no more
	orders  []order.Order
	blocks  map[string]repeated
	outputs []*outputBlock // by name
	checks  []*checkBlock  // by name
}

// repeated says which of the fleet's orders are a block's.
type repeated struct {
	by       repetition
	first, n int
	broken   bool // its for_each or count has a mistake: nobody knows its keys
}

// Evaluated is what a fleet's outputs and checks come to with what its state knows.
type Evaluated struct {
	Outputs []Output // by name
	// Undecided are the checks of which a condition depends on orders that are not bought.
	Undecided []string
}

// Evaluate evaluates the outputs and checks with records, which are sorted by address. The diagnostics warn of checks that
// fail; an error says why an output has no value, and that output is left out.
func (f Fleet) Evaluate(records []order.Record) (Evaluated, hcl.Diagnostics) {
	if f.late == nil {
		return Evaluated{}, nil
	}
	e, d := f.late.open(records)
	if d != nil {
		return Evaluated{}, hcl.Diagnostics{d}
	}
	defer e.close()
	return e.all(), e.l.sorted()
}

// EvaluateOutputs evaluates the named outputs alone, or all without names. A name that no output has is a mistake.
func (f Fleet) EvaluateOutputs(records []order.Record, names ...string) ([]Output, hcl.Diagnostics) {
	declared := f.outputNames()
	for _, name := range names {
		if !slices.Contains(declared, name) {
			return nil, hcl.Diagnostics{failure("Unknown output", "The fleet has no output %q.%s", name, didYouMeanOneOf(name, declared, "outputs"))}
		}
	}
	if len(declared) == 0 {
		return nil, nil
	}
	e, d := f.late.open(records)
	if d != nil {
		return nil, hcl.Diagnostics{d}
	}
	defer e.close()
	return e.evaluateOutputs(names), e.l.sorted()
}

func (f Fleet) outputNames() []string {
	var names []string
	if f.late != nil {
		for _, o := range f.late.outputs {
			names = append(names, o.name)
		}
	}
	return names
}

// late reads the blocks whose expressions wait for what is bought, and tries them out: mistakes come to light before
// anything is bought. It returns nil if there are none to evaluate later.
func (l *loader) late(d *document, orders []order.Order) *late {
	w := &late{orders: orders, blocks: map[string]repeated{}}
	l.scope.secretiveOrders = slices.ContainsFunc(orders, func(o order.Order) bool { return o.Sensitive != 0 })
	for name, b := range d.orders {
		w.blocks[name] = repeated{by: b.elements.by, first: b.first, n: b.elements.n, broken: !b.expanded}
	}
	for _, name := range slices.Sorted(maps.Keys(d.outputs)) {
		if o := l.decodeOutput(d.outputs[name]); o != nil && w.check(l, o.value.Expr) {
			w.outputs = append(w.outputs, o)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.checks)) {
		c := l.decodeCheck(d.checks[name])
		c.asserts = slices.DeleteFunc(c.asserts, func(a condition) bool { return !w.check(l, a.holds.Expr, a.message.Expr) })
		w.checks = append(w.checks, c)
	}
	if len(w.outputs)+len(w.checks) == 0 && !l.options.Console {
		return nil
	}
	w.loader = &loader{options: l.options, dir: l.dir, files: l.files, scope: l.scope}
	if !l.options.Console {
		w.loader.scope = l.scope.narrowed(w.expressions())
	}
	if !l.diags.HasErrors() && len(l.unvalued) == 0 {
		e := evaluator{late: w, l: l, trial: true}
		e.all()
	}
	return w
}

// check reports the references that lead nowhere.
func (w *late) check(l *loader, exprs ...hcl.Expression) bool {
	clean := true
	for _, expr := range exprs {
		for _, t := range expr.Variables() {
			if d := w.checkReference(l, t); d != nil {
				l.report(d)
				clean = false
			}
		}
	}
	return clean
}

func (w *late) expressions() []hcl.Expression {
	var all []hcl.Expression
	for _, o := range w.outputs {
		all = append(all, o.value.Expr)
	}
	for _, c := range w.checks {
		for _, a := range c.asserts {
			all = append(all, a.holds.Expr, a.message.Expr)
		}
	}
	return all
}

// An evaluator evaluates late expressions with what the state knows.
type evaluator struct {
	*late
	l       *loader              // reports, and reads the fleet's files
	records []order.Record       // by address
	trial   bool                 // while loading: nothing is known of what is bought, and nobody wants it listed
	whole   map[string]cty.Value // of blocks that an expression uses as a whole, once they are built
}

// open returns an evaluator that may read the fleet's files until it is closed.
func (w *late) open(records []order.Record) (*evaluator, *hcl.Diagnostic) {
	shared := w.loader
	if err := shared.dir.open(); err != nil {
		return nil, failure("Unreadable fleet", "%s can't be opened: %v.", shared.dir.path, err)
	}
	own := &loader{options: shared.options, dir: shared.dir, files: shared.files, scope: shared.scope}
	if slices.ContainsFunc(records, func(r order.Record) bool { return r.Order.Sensitive != 0 }) {
		own.scope.secretiveOrders = true // in the files that they were bought by
	}
	return &evaluator{late: w, l: own, records: records}, nil
}

func (e *evaluator) close() { _ = e.l.dir.close() }

// all evaluates every output and check.
func (e *evaluator) all() Evaluated {
	all := Evaluated{Outputs: e.evaluateOutputs(nil)}
	for _, b := range e.checks {
		if !e.evaluateCheck(b) {
			all.Undecided = append(all.Undecided, b.name)
		}
	}
	return all
}

// evaluateOutputs evaluates the named outputs, or all without names.
func (e *evaluator) evaluateOutputs(names []string) []Output {
	var evaluated []Output
	for _, b := range e.outputs {
		if len(names) > 0 && !slices.Contains(names, b.name) {
			continue
		}
		if o, ok := e.evaluateOutput(b); ok {
			evaluated = append(evaluated, o)
		}
	}
	return evaluated
}

// contextFor returns what expressions are evaluated in: of the orders, it has those alone that they name.
func (e *evaluator) contextFor(exprs ...hcl.Expression) *hcl.EvalContext {
	used := e.usesIn(exprs)
	if len(used) == 0 {
		return e.l.scope.context
	}
	values := make(map[string]cty.Value, len(used))
	for name, u := range used {
		values[name] = e.blockValue(name, u)
	}
	ctx := e.l.scope.context.NewChild()
	ctx.Variables = map[string]cty.Value{"order": cty.ObjectVal(values)}
	return ctx
}
