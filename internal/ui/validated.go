package ui

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Validated is what validate found of a fleet.
type Validated struct {
	Diagnostics hcl.Diagnostics
	Files       map[string]*hcl.File
	Unvalued    []string // variables that were checked by their types alone
}

func (v Validated) counts() (mistakes, warnings int) {
	for _, d := range v.Diagnostics {
		if d.Severity == hcl.DiagError {
			mistakes++
		} else {
			warnings++
		}
	}
	return mistakes, warnings
}

// Validated prints the diagnostics, and of a fleet without mistakes that it is valid.
func (t *Text) Validated(v Validated) {
	t.Diagnostics(v.Diagnostics, v.Files)
	mistakes, warnings := v.counts()
	if mistakes > 0 {
		return
	}
	t.out.print(t.out.green("The fleet is valid"))
	if warnings > 0 {
		t.out.print(", but for what is warned of")
	}
	t.out.println(".")
	if len(v.Unvalued) > 0 {
		text := fmt.Sprintf("Without a value, and so checked by type alone: var.%s.", strings.Join(v.Unvalued, ", var."))
		for _, line := range wrap(Sanitize(text), t.out.width()) {
			t.out.println(line)
		}
	}
	t.flush(t.out)
}

// Validated prints one object in the form of terraform validate -json.
func (j *JSON) Validated(v Validated) {
	mistakes, warnings := v.counts()
	diags := []jsonDiagnostic{}
	for _, d := range v.Diagnostics {
		diags = append(diags, diagnosticJSON(d, v.Files))
	}
	j.object(struct {
		Format      string           `json:"format_version"`
		Valid       bool             `json:"valid"`
		Errors      int              `json:"error_count"`
		Warnings    int              `json:"warning_count"`
		Diagnostics []jsonDiagnostic `json:"diagnostics"`
	}{"1.0", mistakes == 0, mistakes, warnings, diags})
}
