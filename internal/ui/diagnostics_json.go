package ui

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
)

// Warning is a diagnostic without a place.
func (j *JSON) Warning(text string) {
	j.diagnostic(jsonDiagnostic{Severity: "warning", Summary: capital(text)})
	j.flush()
}

// Error is a diagnostic without a place; its detail is the error's hint.
func (j *JSON) Error(err error) {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		j.Diagnostics(diags, nil)
		return
	}
	j.diagnostic(jsonDiagnostic{Severity: "error", Summary: capital(err.Error()), Detail: hintOf(err)})
	j.flush()
}

type jsonDiagnostic struct {
	Severity string       `json:"severity"`
	Summary  string       `json:"summary"`
	Detail   string       `json:"detail"`
	Range    *jsonRange   `json:"range,omitempty"`
	Snippet  *jsonSnippet `json:"snippet,omitempty"`
}

type jsonRange struct {
	Filename string  `json:"filename"`
	Start    jsonPos `json:"start"`
	End      jsonPos `json:"end"`
}

type jsonPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type jsonSnippet struct {
	Context        *string     `json:"context"`
	Code           string      `json:"code"`
	StartLine      int         `json:"start_line"`
	HighlightStart int         `json:"highlight_start_offset"` // in characters of code
	HighlightEnd   int         `json:"highlight_end_offset"`
	Values         []jsonValue `json:"values"`
}

type jsonValue struct {
	Traversal string `json:"traversal"`
	Statement string `json:"statement"`
}

func (j *JSON) diagnostic(d jsonDiagnostic) {
	level, label := levelError, "Error: "
	if d.Severity == "warning" {
		level, label = levelWarn, "Warning: "
	}
	j.emit(struct {
		envelope
		Diagnostic jsonDiagnostic `json:"diagnostic"`
	}{newEnvelope(level, "diagnostic", label+d.Summary), d})
}

// Diagnostics prints one event each, in Terraform's shape.
func (j *JSON) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) {
	for _, d := range diags {
		j.diagnostic(diagnosticJSON(d, files))
	}
	j.flush()
}

func diagnosticJSON(d *hcl.Diagnostic, files map[string]*hcl.File) jsonDiagnostic {
	out := jsonDiagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = "warning"
	}
	if d.Subject != nil {
		out.Range = &jsonRange{d.Subject.Filename, jsonPos(d.Subject.Start), jsonPos(d.Subject.End)}
	}
	if s, ok := findSnippet(d, files); ok {
		out.Snippet = s.json(d)
	}
	return out
}

func (s snippet) json(d *hcl.Diagnostic) *jsonSnippet {
	start, end := s.offsets()
	out := &jsonSnippet{
		Code: s.before + s.subject + s.after, StartLine: s.line,
		HighlightStart: start, HighlightEnd: end, Values: []jsonValue{},
	}
	if s.block != "" {
		out.Context = &s.block
	}
	if e, ok := elementOf(d); ok {
		out.Values = append(out.Values, jsonValue{e.traversal, "is " + e.value})
	}
	return out
}
