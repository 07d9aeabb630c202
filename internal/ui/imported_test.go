package ui_test

import (
	"fmt"
	"testing"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// pairOf is o with so many instances of that spec.
func pairOf(o order.Order, instances int, spec string) reconcile.Pair {
	p := reconcile.Pair{Order: o, Attempt: 1}
	for n := range instances {
		p.Instances = append(p.Instances, reconcile.Instance{BID: fmt.Sprintf("bid-%s-%d", o.Address.Name, n), Spec: spec, Desc: o.Desc})
	}
	return p
}

func everyPair() []reconcile.Pair {
	gw, branch := wish("order.gw"), wish(`order.branch["beijing-chaoyang-east-gate"]`)
	return []reconcile.Pair{pairOf(branch, 3, branch.Spec), pairOf(gw, 1, "\x1b[31mred")}
}

func TestImportText(t *testing.T) {
	for _, width := range []int{0, 80, 200} {
		out, _ := shown(width, false, func(v ui.View) {
			v.Importing(everyPair())
			v.Imported(2, 4)
		})
		golden(t, fmt.Sprintf("import-%d.txt", width), out)
		checkWidth(t, out, width)
	}
}

func TestImportJSON(t *testing.T) {
	golden(t, "import.json", events(t, func(v ui.View) {
		v.Importing(everyPair())
		v.Imported(2, 4)
	}))
}
