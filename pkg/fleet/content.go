package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A shape says what a block's body may hold. Once it is used, it must not be changed.
type shape struct {
	what       string              // how a detail names the block: "an order block"
	attributes []string            // names
	blocks     map[string][]string // names, with their labels' names
	hints      map[string]string   // what to write instead of other names
}

func (s shape) schema() *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, name := range s.attributes {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, name := range s.blockNames() {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: name, LabelNames: s.blocks[name]})
	}
	return schema
}

func (s shape) blockNames() []string {
	names := make([]string, 0, len(s.blocks))
	for name := range s.blocks {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// content returns what the body holds of its shape, after reporting everything else that it holds.
func (l *loader) content(body hcl.Body, s shape) *hcl.BodyContent {
	content, _ := l.wholeContent(body, s)
	return content
}

// wholeContent is content that also tells whether no block was left out for having the wrong labels.
func (l *loader) wholeContent(body hcl.Body, s shape) (*hcl.BodyContent, bool) {
	if o, ok := body.(overridden); ok {
		return o.wholeContent(l, s)
	}
	schema := s.schema()
	content, rest, diags := body.PartialContent(schema)
	for _, d := range diags {
		l.report(s.labelMistake(d))
	}
	whole := !diags.HasErrors()
	if native, ok := body.(*hclsyntax.Body); ok {
		l.reportUnknown(native, s)
		return content, whole
	}
	ownRanges(content.Blocks)
	leftover, diags := rest.JustAttributes()
	if diags.HasErrors() { // a JSON array of objects, whose leftovers only its own complaints name
		_, diags = body.Content(schema)
		l.report(diags...)
		return content, whole
	}
	for _, a := range leftover {
		l.report(s.unknown(a.Name, a.NameRange, itemProperty))
	}
	return content, whole
}

// ownRanges gives each of several blocks in one JSON array a place of its own, which is its end: the parser gives all of
// them that of the array.
func ownRanges(blocks hcl.Blocks) {
	sharing := map[hcl.Range]int{}
	for _, b := range blocks {
		sharing[b.DefRange]++
	}
	for _, b := range blocks {
		if sharing[b.DefRange] > 1 {
			b.DefRange = b.Body.MissingItemRange()
		}
	}
}

func (l *loader) reportUnknown(body *hclsyntax.Body, s shape) {
	for _, a := range body.Attributes {
		if !slices.Contains(s.attributes, a.Name) {
			l.report(s.unknown(a.Name, a.NameRange, itemAttribute))
			l.misspelt(body, closest(a.Name, s.names()))
		}
	}
	for _, b := range body.Blocks {
		if _, ok := s.blocks[b.Type]; !ok {
			l.report(s.unknown(b.Type, b.TypeRange, itemBlock))
			l.misspelt(body, closest(b.Type, s.names()))
		}
	}
}

// An item is what a body holds.
type item string

const (
	itemAttribute item = "attribute"
	itemBlock     item = "block"
	itemProperty  item = "property" // of JSON, which doesn't tell the two apart
)

// unknown says what is wrong with a name that the shape doesn't have.
func (s shape) unknown(name string, at hcl.Range, is item) *hcl.Diagnostic {
	_, isBlock := s.blocks[name]
	hint, hinted := s.hints[name]
	switch {
	case is == itemAttribute && isBlock:
		return mistake(at, "Block written as an attribute", "%s is a block: write %s { … }, without the equals sign.", name, name)
	case is == itemBlock && slices.Contains(s.attributes, name):
		return mistake(at, "Attribute written as a block", "%s is an attribute: write %s = …, with an equals sign.", name, name)
	case hinted:
		return mistake(at, "Unknown "+string(is), "%s has no %s %q. %s", capitalized(s.what), is, name, hint)
	}
	return mistake(at, "Unknown "+string(is), "%s has no %s %q.%s",
		capitalized(s.what), is, name, didYouMeanOneOf(name, s.names(), "names it may hold"))
}

// names are those of all attributes and blocks.
func (s shape) names() []string { return slices.Concat(s.attributes, s.blockNames()) }

func capitalized(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// single returns the only block of its type, after reporting the others, or nil.
func (l *loader) single(blocks hcl.Blocks, summary string) *hcl.Block {
	for _, b := range blocks[min(1, len(blocks)):] {
		l.report(duplicate(b.DefRange, summary, withArticle(b.Type)+" block", blocks[0].DefRange, "Merge the two"))
	}
	if len(blocks) == 0 {
		return nil
	}
	return blocks[0]
}

func withArticle(noun string) string {
	if strings.Contains("aeiou", noun[:1]) {
		return "an " + noun
	}
	return "a " + noun
}

// duplicate says that what is declared a second time.
func duplicate(at hcl.Range, summary, what string, first hcl.Range, advice string) *hcl.Diagnostic {
	return mistake(at, summary, "There is %s already, at %s. %s.", what, place(first), advice)
}

func quoted(kind, name string) string { return fmt.Sprintf("%s %q", kind, name) }
