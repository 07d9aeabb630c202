package fleet

import (
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
			values[name] = given{text: text, origin: "<" + environPrefix + name + ">"}
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
			values[v.Name] = given{text: v.Value, origin: "<--var " + v.Name + ">"}
		}
	}
	return values
}

func (l *loader) readVarsFile(d *document, path string, values map[string]given) {
	body := l.parse(path)
	if body == nil {
		return
	}
	if native, ok := body.(*hclsyntax.Body); ok && len(native.Blocks) > 0 {
		for _, b := range native.Blocks {
			l.report(mistake(b.TypeRange, "Block in a vars file",
				"A vars file only sets variables, as in env = \"prod\". Blocks belong in files whose names end in %s.", hclSuffix))
		}
		return
	}
	attributes, diags := body.JustAttributes()
	l.report(diags...)
	for name, a := range attributes {
		if d.variables[name] == nil {
			l.report(mistake(a.NameRange, "Undeclared variable", "The fleet declares no variable %q.%s",
				name, didYouMeanOneOf(name, variableNames(d), "variables")))
			continue
		}
		values[name] = given{expr: a.Expr}
	}
}

func variableNames(d *document) []string { return slices.Sorted(maps.Keys(d.variables)) }
