package fleet

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"
)

// TestShallowIsRight holds that nothing is called shallow in which the lexer finds more nesting than may be parsed.
func TestShallowIsRight(t *testing.T) {
	pieces := []string{
		"(", ")", "{", "}", "[", "]", "\"", "\\\"", "\"a\"", "\\", "$", "${", "%{", "$${", "%%{", "~}", "#", "//", "/", "/*", "*/",
		"<", "<<", "<<E\n", "<<-E\n", "E\n", "\n", "\r", "\r\n", " ", ",", "a", "a = ", "1 + ", "!", "a.", "==", "é", "'", "`", "\x00",
		"order \"a\" {\n  az = \"b\" # (\n}\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		var src strings.Builder
		for range rapid.IntRange(1, 12).Draw(t, "parts") {
			part := rapid.SampledFrom(pieces).Draw(t, "piece")
			if rapid.Bool().Draw(t, "doubled") {
				part += rapid.SampledFrom(pieces).Draw(t, "second")
			}
			times := rapid.SampledFrom([]int{1, 1, 1, 2, MaxNesting - 1, MaxNesting, MaxOperands + 1}).Draw(t, "times")
			src.WriteString(strings.Repeat(part, times))
		}
		if !shallow([]byte(src.String())) {
			return
		}
		tokens, _ := hclsyntax.LexConfig([]byte(src.String()), "a.hcl", hcl.InitialPos)
		if at := deepestToken(tokens, true); at != nil {
			t.Fatalf("called shallow, too deep at %s:\n%.200q", at, src.String())
		}
	})
}

// TestPlainFleetsAreShallow holds that the shortcut is taken where it matters.
func TestPlainFleetsAreShallow(t *testing.T) {
	block := "order \"a\" {\n  az = \"cn-north-1a\" // (\n  quantity = 2 # {\n  charge {\n    duration = 1\n  }\n}\n"
	if !shallow([]byte(strings.Repeat(block, 2*MaxOperands))) {
		t.Error("a fleet of plain blocks is not called shallow")
	}
}
