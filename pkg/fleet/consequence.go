package fleet

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A misspelt attribute is a mistake; that its block lacks the attribute that was meant is none beside it.

// A blockLine is where a block's body begins, which is where its header ends.
type blockLine struct {
	file string
	line int
}

// misspelt notes which name was probably meant by another in a body.
func (l *loader) misspelt(body *hclsyntax.Body, meant string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := blockLine{body.SrcRange.Filename, body.SrcRange.Start.Line}
	if l.meant == nil {
		l.meant = map[blockLine][]string{}
	}
	l.meant[at] = append(l.meant[at], meant)
}

// ofLack are the mistakes of blocks that lack something, reported at their headers.
var ofLack = map[string]bool{
	"Missing required attribute": true, "Output without a value": true, "Incomplete condition": true, "Check without an assert": true,
	"Incomplete dynamic block": true, "Missing address": true, "Empty price": true, "Empty region block": true, "Import of no one instance": true,
}

// isConsequence tells whether a diagnostic says that a block lacks what is misspelt in it.
func (l *loader) isConsequence(d *hcl.Diagnostic) bool {
	if d.Subject == nil || !ofLack[d.Summary] {
		return false
	}
	return slices.ContainsFunc(l.meant[blockLine{d.Subject.Filename, d.Subject.End.Line}], func(name string) bool {
		return slices.Contains(strings.FieldsFunc(d.Detail, notInName), name)
	})
}

func notInName(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }
