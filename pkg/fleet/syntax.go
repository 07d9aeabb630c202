package fleet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parser complains of whatever follows a mistake too, and in words of its own: of arguments, tokens and sequences. What
// follows here keeps the causes, and says them in the words of docs/language.md.

// syntaxMistakes are the parser's diagnostics of a text as users should see them.
func syntaxMistakes(text []byte, diags hcl.Diagnostics, isJSON bool) hcl.Diagnostics {
	kept := collapse(causes(diags, isJSON))
	for i, d := range kept {
		kept[i] = reworded(d, text)
	}
	return kept
}

// causes leaves out what the parser says because of another mistake: of a text that is not closed, which turns quotes round in
// the rest of the file, and of the rest of a line. Of JSON nothing after the first mistake can be relied upon.
func causes(diags hcl.Diagnostics, isJSON bool) hcl.Diagnostics {
	sorted := slices.Clone(diags)
	slices.SortStableFunc(sorted, comparePosition)
	var kept hcl.Diagnostics
	for i, d := range sorted {
		switch last := len(kept) - 1; {
		case isJSON && atItsStart[d.Summary] && i+1 < len(sorted):
		case last < 0 || d.Subject == nil || kept[last].Subject == nil:
			kept = append(kept, d)
		case isJSON && d.Subject.Start == kept[last].Subject.Start:
			kept[last] = d // it says what was expected there, and the one before what it is not
		case isJSON || endsEarly[kept[last].Summary]:
			return kept
		case d.Subject.Start.Line == kept[last].Subject.Start.Line:
			if d.Summary == "Invalid character" && kept[last].Summary != d.Summary {
				kept[last] = d
			}
		default:
			kept = append(kept, d)
		}
	}
	return kept
}

// atItsStart are what the JSON parser says of a whole value, before what is wrong in it.
var atItsStart = map[string]bool{"Root value must be object": true, "Unclosed object": true}

// endsEarly are the mistakes after which the parser takes texts for what is between them.
var endsEarly = map[string]bool{
	"Invalid multi-line string": true, "Unterminated template string": true, "Unclosed template interpolation sequence": true,
	"Extra characters after interpolation expression": true,
}

// A wording replaces a diagnostic of the parser.
type wording struct{ summary, detail string }

// wordings are for diagnostics by their summaries.
var wordings = map[string]wording{
	"Invalid multi-line string": {"Unclosed text",
		`A text in quotes ends on its line: write its closing quote. Write \n for a line end in it, or a text of several lines as <<-EOT … EOT.`},
	"Unclosed template interpolation sequence": {"Unclosed interpolation",
		"What begins with ${ here has no closing brace before the text's end. Write $${ where the text itself holds ${."},
	"Extra characters after interpolation expression": {"Unclosed interpolation",
		"What began with ${ must end before this, with a closing brace. Write $${ where the text itself holds ${."},
	"Argument or block definition required": {"Attribute or block expected",
		`An attribute is written name = value, and a block name { … }, its labels in quotes before the brace.`},
	"Invalid single-argument block definition": {"Block on one line",
		"A block on one line holds one attribute and ends on that line. Write each of several attributes on a line of its own, without commas."},
	"Missing newline after argument": {"Attribute without an end",
		"An attribute ends with its line, but something follows its value. Begin a new line; what a function or type is made of stands in parentheses, as in object({ … })."},
	"Missing newline after block definition": {"Block without an end",
		"Nothing may follow a block's closing brace on its line. Begin a new line."},
	"Unclosed configuration block": {"Unclosed block",
		"The file ends before this block does. Write its closing brace, or see which block further down lacks one: bastion-fleet can't tell."},
	"Invalid expression": {"Value expected",
		`Here a value must stand, such as "text", 3, true, ["a", "b"], { a = 1 } or var.NAME.`},
	"Missing expression": {"Value expected",
		`The text ends where a value must stand, such as "text", 3, true, ["a", "b"], { a = 1 } or var.NAME.`},
	"Missing item separator":                  {"Missing comma", "The elements of a list are separated by commas."},
	"Missing argument separator":              {"Missing comma", "The arguments of a function are separated by commas."},
	"Missing attribute separator":             {"Missing comma", "The elements of an object are separated by commas or line ends."},
	"Missing false expression in conditional": {"Incomplete choice", "A choice names both values: condition ? value : other value. Write null where there is nothing else."},
	"Invalid 'for' expression": {"Invalid for expression",
		"Write [for x in LIST : VALUE] for a list, or { for x in LIST : KEY => VALUE } for an object. A condition stands at the end: … if CONDITION]."},
	"Root value must be object":    {"Not an object", `A fleet in JSON is one object: { "fleet": { … }, "order": { … } }.`},
	"Invalid object property name": {"Invalid property name", `A property of a JSON object has its name in double quotes. JSON has no comments: write one as "//": "…".`},
	"Invalid start of value":       {"Value expected", `A JSON value is a text in double quotes, a number, true, false, null, [ … ] or { … }.`},
}

// reworded is a parser's diagnostic in the words of this language.
func reworded(d *hcl.Diagnostic, text []byte) *hcl.Diagnostic {
	said := *d
	if words, ok := wordings[d.Summary]; ok {
		said.Summary, said.Detail = words.summary, words.detail
	}
	switch {
	case d.Summary == "Argument or block definition required" && firstByte(text, d.Subject) == '}':
		said.Summary, said.Detail = "Brace too many", "This brace closes nothing: remove it, or write the one that opens a block before it."
	case d.Summary == "Unterminated template string":
		said.Summary, said.Detail = "Unclosed text", "This text has no end: write its closing quote."
		if opened := lastHeredoc(text, d.Subject); opened != nil {
			said.Subject, said.Context = opened, nil
			said.Detail = "This text has no end. One that begins with <<NAME ends with a line that holds NAME alone."
		}
	case d.Summary == "Invalid character" && strings.Contains(d.Detail, "Curly quotes"):
		said.Detail = `Texts stand in straight quotes: "…". Some programs for documents and mail make curly ones of them.`
	}
	return &said
}

// firstByte is the one that a range begins with, or 0.
func firstByte(text []byte, r *hcl.Range) byte {
	if r == nil || r.Start.Byte >= len(text) {
		return 0
	}
	return text[r.Start.Byte]
}

// lastHeredoc is where the text of several lines begins that a file ends in, or nil.
func lastHeredoc(text []byte, end *hcl.Range) *hcl.Range {
	if end == nil || !bytes.Contains(text, []byte("<<")) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(text, end.Filename, hcl.InitialPos)
	var opened *hcl.Range
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOHeredoc:
			opened = &t.Range
		case hclsyntax.TokenCHeredoc:
			opened = nil
		}
	}
	return opened
}

// labelMistake is what a body's parser says of a block's labels, in the words of the block's shape.
func (s shape) labelMistake(d *hcl.Diagnostic) *hcl.Diagnostic {
	_, block, found := strings.Cut(d.Summary, " for ")
	labels, known := s.blocks[block]
	if !found || !known {
		return d
	}
	said := *d
	switch {
	case block == "dynamic":
		said.Detail = `A dynamic block's label is the block that it makes: write dynamic "charge" { … }.`
	case len(labels) == 0:
		said.Detail = fmt.Sprintf("%s block has no label: write %s { … }.", capitalized(withArticle(block)), block)
	default:
		said.Detail = fmt.Sprintf("%s block has one label, its %s: write %s %q { … }.", capitalized(withArticle(block)), labels[0], block, labels[0])
	}
	return &said
}
