package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ what, before, after string }{
		{"indents", "a {\nb {\n\tc=1\n      }\n}\n", "a {\n  b {\n    c = 1\n  }\n}\n"},
		{"aligns equals signs and comments", "a=1 # one\nlonger = 22# two\n", "a      = 1  # one\nlonger = 22 # two\n"},
		{"leaves blank lines", "a = 1\n\n\n\nbb = 2\n", "a = 1\n\n\n\nbb = 2\n"},
		{"leaves heredocs", "a = <<-EOT\n   x\n\ty ${ z }\n  EOT\n", "a = <<-EOT\n   x\n\ty ${z}\n  EOT\n"},
		{"leaves line ends", "a=1\r\nb=2\r\n", "a = 1\r\nb = 2\r\n"},
		{"drops a byte order mark", "\ufeffa=1\n", "a = 1\n"},
		{"drops space at line ends", "a = 1  \n  \n", "a = 1\n\n"},
		{"adds no line end", "a=1", "a = 1"},
		{"tells a minus from a sign", "a=1-1\nb=-1\nc=[-1,- 1]\n", "a = 1 - 1\nb = -1\nc = [-1, -1]\n"},
		{"makes one number of no two", "a=b.0 .1\n", "a=b.0 .1\n"},
		{"has nothing to do", "", ""},
	} {
		got, diags := fleet.Format([]byte(c.before), "a.fleet.hcl")
		if diff := cmp.Diff(c.after, string(got)); diff != "" || diags.HasErrors() {
			t.Errorf("%s: %v\n%s", c.what, diags, diff)
		}
	}
}

func TestFormatRefusesWhatDoesNotParse(t *testing.T) {
	for what, text := range map[string]string{
		"syntax": "a = {", "depth": "a = " + strings.Repeat("(", 10_000), "text": "a = \"\x00\xff\"",
	} {
		got, diags := fleet.Format([]byte(text), "a.fleet.hcl")
		if got != nil || !diags.HasErrors() || diags[0].Subject == nil {
			t.Errorf("%s: %q, %v", what, got, diags)
		}
	}
}

// TestFormatChangesNoMeaning spaces fleets in ways of its own: each has the layout of the fleet that it was made from, of
// the same tokens, and laid out again it stays as it is.
func TestFormatChangesNoMeaning(t *testing.T) {
	var texts []string
	for _, pattern := range []string{"testdata/diagnostics/*.fleet.hcl", "testdata/fleets/*/*.hcl", "../../examples/fleets/*/*.hcl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, diags := fleet.Format(text, path); !diags.HasErrors() {
				texts = append(texts, string(text))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "text")
		want, _ := fleet.Format([]byte(text), "a.fleet.hcl")
		spaced := respaced(t, text)
		got, diags := fleet.Format([]byte(spaced), "a.fleet.hcl")
		if diff := cmp.Diff(string(want), string(got)); diff != "" || diags.HasErrors() {
			t.Fatalf("%q has another layout (-want +got): %v\n%s", spaced, diags, diff)
		}
		if diff := cmp.Diff(tokens(text), tokens(string(got))); diff != "" {
			t.Fatalf("tokens changed:\n%s", diff)
		}
		if again, _ := fleet.Format(got, "a.fleet.hcl"); string(again) != string(got) {
			t.Fatalf("laid out again, it changes:\n%s", cmp.Diff(string(got), string(again)))
		}
	})
}

// respaced is the text with other white space: wherever there is some, and where lines begin.
func respaced(t *rapid.T, text string) string {
	var b strings.Builder
	end, atLineStart := 0, true
	lexed, _ := hclsyntax.LexConfig([]byte(text), "", hcl.InitialPos)
	for _, token := range lexed {
		switch gap := token.Range.Start.Byte - end; {
		case atLineStart && token.Type != hclsyntax.TokenEOF:
			b.WriteString(rapid.SampledFrom([]string{"", " ", "\t", "       "}).Draw(t, "indent"))
		case gap > 0:
			b.WriteString(rapid.SampledFrom([]string{" ", "\t", "   "}).Draw(t, "gap"))
		}
		b.Write(token.Bytes)
		end = token.Range.End.Byte
		atLineStart = token.Type == hclsyntax.TokenNewline || token.Type == hclsyntax.TokenComment && strings.HasSuffix(string(token.Bytes), "\n")
	}
	return b.String()
}

func tokens(text string) []string {
	var found []string
	lexed, _ := hclsyntax.LexConfig([]byte(text), "", hcl.InitialPos)
	for _, token := range lexed {
		found = append(found, token.Type.String()+" "+string(token.Bytes))
	}
	return found
}
