package ui

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// Diagnostics shows each diagnostic with the line that it is about:
//
//	Error: Unknown attribute
//
//	  on main.fleet.hcl:12, in order "gw":
//	    12 │   quantiy = 2
//	       │   ^^^^^^^
//	  There is no attribute "quantiy" here. Did you mean "quantity"?
func (t *Text) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) {
	if len(diags) == 0 {
		return
	}
	t.apart()
	mistakes := 0
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			mistakes++
		}
		t.diagnostic(d, files)
	}
	if len(diags) > 1 {
		t.err.println(t.err.bold(fmt.Sprintf("%s, %s.", plural(mistakes, "error"), plural(len(diags)-mistakes, "warning"))))
	}
	t.flush(t.err)
}

func (t *Text) diagnostic(d *hcl.Diagnostic, files map[string]*hcl.File) {
	o := t.err
	t.headline(d.Severity, d.Summary)
	o.print("\n")
	if d.Subject != nil {
		s, found := findSnippet(d, files)
		o.print("  on ", o.bold(fmt.Sprintf("%s:%d", Sanitize(d.Subject.Filename), d.Subject.Start.Line)))
		if s.block != "" {
			o.print(", in ", Sanitize(s.block))
		}
		if e, ok := elementOf(d); ok {
			o.print(", ", e.traversal, " = ", Sanitize(e.value))
		}
		o.println(":")
		if found {
			t.snippet(s)
		}
	}
	t.paragraph(d.Detail)
	o.print("\n")
}

// headline prints Error: or Warning: and a text that begins with a capital.
func (t *Text) headline(s hcl.DiagnosticSeverity, summary string) {
	label := t.err.with(codeBold+";"+codeRed, "Error:")
	if s == hcl.DiagWarning {
		label = t.err.with(codeBold+";"+codeYellow, "Warning:")
	}
	lines := wrap(SanitizeText(capital(summary)), max(0, t.err.width()-len("Warning: ")))
	for i, line := range lines {
		if i == 0 {
			t.err.print(label, " ")
		} else {
			t.err.print("  ")
		}
		t.err.println(t.err.bold(line))
	}
}

// longestSource bounds what is shown of a line off a terminal, in columns.
const longestSource = 200

func (t *Text) snippet(s snippet) {
	o := t.err
	number := fmt.Sprintf("%6d", s.line)
	bar := " │ "
	room := longestSource
	if w := o.width(); w > 0 {
		room = w - len(number) - widthOf(bar)
	}
	before, subject, after := s.shown(room)
	o.println(o.dim(number+bar), before, o.bold(subject), after)
	underline := strings.Repeat("^", max(1, widthOf(strings.TrimRight(subject, " "))))
	o.println(o.dim(spaces(len(number))+bar), spaces(widthOf(before)), o.red(underline))
}

// paragraph prints a detail or a hint, indented and wrapped.
func (t *Text) paragraph(text string) {
	if text == "" {
		return
	}
	for _, line := range wrap(SanitizeText(text), max(0, t.err.width()-2)) {
		t.err.println(strings.TrimRight("  "+line, " "))
	}
}

// Error shows err in the form of a diagnostic. Diagnostics within it are shown as what they are.
func (t *Text) Error(err error) {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		t.Diagnostics(diags, nil)
		return
	}
	t.apart()
	t.headline(hcl.DiagError, err.Error())
	if hint := hintOf(err); hint != "" {
		t.err.print("\n")
		t.paragraph(hint)
	}
	t.flush(t.err)
}

// Warning shows text in the form of a diagnostic.
func (t *Text) Warning(text string) {
	t.apart()
	t.headline(hcl.DiagWarning, text)
	t.flush(t.err)
}

// hintOf returns what the error, or one that it wraps, knows to do.
func hintOf(err error) string {
	var h Hinter
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// capital makes a Go error's text a sentence's beginning, unless it begins with a name such as order.gw.
func capital(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(strings.TrimRight(word, ":,"), "./\\:_=\"[") {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
