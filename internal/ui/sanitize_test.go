package ui_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestSanitize(t *testing.T) {
	tests := []struct{ in, line, text string }{
		{"plain", "plain", "plain"},
		{"", "", ""},
		{"北京 é ½", "北京 é ½", "北京 é ½"},
		{"full\u3000width", "full\u3000width", "full\u3000width"},
		{"red\x1b[31m", `red\x1b[31m`, `red\x1b[31m`},
		{"a\r\nb\tc", `a\r\nb\tc`, "a\\r\nb\\tc"},
		{"del\x7f c1\u009b", `del\x7f c1\u009b`, `del\x7f c1\u009b`},
		{"\u202egnp.exe", `\u202egnp.exe`, `\u202egnp.exe`},
		{"a\u2066b\u2069\u200f", `a\u2066b\u2069\u200f`, `a\u2066b\u2069\u200f`},
		{"zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`, `zero\u200bwidth\ufeff`},
		{"tag\U000e0041", `tag\U000e0041`, `tag\U000e0041`},
		{"cut \xe4\xba", "cut \ufffd\ufffd", "cut \ufffd\ufffd"},
		{"line\u2028sep", `line\u2028sep`, `line\u2028sep`},
	}
	for _, test := range tests {
		if got := ui.Sanitize(test.in); got != test.line {
			t.Errorf("Sanitize(%q) = %q, want %q", test.in, got, test.line)
		}
		if got := ui.SanitizeText(test.in); got != test.text {
			t.Errorf("SanitizeText(%q) = %q, want %q", test.in, got, test.text)
		}
	}
}

// TestJSONKeepsValues shows that escaping does not alter what scripts read.
func TestJSONKeepsValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("a<&>\"\\\x1b\u202e\u2028\U000e0041北\n\t"))).Draw(rt, "text")
		r := bought(wish("order.a", desc(text)))
		var got []struct{ Desc string }
		if err := json.Unmarshal([]byte(jsonShown(func(v ui.View) { v.StateList([]order.Record{r}) })), &got); err != nil {
			rt.Fatal(err)
		}
		if len(got) != 1 || got[0].Desc != text {
			rt.Errorf("wrote %q, read %q", text, got)
		}
	})
}
