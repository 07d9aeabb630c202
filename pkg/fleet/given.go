package fleet

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// environPrefix starts the names of environment variables that set variables.
const environPrefix = "BASTION_FLEET_VAR_"

// A given is a value for a variable: a text, or an expression in a vars file.
type given struct {
	source string // as a detail names where the value comes from
	text   string
	origin string // what stands for the text's file in diagnostics
	expr   hcl.Expression
}

// givenValues collects the strongest value for each variable. Weakest first: the environment, fleet.vars.hcl,
// *.auto.vars.hcl in name order, then --var and --var-file in command-line order.
func (l *loader) givenValues(d *document, varsFiles []string) map[string]given {
	values := map[string]given{}
	for _, entry := range l.options.Environ {
		name, text, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(name, environPrefix); ok && d.variables[name] != nil {
			variable := environPrefix + name
			values[name] = given{source: "the environment variable " + variable, text: text, origin: "<" + variable + ">"}
		}
	}
	for _, path := range varsFiles {
		l.readVarsFile(d, path, values)
	}
	for _, v := range l.options.Vars {
		switch {
		case v.File != "":
			l.readVarsFile(d, v.File, values)
		case d.variables[v.Name] == nil:
			l.report(failure("Undeclared variable", "--var sets %q, which the fleet does not declare.%s",
				v.Name, didYouMeanOneOf(v.Name, variableNames(d), "variables")))
		default:
			values[v.Name] = given{source: "--var " + v.Name, text: v.Value, origin: "<--var " + v.Name + ">"}
		}
	}
	return values
}

// readVarsFile takes the values that a vars file sets. Where one of them is a secret, nothing of it may be shown: neither
// its own text nor, as long as it is not known what the file's lines are, any of them.
func (l *loader) readVarsFile(d *document, path string, values map[string]given) {
	secrets := slices.ContainsFunc(slices.Collect(maps.Values(d.variables)), func(v *variable) bool { return v.sensitive })
	attributes, whole := l.varsFile(path)
	if !whole && secrets && l.files[path] != nil {
		l.keep(path, &hcl.File{})
	}
	var hidden []hcl.Range
	for _, a := range attributes {
		v := d.variables[a.Name]
		if v == nil {
			l.report(mistake(a.NameRange, "Undeclared variable", "The fleet declares no variable %q.%s",
				a.Name, didYouMeanOneOf(a.Name, variableNames(d), "variables")))
		} else {
			values[a.Name] = given{source: place(a.NameRange), expr: a.Expr}
		}
		if v == nil && secrets || v != nil && v.sensitive { // a name that is not declared may be a slip for a secret's
			hidden = append(hidden, a.Expr.Range())
		}
	}
	l.hide(path, hidden...)
}

// varsFile returns what a vars file sets, or false after reporting why it can't be told.
func (l *loader) varsFile(path string) (hcl.Attributes, bool) {
	body := l.parse(path)
	if body == nil {
		return nil, false
	}
	if native, ok := body.(*hclsyntax.Body); ok && len(native.Blocks) > 0 {
		for _, b := range native.Blocks {
			l.report(mistake(b.TypeRange, "Block in a vars file",
				"A vars file only sets variables, as in env = \"prod\". Blocks belong in files whose names end in %s.", hclSuffix))
		}
		return nil, false
	}
	attributes, diags := body.JustAttributes()
	l.report(diags...)
	return attributes, !diags.HasErrors()
}

// hide overwrites places in a file's text to the ends of their lines, as far as it is kept for snippets. Lines and columns
// stay what they are.
func (l *loader) hide(path string, places ...hcl.Range) {
	shown := l.files[path]
	if shown == nil || len(places) == 0 {
		return
	}
	hidden := *shown
	hidden.Bytes = bytes.Clone(shown.Bytes)
	slices.SortFunc(places, func(a, b hcl.Range) int { return cmp.Compare(a.Start.Byte, b.Start.Byte) })
	next := 0 // what is before it was looked at: a line may hold all of the places
	for _, at := range places {
		for next = max(next, at.Start.Byte); next < len(hidden.Bytes); next++ {
			lineEnd := hidden.Bytes[next] == '\n' || hidden.Bytes[next] == '\r'
			if lineEnd && next >= at.End.Byte {
				break
			}
			if !lineEnd {
				hidden.Bytes[next] = '*'
			}
		}
	}
	l.keep(path, &hidden)
}

func variableNames(d *document) []string { return slices.Sorted(maps.Keys(d.variables)) }
