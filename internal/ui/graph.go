package ui

import (
	"fmt"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// Graph prints what gets its values from what, in the language of Graphviz.
func (t *Text) Graph(name string, g fleet.Graph) {
	o := t.out
	o.println("digraph ", dotText(name), " {")
	o.println("  rankdir = \"LR\"")
	for _, n := range g.Nodes {
		label := n.Name
		switch {
		case n.Orders > 0 && n.Kind == fleet.NodeWave:
			label += "\nup to " + plural(n.Orders, "order")
		case n.Orders > 0:
			label += "\n" + plural(n.Orders, "order")
		}
		o.println("  ", dotText(n.Name), " [label = ", dotText(label), ", shape = ", dotText(shapeOf(n.Kind)), "]")
	}
	for _, e := range g.Edges {
		label := ""
		if e.Orders > 0 {
			label = fmt.Sprintf(" [label = %s]", dotText(fmt.Sprint(e.Orders)))
		}
		o.println("  ", dotText(e.From), " -> ", dotText(e.To), label)
	}
	o.println("}")
	t.flush(o)
}

// shapeOf tells blocks that buy from those that hold values, those that show them, and the waves in which is bought.
func shapeOf(k fleet.NodeKind) string {
	switch k {
	case fleet.NodeOrder:
		return "box"
	case fleet.NodeWave:
		return "cds"
	case fleet.NodeRegion, fleet.NodeDefaults:
		return "folder"
	case fleet.NodeOutput, fleet.NodeCheck:
		return "note"
	default:
		return "ellipse"
	}
}

// dotText writes a text as Graphviz reads it: quoted, a line end as \n.
func dotText(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(Sanitize(line))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}

// Graph prints one object.
func (j *JSON) Graph(name string, g fleet.Graph) {
	out := jsonGraph{Fleet: name, Nodes: []jsonNode{}, Edges: []jsonEdge{}}
	for _, n := range g.Nodes {
		out.Nodes = append(out.Nodes, jsonNode(n))
	}
	for _, e := range g.Edges {
		out.Edges = append(out.Edges, jsonEdge(e))
	}
	j.object(out)
}

type jsonGraph struct {
	Fleet string     `json:"fleet"`
	Nodes []jsonNode `json:"nodes"`
	Edges []jsonEdge `json:"edges"`
}

type jsonNode struct {
	Kind   fleet.NodeKind `json:"kind"`
	Name   string         `json:"name"`
	Orders int            `json:"orders,omitempty"`
}

type jsonEdge struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Orders int    `json:"orders,omitempty"`
}
