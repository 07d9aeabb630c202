package fleet

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// parseAll reads and parses files on all cores. The result has a body for each, nil where there is nothing to use.
func (l *loader) parseAll(paths []string) []hcl.Body {
	bodies := make([]hcl.Body, len(paths))
	onAllCores(len(paths), func(i int) { bodies[i] = l.parse(paths[i]) })
	return bodies
}

// parse reads and parses one fleet or vars file. It returns nil after reporting why there is nothing to use.
func (l *loader) parse(path string) hcl.Body {
	text, ok := l.read(path)
	if !ok {
		return nil
	}
	file, diags := parseText(text, path)
	l.report(diags...)
	l.keep(path, file)
	if diags.HasErrors() {
		return nil
	}
	return file.Body
}

// parseText parses what a fleet or vars file holds. The file that it returns has the text even when there are errors, for
// a mistake's snippet is wanted even then; only without errors has it a body.
func parseText(text []byte, path string) (*hcl.File, hcl.Diagnostics) {
	source := &hcl.File{Bytes: text}
	if at := notText(text, path); at != nil {
		return source, hcl.Diagnostics{mistake(*at, "Not a text file", "%s is not UTF-8 text: save it in that encoding, or see that it is the right file.", path)}
	}
	isJSON := strings.HasSuffix(path, ".json")
	if at := tooDeep(text, path, isJSON); at != nil {
		return source, hcl.Diagnostics{tooDeepMistake(*at)}
	}
	parse := json.Parse
	if !isJSON {
		parse = func(src []byte, filename string) (*hcl.File, hcl.Diagnostics) {
			return hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
		}
	}
	file, diags := parse(text, path)
	if diags.HasErrors() || file == nil {
		return source, syntaxMistakes(text, diags, isJSON)
	}
	return file, syntaxMistakes(text, diags, isJSON)
}

// parseExpression parses an expression that is in no file, under a name that stands for its origin.
func parseExpression(text, origin string) (hclsyntax.Expression, hcl.Diagnostics) {
	src := []byte(text)
	tokens, _ := hclsyntax.LexExpression(src, origin, hcl.InitialPos)
	if at := deepestToken(tokens, false); at != nil {
		return nil, hcl.Diagnostics{tooDeepMistake(*at)}
	}
	expr, diags := hclsyntax.ParseExpression(src, origin, hcl.InitialPos)
	return expr, syntaxMistakes(src, diags, false)
}

// notText returns where a file has its first byte that no UTF-8 text has, or nil. The parser would complain of each.
func notText(src []byte, filename string) *hcl.Range {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return rangeAt(src, i, filename)
		}
		i += size
	}
	return nil
}

func tooDeepMistake(at hcl.Range) *hcl.Diagnostic {
	return mistake(at, "Nested too deeply",
		"Blocks, brackets, strings and interpolations may nest %d deep, and an expression may chain %s operators. Split this one up with locals.",
		MaxNesting, thousands(MaxOperands))
}
