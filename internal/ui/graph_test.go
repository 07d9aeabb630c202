package ui_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestGraphIsDOT reads what Graph prints as Graphviz would, with names that try to be more than names.
func TestGraphIsDOT(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(
			rapid.SampledFrom([]string{`a"b`, `a\`, `\n`, "a\nb", "]; x [", "order.gw", "", "ü -> y", `\\"`}),
			rapid.StringN(0, 6, -1),
		)
		g := fleet.Graph{}
		for range rapid.IntRange(0, 3).Draw(t, "nodes") {
			n := fleet.Node{Kind: fleet.NodeOrder, Name: name.Draw(t, "node"), Orders: rapid.IntRange(0, 2).Draw(t, "orders")}
			g.Nodes = append(g.Nodes, n)
			g.Edges = append(g.Edges, fleet.Edge{From: n.Name, To: name.Draw(t, "to"), Orders: n.Orders})
		}
		fleetName := name.Draw(t, "fleet")
		out, err := shown(0, false, func(v ui.View) { v.Graph(fleetName, g) })
		if err != "" {
			t.Fatal(err)
		}
		parsed, ok := parseDOT(out)
		if !ok {
			t.Fatalf("not DOT:\n%s", out)
		}
		var want []string
		for _, n := range g.Nodes {
			want = append(want, ui.SanitizeText(n.Name))
		}
		for _, e := range g.Edges {
			want = append(want, ui.SanitizeText(e.From)+" -> "+ui.SanitizeText(e.To))
		}
		if diff := cmp.Diff(want, parsed); diff != "" {
			t.Errorf("read from\n%s(-want +got):\n%s", out, diff)
		}
	})
}

// parseDOT reads the statements of a graph in the part of DOT that Graph uses: quoted names, edges, lists of attributes.
func parseDOT(text string) (statements []string, ok bool) {
	tokens, ok := dotTokens(text)
	if !ok || len(tokens) < 4 || tokens[0] != "digraph" || tokens[2] != "{" || tokens[len(tokens)-1] != "}" {
		return nil, false
	}
	for rest := tokens[3 : len(tokens)-1]; len(rest) > 0; {
		if rest[0] == "rankdir" {
			rest = rest[3:]
			continue
		}
		subject, isName := strings.CutPrefix(rest[0], `"`)
		if !isName {
			return nil, false
		}
		rest = rest[1:]
		if len(rest) > 1 && rest[0] == "->" {
			subject += " -> " + strings.TrimPrefix(rest[1], `"`)
			rest = rest[2:]
		}
		if len(rest) > 0 && rest[0] == "[" {
			for rest = rest[1:]; len(rest) > 3 && rest[1] == "=" && strings.HasPrefix(rest[2], `"`); {
				if rest = rest[3:]; rest[0] == "," {
					rest = rest[1:]
				}
			}
			if len(rest) == 0 || rest[0] != "]" {
				return nil, false
			}
			rest = rest[1:]
		}
		statements = append(statements, subject)
	}
	return statements, true
}

// dotTokens splits DOT; of a quoted name, the token begins with a quote and ends without.
func dotTokens(text string) (tokens []string, ok bool) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] != '"' {
			word := text[:max(1, len(text)-len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz->")))]
			tokens, text = append(tokens, word), text[len(word):]
			continue
		}
		var name strings.Builder
		name.WriteByte('"')
		i := 1
		for ; i < len(text) && text[i] != '"'; i++ {
			if text[i] != '\\' || i+1 == len(text) {
				name.WriteByte(text[i])
				continue
			}
			if i++; text[i] == 'n' {
				name.WriteByte('\n')
			} else {
				name.WriteByte(text[i])
			}
		}
		if i == len(text) {
			return nil, false
		}
		tokens, text = append(tokens, name.String()), text[i+1:]
	}
	return tokens, true
}

func TestGraphAsJSON(t *testing.T) {
	var got struct {
		Fleet string
		Nodes []struct {
			Kind, Name string
			Orders     int
		}
		Edges []struct {
			From, To string
			Orders   int
		}
	}
	text := jsonShown(func(v ui.View) {
		v.Graph("f", fleet.Graph{
			Nodes: []fleet.Node{{Kind: fleet.NodeOrder, Name: "order.a", Orders: 2}, {Kind: fleet.NodeRegion, Name: "region.b", Orders: 2}},
			Edges: []fleet.Edge{{From: "order.a", To: "region.b", Orders: 2}},
		})
	})
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{f [{order order.a 2} {region region.b 2}] [{order.a region.b 2}]}", fmt.Sprint(got)); diff != "" {
		t.Error(diff)
	}
}
