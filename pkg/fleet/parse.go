package fleet

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// parse reads and parses one fleet or vars file. It returns nil after reporting why there is nothing to use.
func (l *loader) parse(path string) hcl.Body {
	text, ok := l.read(path)
	if !ok {
		return nil
	}
	l.files[path] = &hcl.File{Bytes: text} // a mistake's snippet is wanted even of a file that doesn't parse
	if at := notText(text, path); at != nil {
		l.report(mistake(*at, "Not a text file", "%s is not UTF-8 text: save it in that encoding, or see that it is the right file.", path))
		return nil
	}
	isJSON := strings.HasSuffix(path, ".json")
	if at := tooDeep(text, path, isJSON); at != nil {
		l.report(tooDeepMistake(*at))
		return nil
	}
	parse := json.Parse
	if !isJSON {
		parse = func(src []byte, filename string) (*hcl.File, hcl.Diagnostics) {
			return hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
		}
	}
	file, diags := parse(text, path)
	l.report(collapse(diags)...)
	if diags.HasErrors() || file == nil {
		return nil
	}
	l.files[path] = file
	return file.Body
}

// parseExpression parses an expression that is in no file, under a name that stands for its origin.
func (l *loader) parseExpression(text, origin string) hcl.Expression {
	src := []byte(text)
	l.files[origin] = &hcl.File{Bytes: src}
	tokens, _ := hclsyntax.LexExpression(src, origin, hcl.InitialPos)
	if at := deepestToken(tokens, false); at != nil {
		l.report(tooDeepMistake(*at))
		return nil
	}
	expr, diags := hclsyntax.ParseExpression(src, origin, hcl.InitialPos)
	l.report(collapse(diags)...)
	if diags.HasErrors() {
		return nil
	}
	return expr
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
