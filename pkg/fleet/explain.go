package fleet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
)

// explain says what an expression's diagnostic leaves out: what there is instead of what was asked for, and what to write.
func explain(d *hcl.Diagnostic) *hcl.Diagnostic {
	detail := explanation(d)
	if detail == "" {
		return d
	}
	explained := *d
	explained.Detail = detail
	return &explained
}

// explanation is a better detail of a diagnostic, or "".
func explanation(d *hcl.Diagnostic) string {
	switch extra := d.Extra.(type) {
	case hclsyntax.FunctionCallUnknownDiagExtra:
		return noFunction(extra.CalledFunctionName(), functionNames(d.EvalContext))
	case hclsyntax.FunctionCallDiagExtra:
		if errors.As(extra.FunctionCallError(), new(function.PanicError)) { // as of pow(-1, 0.5), with a stack trace
			return "The function has no value for these arguments: one of them is not what it takes, or out of its range."
		}
	}
	switch d.Summary {
	case "Not enough function arguments", "Too many function arguments":
		return argumentsOf(d)
	case "Unsupported attribute", "Invalid index":
		return explainStep(d)
	case "Invalid template interpolation value":
		return explainInterpolation(d.Detail)
	case "Inconsistent conditional result types": // in HCL's words for types, of which users know one by another name
		return strings.NewReplacer("The true and false result expressions", "Both values of a choice", "consistent types", "one type", "tuple", "list").Replace(d.Detail)
	case "Invalid operand":
		return explainOperand(d)
	}
	return ""
}

// foreignFunctions are functions that other languages of this kind have, with what to write instead.
var foreignFunctions = map[string]string{
	"list":          "Write [a, b].",
	"map":           "Write { a = 1, b = 2 }.",
	"timestamp":     "Plans must not differ from one minute to the next: write the time, or give it by a variable.",
	"plantimestamp": "Plans must not differ from one minute to the next: write the time, or give it by a variable.",
	"uuid":          "Plans must not differ each time that they are made: write a name, or give it by a variable.",
	"fileset":       "A fleet reads files that it names, with file(…).",
	"filebase64":    "Write base64encode(file(…)).",
	"transpose":     "Write a for expression: { for k, v in … : v => k }.",
}

func noFunction(name string, names []string) string {
	detail := fmt.Sprintf("There is no function named %q.", name)
	if hint, ok := foreignFunctions[name]; ok {
		return detail + " " + hint
	}
	return detail + didYouMean(name, names)
}

// argumentsOf says how a function is called.
func argumentsOf(d *hcl.Diagnostic) string {
	call, ok := d.Expression.(*hclsyntax.FunctionCallExpr)
	if !ok {
		return ""
	}
	f, ok := functionsOf(d.EvalContext)[call.Name]
	if !ok {
		return ""
	}
	var params []string
	for _, p := range f.Params() {
		params = append(params, plainName(p.Name))
	}
	if rest := f.VarParam(); rest != nil {
		params = append(params, plainName(rest.Name)+"…")
	}
	return fmt.Sprintf("%s has %s here: write %s(%s).", call.Name, countedArguments(len(call.Args)), call.Name, strings.Join(params, ", "))
}

// plainName is what docs/language.md calls a function's parameter.
func plainName(parameter string) string {
	switch parameter {
	case "inputMap":
		return "map"
	case "str":
		return "text"
	}
	return parameter
}

func countedArguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return thousands(n) + " arguments"
}

func explainInterpolation(detail string) string {
	switch {
	case strings.Contains(detail, "is null"):
		return `This is null, which can't be part of a text. Write coalesce(…, "another text") for what stands there then.`
	case strings.Contains(detail, "have object"), strings.Contains(detail, "have map"):
		return "This is an object, and no text: write one of its attributes, or jsonencode(…)."
	case strings.Contains(detail, "have tuple"), strings.Contains(detail, "have list"), strings.Contains(detail, "have set"):
		return `This is a list, and no text: write join(", ", …), or one of its elements.`
	}
	return ""
}

func explainOperand(d *hcl.Diagnostic) string {
	_, isText := d.Expression.(*hclsyntax.TemplateExpr)
	switch {
	case strings.HasSuffix(d.Detail, "a number is required.") && isText:
		return `A number must stand here. Texts are put together in one: "${var.a}-${var.b}".`
	case strings.HasSuffix(d.Detail, "a number is required."):
		return "A number must stand here."
	case strings.HasSuffix(d.Detail, "a bool is required."):
		return "A condition must stand here, which is true or false."
	}
	return ""
}

// functionsOf returns the functions that a context offers.
func functionsOf(ctx *hcl.EvalContext) map[string]function.Function {
	for ; ctx != nil; ctx = ctx.Parent() {
		if ctx.Functions != nil {
			return ctx.Functions
		}
	}
	return nil
}

func functionNames(ctx *hcl.EvalContext) []string {
	return slices.Sorted(maps.Keys(functionsOf(ctx)))
}
