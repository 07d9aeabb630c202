package fleet

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Graph says what in a fleet gets its values from what. It has a node for each block and region, not for each order.
type Graph struct {
	Nodes []Node // by Name
	Edges []Edge // by From, then To
}

// A Node is a block or a region of a fleet.
type Node struct {
	Kind   NodeKind
	Name   string // as references have it: var.env, order.branch; of a region, region.ID
	Orders int    // of an order block or in a region; of a wave, those that it may take at most
}

// NodeKind says what a node stands for.
type NodeKind string

// The kinds of nodes. Of blocks that a fleet has once the kind is the name.
const (
	NodeVariable NodeKind = "variable"
	NodeLocal    NodeKind = "local"
	NodeDefaults NodeKind = "defaults"
	NodeRegion   NodeKind = "region"
	NodeOrder    NodeKind = "order"
	NodeOutput   NodeKind = "output"
	NodeCheck    NodeKind = "check"
	NodeRollout  NodeKind = "rollout"
	NodeWave     NodeKind = "wave"
	NodeLimits   NodeKind = "limits"
	NodePrices   NodeKind = "prices"
)

// An Edge leads from a node to one that it gets values from, and from a wave to the order blocks that it buys and to the wave
// before it.
type Edge struct {
	From, To string // names of nodes
	Orders   int    // from an order block to a region: its orders there; from a wave to an order block: what it may take of it at most
}

// LoadGraph reads a fleet as Load does, and returns what in it gets its values from what. It is empty when there are errors.
func LoadGraph(path string, o Options) (Graph, Fleet, hcl.Diagnostics) {
	l := &loader{options: o, files: map[string]*hcl.File{}}
	f, doc := l.load(path)
	f.Files = l.files
	if l.diags.HasErrors() || len(f.Unvalued) > 0 {
		return Graph{}, f, l.sorted()
	}
	return graphOf(doc, f), f, l.sorted()
}

// A grapher collects a graph's parts.
type grapher struct {
	nodes map[string]Node
	edges map[Edge]int // orders, by an edge without them
}

func graphOf(d *document, f Fleet) Graph {
	g := &grapher{nodes: map[string]Node{}, edges: map[Edge]int{}}
	for name := range d.variables {
		g.node(NodeVariable, "var."+name)
	}
	for name, v := range d.locals {
		g.refer(g.node(NodeLocal, "local."+name), v.attr)
	}
	g.once(NodeRollout, d.rollout.attributes()...)
	g.once(NodeLimits, slices.Collect(maps.Values(d.limits))...)
	g.once(NodePrices, d.prices.attributes()...)
	g.layers(d)
	g.orders(f.Orders)
	g.waves(d, f)
	g.late(f.late)
	return g.graph()
}

func (g *grapher) node(kind NodeKind, name string) string {
	if _, exists := g.nodes[name]; !exists {
		g.nodes[name] = Node{Kind: kind, Name: name}
	}
	return name
}

// once adds a block that a fleet has once, if it refers to anything.
func (g *grapher) once(kind NodeKind, attributes ...*hcl.Attribute) {
	if slices.ContainsFunc(attributes, func(a *hcl.Attribute) bool { return a != nil && len(a.Expr.Variables()) > 0 }) {
		g.refer(g.node(kind, string(kind)), attributes...)
	}
}

// refer adds edges to all that the attributes refer to; nil ones are passed over.
func (g *grapher) refer(from string, attributes ...*hcl.Attribute) {
	for _, a := range attributes {
		if a == nil {
			continue
		}
		for _, t := range a.Expr.Variables() {
			switch root := t.RootName(); root {
			case "var", "local", "order":
				g.edges[Edge{From: from, To: root + "." + referredName(t)}] += 0
			}
		}
	}
}

// layers adds the blocks that orders get their attributes from. An order gets them from its region, which gets them from
// defaults.
func (g *grapher) layers(d *document) {
	if d.defaults != nil {
		g.refer(g.node(NodeDefaults, string(NodeDefaults)), d.defaults.attributes()...)
	}
	for id, b := range d.regions {
		g.refer(g.region(id), b.attributes()...)
	}
	for name, b := range d.orders {
		from := g.node(NodeOrder, "order."+name)
		g.refer(from, b.layer.attributes()...)
		g.refer(from, b.forEach, b.count)
		g.conditions(from, b.preconditions)
	}
	for _, b := range d.imports {
		g.refer("order."+b.to.Name, b.region, b.bid, b.sourceID)
	}
}

func (g *grapher) region(id string) string {
	name := g.node(NodeRegion, "region."+id)
	if _, exists := g.nodes[string(NodeDefaults)]; exists {
		g.edges[Edge{From: name, To: string(NodeDefaults)}] = 0
	}
	return name
}

func (g *grapher) conditions(from string, all []condition) {
	for _, c := range all {
		g.refer(from, c.holds, c.message)
	}
}

// orders adds where the orders of each block are.
func (g *grapher) orders(orders []order.Order) {
	for i := range orders {
		o := &orders[i]
		block, region := "order."+o.Address.Name, g.region(o.Region)
		g.edges[Edge{From: block, To: region}]++
		g.count(block)
		g.count(region)
	}
}

// waves adds what each wave may take, the one of what remains included. What of that it takes is a plan's matter.
func (g *grapher) waves(d *document, f Fleet) {
	if len(f.Rollout.Waves) == 0 {
		return
	}
	names := make([]string, 0, len(f.Rollout.Waves)+1)
	for _, b := range d.rollout.waves {
		names = append(names, g.node(NodeWave, "wave."+b.name))
		g.refer("wave."+b.name, slices.Collect(maps.Values(b.attrs))...)
	}
	names = append(names, "wave."+order.RemainingWave)
	buys := map[Edge]int{}
	reach := reaches(f.Rollout.Waves, f.Orders, func(wave int, o *order.Order) {
		buys[Edge{From: g.node(NodeWave, names[wave]), To: "order." + o.Address.Name}]++
		g.count(names[wave])
	})
	for i, w := range f.Rollout.Waves {
		n := g.nodes[names[i]]
		n.Orders = min(n.Orders, reach[i].most(w))
		g.nodes[names[i]] = n
	}
	for e, orders := range buys {
		g.edges[e] = min(orders, g.nodes[e.From].Orders)
	}
	for i, name := range names[1:] {
		if _, exists := g.nodes[name]; exists {
			g.edges[Edge{From: name, To: names[i]}] = 0
		}
	}
}

// count counts an order of a node.
func (g *grapher) count(name string) {
	n := g.nodes[name]
	n.Orders++
	g.nodes[name] = n
}

func (g *grapher) late(w *late) {
	if w == nil {
		return
	}
	for _, o := range w.outputs {
		g.refer(g.node(NodeOutput, "output."+o.name), o.value)
	}
	for _, c := range w.checks {
		g.conditions(g.node(NodeCheck, "check."+c.name), c.asserts)
	}
}

func (g *grapher) graph() Graph {
	var found Graph
	found.Nodes = slices.SortedFunc(maps.Values(g.nodes), func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	for e, orders := range g.edges {
		found.Edges = append(found.Edges, Edge{e.From, e.To, orders})
	}
	slices.SortFunc(found.Edges, func(a, b Edge) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return found
}
