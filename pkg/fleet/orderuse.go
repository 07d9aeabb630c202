package fleet

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A use says what expressions name of a block's orders, so that no more than that is made of 100,000 of them.
type use struct {
	whole      bool // all orders; keys don't matter then
	keys       map[order.Key]bool
	attributes []string // with whole: those that are named, sorted; nil is all
}

// usesIn returns what expressions name of orders, by block. References must have been checked.
func (w *late) usesIn(exprs []hcl.Expression) map[string]*use {
	used := map[string]*use{}
	for _, expr := range exprs {
		here := map[string]bool{}
		for _, t := range expr.Variables() {
			if t.RootName() == "order" {
				w.addUse(used, t)
				here[referredName(t)] = true
			}
		}
		for name := range here {
			used[name].add(attributesIn(expr, name))
		}
	}
	return used
}

func (w *late) addUse(used map[string]*use, t hcl.Traversal) {
	name := referredName(t)
	u := used[name]
	if u == nil {
		u = &use{keys: map[order.Key]bool{}, attributes: []string{}}
		used[name] = u
	}
	key, ok := w.keyIn(t)
	u.whole = u.whole || !ok
	if ok {
		u.keys[key] = true
	}
}

// add adds the attributes that a further expression names; nil is all.
func (u *use) add(attributes []string) {
	if attributes == nil || u.attributes == nil {
		u.attributes = nil
		return
	}
	u.attributes = slices.Compact(slices.Sorted(slices.Values(append(u.attributes, attributes...))))
}

// attributesIn returns the attributes that an expression names of a block's orders, or nil for all. It understands loops
// and splats over the block, whose orders go nowhere else: { for k, o in order.NAME : k => o.buy_id }.
func attributesIn(expr hcl.Expression, block string) []string {
	node, ok := expr.(hclsyntax.Node)
	if !ok {
		return nil // of JSON
	}
	found := map[string]bool{}
	understood, clear := 0, true
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr:
			if isBlock(n.CollExpr, block) {
				understood++
				clear = loopAttributes(n, found) && clear
			}
		case *hclsyntax.SplatExpr:
			if isBlock(n.Source, block) {
				understood++
				clear = splatAttribute(n, found) && clear
			}
		}
		return nil
	})
	for _, t := range expr.Variables() {
		switch {
		case t.RootName() != "order" || referredName(t) != block:
		case len(t) == 2:
			understood--
		default:
			clear = len(t) > 3 && addName(t[3], found) && clear
		}
	}
	if !clear || understood != 0 {
		return nil
	}
	return slices.AppendSeq([]string{}, maps.Keys(found))
}

// isBlock tells whether an expression is order.NAME.
func isBlock(expr hclsyntax.Expression, block string) bool {
	scope, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	return ok && len(scope.Traversal) == 2 && scope.Traversal.RootName() == "order" && referredName(scope.Traversal) == block
}

// loopAttributes adds the attributes that a loop names of its elements. It returns false if it uses one as a whole.
func loopAttributes(loop *hclsyntax.ForExpr, found map[string]bool) bool {
	clear := true
	for _, expr := range []hclsyntax.Expression{loop.KeyExpr, loop.ValExpr, loop.CondExpr} {
		if expr == nil {
			continue
		}
		_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
			if scope, ok := n.(*hclsyntax.ScopeTraversalExpr); ok && scope.Traversal.RootName() == loop.ValVar {
				clear = len(scope.Traversal) > 1 && addName(scope.Traversal[1], found) && clear
			}
			return nil
		})
	}
	return clear
}

// splatAttribute adds the attribute of NAME[*].ATTRIBUTE.
func splatAttribute(splat *hclsyntax.SplatExpr, found map[string]bool) bool {
	within := splat.Each
	if metered, ok := within.(*turn); ok {
		within = metered.Expression
	}
	each, ok := within.(*hclsyntax.RelativeTraversalExpr)
	if !ok {
		return false
	}
	_, ofItem := each.Source.(*hclsyntax.AnonSymbolExpr)
	return ofItem && len(each.Traversal) > 0 && addName(each.Traversal[0], found)
}

// addName adds the attribute that a step names. It returns false for an index, and for an attribute that orders don't
// have: the complaint about it names those that they do.
func addName(step hcl.Traverser, found map[string]bool) bool {
	name := stepName(step)
	if name == "" || !orderType.HasAttribute(name) {
		return false
	}
	found[name] = true
	return true
}
