package ui_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

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

// harmful are the characters that a terminal acts on, or that hide or turn text around.
func harmful(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp))
}

func TestNothingHarmfulIsPrinted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		evil := string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")) + rapid.String().Draw(rt, "text")
		o := wish("order.a", desc(evil), func(o *order.Order) { o.Spec, o.AZ, o.VPCID = evil, evil, evil }, region(evil))
		lost := doubtful(bought(o), o)
		lost.DoubtWhy.Message, lost.DoubtWhy.Code = evil, evil
		lost.Purchases[0].BuyID = evil
		show := func(v ui.View) {
			v.Plan(build([]order.Order{o}, nil), ui.Full)
			v.Plan(build([]order.Order{o}, []order.Record{lost}), ui.Full)
			v.Error(errors.New(evil))
			v.Warning(evil)
			v.Notice(evil)
			v.StateList([]order.Record{lost})
			v.StateShow(lost)
		}
		out, err := shown(80, false, show)
		jsonOut := jsonShown(show)
		for _, text := range []string{out, err, jsonOut} {
			if i := strings.IndexFunc(text, harmful); i >= 0 || !utf8.ValidString(text) {
				rt.Errorf("harmful at %d: %q", i, text)
			}
		}
	})
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
