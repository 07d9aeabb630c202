package fleet

import (
	"bytes"
	stdjson "encoding/json"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// HCL's parser and evaluator recurse, and a Go stack that overflows ends the process: it can't be recovered. So
// everything is measured by its tokens, which are found without recursion, before it is parsed.

// tooDeep returns where a file nests deeper than may be parsed, or nil.
func tooDeep(src []byte, filename string, isJSON bool) *hcl.Range {
	if isJSON {
		return deepestJSON(src, filename)
	}
	if shallow(src) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	return deepestToken(tokens, true)
}

// An opening is a bracket, a string or an interpolation that is not closed yet.
type opening struct {
	closer   hclsyntax.TokenType
	operands int  // operators chained in it so far
	lines    bool // a newline ends the expression in it
}

var closers = map[hclsyntax.TokenType]hclsyntax.TokenType{
	hclsyntax.TokenOBrace:          hclsyntax.TokenCBrace,
	hclsyntax.TokenOBrack:          hclsyntax.TokenCBrack,
	hclsyntax.TokenOParen:          hclsyntax.TokenCParen,
	hclsyntax.TokenOQuote:          hclsyntax.TokenCQuote,
	hclsyntax.TokenOHeredoc:        hclsyntax.TokenCHeredoc,
	hclsyntax.TokenTemplateInterp:  hclsyntax.TokenTemplateSeqEnd,
	hclsyntax.TokenTemplateControl: hclsyntax.TokenTemplateSeqEnd,
}

// deepestToken returns the first token that is nested too deeply, or nil. A closer that doesn't match is passed over,
// so that broken files count as deeper than they are, never as less deep. lines tells whether a newline outside of
// brackets ends an expression.
func deepestToken(tokens hclsyntax.Tokens, lines bool) *hcl.Range {
	open := []opening{{lines: lines}}
	operands := 0 // of all openings: the parser's stack holds them all
	for i, t := range tokens {
		top := &open[len(open)-1]
		closer, opens := closers[t.Type]
		switch {
		case t.Type == top.closer && len(open) > 1:
			operands -= top.operands
			open = open[:len(open)-1]
		case t.Type == hclsyntax.TokenComma, t.Type == hclsyntax.TokenNewline && top.lines:
			operands -= top.operands
			top.operands = 0
		case opens:
			if stacks(t.Type) {
				top.operands++
				operands++
			}
			lines := t.Type == hclsyntax.TokenOBrace && !startsFor(tokens[i+1:])
			open = append(open, opening{closer: closer, lines: lines})
		case isOperator(t.Type):
			top.operands++
			operands++
		}
		if len(open) > MaxNesting || operands > MaxOperands {
			return &t.Range
		}
	}
	return nil
}

// stacks tells whether an opening can follow its own closer as a further operand: a[i][j], %{if}%{if}.
func stacks(t hclsyntax.TokenType) bool {
	return t == hclsyntax.TokenOBrack || t == hclsyntax.TokenTemplateControl
}

// startsFor tells whether an opened brace holds a for expression, in which newlines end nothing.
func startsFor(tokens hclsyntax.Tokens) bool {
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment {
			continue
		}
		return t.Type == hclsyntax.TokenIdent && string(t.Bytes) == "for"
	}
	return false
}

func isOperator(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenPercent,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenAnd, hclsyntax.TokenOr,
		hclsyntax.TokenBang, hclsyntax.TokenQuestion, hclsyntax.TokenDot:
		return true
	}
	return false
}

// deepestJSON measures JSON's own brackets, and the templates in its strings.
func deepestJSON(src []byte, filename string) *hcl.Range {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"':
			end := stringEnd(src, i)
			if deepTemplate(src[i:end], filename) {
				return rangeAt(src, i, filename)
			}
			i = end - 1
		}
		if depth > MaxNesting {
			return rangeAt(src, i, filename)
		}
	}
	return nil
}

// stringEnd returns the offset after the JSON string that starts at i.
func stringEnd(src []byte, i int) int {
	for i++; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(src)
}

// deepTemplate tells whether a JSON string's template, or the type expression that it may be, nests too deeply.
func deepTemplate(quoted []byte, filename string) bool {
	if len(quoted) <= MaxNesting {
		return false // too short to nest that deep
	}
	var text string
	if stdjson.Unmarshal(quoted, &text) != nil {
		return false // the parser says what is wrong with it
	}
	template, _ := hclsyntax.LexTemplate([]byte(text), filename, hcl.InitialPos)
	if deepestToken(template, false) != nil {
		return true
	}
	if bytes.ContainsAny(quoted, "$%") {
		return false
	}
	expression, _ := hclsyntax.LexExpression([]byte(text), filename, hcl.InitialPos)
	return deepestToken(expression, false) != nil
}

// rangeAt is the range of the byte at an offset.
func rangeAt(src []byte, offset int, filename string) *hcl.Range {
	line := bytes.Count(src[:offset], []byte("\n")) + 1
	column := offset - bytes.LastIndexByte(src[:offset], '\n')
	start := hcl.Pos{Line: line, Column: column, Byte: offset}
	end := hcl.Pos{Line: line, Column: column + 1, Byte: offset + 1}
	return &hcl.Range{Filename: filename, Start: start, End: end}
}

// Bounds of the data that jsondecode and yamldecode take.
const (
	maxDataNesting = 1000 // brackets open at one time
	maxDataIndent  = 4000 // columns before a line's first word, of which each of YAML's levels takes one at least
)

// tooDeepData tells whether JSON or YAML text nests deeper than may be decoded. It doesn't know strings, so it may
// count brackets in them: data with hundreds of unbalanced brackets is refused.
func tooDeepData(text string) bool {
	depth, indent, inIndent := 0, 0, true
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		switch c := text[i]; {
		case c == '\n':
			indent, inIndent = 0, true
		case inIndent && (c == ' ' || c == '-' || c == '?' || c == ':'):
			indent++
		default:
			inIndent = false
		}
		if depth > maxDataNesting || indent > maxDataIndent {
			return true
		}
	}
	return false
}
