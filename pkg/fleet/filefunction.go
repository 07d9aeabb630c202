package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sync"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// functions returns all functions. Those that read files stay inside the fleet's directory.
func (l *loader) functions() map[string]function.Function {
	reader := &reader{dir: l.dir, input: &l.input}
	all := maps.Clone(pureFunctions)
	for name, f := range all {
		all[name] = estimated(linear(f), estimates[name])
	}
	all["file"] = reader.fileFunction()
	all["fileexists"] = reader.fileExistsFunction()
	inTemplates := maps.Clone(all) // without templatefile: a template that renders itself would never end
	all["templatefile"] = reader.templateFileFunction(inTemplates)
	return all
}

// A reader reads files for expressions. It is used by several goroutines.
type reader struct {
	dir       *directory
	input     *input
	templates sync.Map // name -> hcl.Expression: a template is parsed once, not once for each order
}

func (r *reader) read(name string) (string, error) {
	text, err := r.dir.read(name, MaxReadSize)
	if err != nil {
		return "", unread(name, err)
	}
	r.input.read(len(text))
	return string(text), nil
}

var pathParameter = function.Parameter{Name: "path", Type: cty.String}

func (r *reader) fileFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{pathParameter},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := r.read(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			if err := checkText(text); err != nil {
				return cty.NilVal, function.NewArgErrorf(0, "%q can't be used: %w", args[0].AsString(), err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func (r *reader) fileExistsFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{pathParameter},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			_, info, err := r.dir.stat(args[0].AsString())
			if errors.Is(err, fs.ErrNotExist) {
				return cty.False, nil
			}
			if err != nil {
				return cty.NilVal, function.NewArgError(0, unread(args[0].AsString(), err))
			}
			return cty.BoolVal(info.Mode().IsRegular()), nil
		},
	})
}

func (r *reader) templateFileFunction(functions map[string]function.Function) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{pathParameter, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			expr, err := r.template(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			vars := args[1]
			if !vars.Type().IsObjectType() && !vars.Type().IsMapType() {
				return cty.NilVal, function.NewArgErrorf(1, "the template's variables must be an object, as in { name = each.key }")
			}
			v, diags := valueOf(expr, r.context(functions, vars))
			if diags.HasErrors() {
				return cty.NilVal, function.NewArgError(0, diags)
			}
			return asText(v)
		},
	})
}

// context is what a template may refer to.
func (r *reader) context(functions map[string]function.Function, vars cty.Value) *hcl.EvalContext {
	variables := map[string]cty.Value{inputName: cty.CapsuleVal(inputType, r.input)}
	maps.Copy(variables, vars.AsValueMap())
	return &hcl.EvalContext{Functions: functions, Variables: variables}
}

// template parses a template once.
func (r *reader) template(name string) (hcl.Expression, error) {
	if expr, ok := r.templates.Load(name); ok {
		return expr.(hcl.Expression), nil
	}
	text, err := r.read(name)
	if err != nil {
		return nil, err
	}
	tokens, _ := hclsyntax.LexTemplate([]byte(text), name, hcl.InitialPos)
	if at := deepestToken(tokens, false); at != nil {
		return nil, fmt.Errorf("%s nests too deeply", place(*at))
	}
	parsed, diags := hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	expr, _ := withBounds(parsed)
	r.templates.Store(name, expr)
	return expr, nil
}

// asText returns a template's result, which is a value of another type when the template is one interpolation.
func asText(v cty.Value) (cty.Value, error) {
	converted, err := convert.Convert(v, cty.String)
	if err != nil || converted.IsNull() {
		return cty.NilVal, function.NewArgErrorf(0, "the template's result is not text but %s", described(v))
	}
	return converted, nil
}

func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("it is not UTF-8 text; save it in that encoding, in Excel as CSV UTF-8")
	}
	return nil
}
