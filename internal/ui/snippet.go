package ui

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// A snippet is the line that a diagnostic is about, cut in three.
type snippet struct {
	before, subject, after string // as they stand in the file
	line                   int
	block                  string // what the line stands in, such as order "gw"; may be empty
}

// findSnippet looks the subject up in its file; false where the file or the place is not there.
func findSnippet(d *hcl.Diagnostic, files map[string]*hcl.File) (snippet, bool) {
	if d.Subject == nil || files[d.Subject.Filename] == nil {
		return snippet{}, false
	}
	file := files[d.Subject.Filename]
	start, end := d.Subject.Start.Byte, d.Subject.End.Byte
	if start < 0 || start > len(file.Bytes) || len(file.Bytes) == 0 {
		return snippet{}, false
	}
	lineStart := bytes.LastIndexByte(file.Bytes[:start], '\n') + 1
	lineEnd := len(file.Bytes)
	if i := bytes.IndexByte(file.Bytes[start:], '\n'); i >= 0 {
		lineEnd = start + i
	}
	end = min(max(end, start), lineEnd) // of a subject of several lines, the first is shown
	s := snippet{
		before:  string(file.Bytes[lineStart:start]),
		subject: string(file.Bytes[start:end]),
		after:   strings.TrimRight(string(file.Bytes[end:lineEnd]), "\r"),
		line:    d.Subject.Start.Line,
	}
	if nav, ok := file.Nav.(interface{ ContextString(offset int) string }); ok {
		s.block = nav.ContextString(start)
	}
	return s, true
}

// shown returns the three parts as they may be shown in width columns; 0 is any width. Of a long line the part around
// the subject stays.
func (s snippet) shown(width int) (before, subject, after string) {
	before, subject, after = showSource(s.before), showSource(s.subject), showSource(s.after)
	if width <= 0 || widthOf(before)+widthOf(subject)+widthOf(after) <= width {
		return before, subject, after
	}
	if keep := width / 3; widthOf(before) > keep {
		before = ellipsis + takeRight(before, keep-1)
	}
	subject = shorten(subject, width-widthOf(before))
	after = shorten(after, width-widthOf(before)-widthOf(subject))
	return before, subject, after
}

// showSource sanitizes a part of a line; tabs become spaces, so that the underline stands where it should.
func showSource(s string) string { return Sanitize(strings.ReplaceAll(s, "\t", "    ")) }

// An element is the key of the for_each or count element that a diagnostic arose in.
type element struct{ traversal, value string }

// elementOf looks for each.key or count.index where the expression was evaluated.
func elementOf(d *hcl.Diagnostic) (element, bool) {
	for ctx := d.EvalContext; ctx != nil; ctx = ctx.Parent() {
		if key, ok := scalarAt(ctx.Variables["each"], "key"); ok {
			return element{"each.key", key}, true
		}
		if index, ok := scalarAt(ctx.Variables["count"], "index"); ok {
			return element{"count.index", index}, true
		}
	}
	return element{}, false
}

func scalarAt(v cty.Value, attribute string) (string, bool) {
	if v == cty.NilVal || v.IsMarked() || !v.IsKnown() || v.IsNull() ||
		!v.Type().IsObjectType() || !v.Type().HasAttribute(attribute) {
		return "", false
	}
	v = v.GetAttr(attribute)
	if v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return strconv.Quote(v.AsString()), true
	case cty.Number:
		i, accuracy := v.AsBigFloat().Int64()
		return strconv.FormatInt(i, 10), accuracy == big.Exact && i < math.MaxInt32
	}
	return "", false
}

// offsets are where the subject stands in the snippet's line, in characters, for readers of JSON.
func (s snippet) offsets() (start, end int) {
	start = utf8.RuneCountInString(s.before)
	return start, start + utf8.RuneCountInString(s.subject)
}
