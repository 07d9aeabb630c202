package fleet

import (
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pureFunctions depend on their arguments alone.
var pureFunctions = map[string]function.Function{
	"abs":                    stdlib.AbsoluteFunc,
	"alltrue":                quantifier(false),
	"anytrue":                quantifier(true),
	"base64decode":           base64DecodeFunction,
	"base64encode":           base64EncodeFunction,
	"can":                    tryfunc.CanFunc,
	"ceil":                   stdlib.CeilFunc,
	"chomp":                  stdlib.ChompFunc,
	"chunklist":              stdlib.ChunklistFunc,
	"coalesce":               coalesceFunction,
	"coalescelist":           stdlib.CoalesceListFunc,
	"compact":                stdlib.CompactFunc,
	"concat":                 stdlib.ConcatFunc,
	"contains":               stdlib.ContainsFunc,
	"csvdecode":              ofText(stdlib.CSVDecodeFunc, withoutByteOrderMark, nil),
	"distinct":               stdlib.DistinctFunc,
	"element":                stdlib.ElementFunc,
	"endswith":               textTest(strings.HasSuffix, "suffix"),
	"flatten":                stdlib.FlattenFunc,
	"floor":                  stdlib.FloorFunc,
	"format":                 stdlib.FormatFunc,
	"formatdate":             stdlib.FormatDateFunc,
	"formatlist":             stdlib.FormatListFunc,
	"hasindex":               stdlib.HasIndexFunc,
	"indent":                 stdlib.IndentFunc,
	"index":                  indexFunction,
	"int":                    stdlib.IntFunc,
	"issensitive":            isSensitiveFunction,
	"join":                   stdlib.JoinFunc,
	"jsondecode":             ofText(stdlib.JSONDecodeFunc, boundedData, boundedValue),
	"jsonencode":             stdlib.JSONEncodeFunc,
	"keys":                   stdlib.KeysFunc,
	"length":                 lengthFunction,
	"log":                    stdlib.LogFunc,
	"lookup":                 stdlib.LookupFunc,
	"lower":                  stdlib.LowerFunc,
	"max":                    stdlib.MaxFunc,
	"merge":                  stdlib.MergeFunc,
	"min":                    stdlib.MinFunc,
	"nonsensitive":           nonsensitiveFunction,
	"one":                    oneFunction,
	"parseint":               stdlib.ParseIntFunc,
	"pow":                    stdlib.PowFunc,
	"range":                  stdlib.RangeFunc,
	"regex":                  stdlib.RegexFunc,
	"regexall":               stdlib.RegexAllFunc,
	"regexreplace":           stdlib.RegexReplaceFunc,
	"replace":                replaceFunction,
	"reverse":                stdlib.ReverseListFunc,
	"sensitive":              sensitiveFunction,
	"setintersection":        stdlib.SetIntersectionFunc,
	"setproduct":             stdlib.SetProductFunc,
	"setsubtract":            stdlib.SetSubtractFunc,
	"setsymmetricdifference": stdlib.SetSymmetricDifferenceFunc,
	"setunion":               stdlib.SetUnionFunc,
	"signum":                 stdlib.SignumFunc,
	"slice":                  stdlib.SliceFunc,
	"sort":                   stdlib.SortFunc,
	"split":                  stdlib.SplitFunc,
	"startswith":             textTest(strings.HasPrefix, "prefix"),
	"strcontains":            textTest(strings.Contains, "part"),
	"strlen":                 stdlib.StrlenFunc,
	"strrev":                 stdlib.ReverseFunc,
	"sum":                    sumFunction(),
	"substr":                 stdlib.SubstrFunc,
	"timeadd":                stdlib.TimeAddFunc,
	"title":                  stdlib.TitleFunc,
	"tobool":                 stdlib.MakeToFunc(cty.Bool),
	"tolist":                 collect(cty.List(cty.DynamicPseudoType)),
	"tomap":                  collect(cty.Map(cty.DynamicPseudoType)),
	"tonumber":               stdlib.MakeToFunc(cty.Number),
	"toset":                  collect(cty.Set(cty.DynamicPseudoType)),
	"tostring":               stdlib.MakeToFunc(cty.String),
	"trim":                   stdlib.TrimFunc,
	"trimprefix":             stdlib.TrimPrefixFunc,
	"trimspace":              stdlib.TrimSpaceFunc,
	"trimsuffix":             stdlib.TrimSuffixFunc,
	"try":                    tryfunc.TryFunc,
	"upper":                  stdlib.UpperFunc,
	"values":                 stdlib.ValuesFunc,
	"yamldecode":             yamlDecode,
	"yamlencode":             yaml.YAMLEncodeFunc,
	"zipmap":                 stdlib.ZipmapFunc,
}

// linear is f, converting the elements of its collections one by one: HCL converts a tuple as a whole before the call, and
// looks for a common type of all pairs of its elements then.
func linear(f function.Function) function.Function {
	params, collections := f.Params(), false
	for i, p := range params {
		collections = collections || p.Type.IsCollectionType()
		params[i] = anyCollection(p)
	}
	rest := f.VarParam()
	if rest != nil {
		collections = collections || rest.Type.IsCollectionType()
		open := anyCollection(*rest)
		rest = &open
	}
	if !collections {
		return f
	}
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      params,
		VarParam:    rest,
		Type:        function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			converted := slices.Clone(args)
			for i, want := range wantedTypes(f, len(args)) {
				v, err := convertEach(args[i], want)
				if err != nil {
					return cty.NilVal, function.NewArgError(i, err)
				}
				converted[i] = v
			}
			return f.Call(converted)
		},
	})
}

// anyCollection is a parameter that takes a tuple or object for a collection.
func anyCollection(p function.Parameter) function.Parameter {
	if p.Type.IsCollectionType() {
		p.Type = cty.DynamicPseudoType
	}
	return p
}

// wantedTypes are the types of a call's n arguments.
func wantedTypes(f function.Function, n int) []cty.Type {
	types := make([]cty.Type, n)
	for i := range types {
		if params := f.Params(); i < len(params) {
			types[i] = params[i].Type
		} else {
			types[i] = f.VarParam().Type
		}
	}
	return types
}

// collect is the function that converts to a kind of collection. It does so element by element: see convertEach.
func collect(kind cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowNull: true}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, err := convertEach(args[0], kind)
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(0, "it can't be made a %s: %w", kind.FriendlyNameForConstraint(), err)
			}
			return v, nil
		},
	})
}

// ofText is a function of one text that sees it only after prepare, and whose result must pass check, if there is one.
func ofText(f function.Function, prepare func(string) (string, error), check func(cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		Type:        function.StaticReturnType(cty.DynamicPseudoType), // the text decides, and it is read once only
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := prepare(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			v, err := f.Call([]cty.Value{cty.StringVal(text)})
			if err == nil && check != nil {
				err = check(v)
			}
			return v, err
		},
	})
}

// withoutByteOrderMark lets a spreadsheet's CSV file have its first column under its own name.
func withoutByteOrderMark(text string) (string, error) {
	return strings.TrimPrefix(text, string(byteOrderMark)), nil
}

// boundedValue refuses data that nothing can be done with: numbers that can't be written out, and too much of it.
func boundedValue(v cty.Value) error { return checkSizeWithin(v, maxWalked, maxValueText) }

// boundedData refuses data that would overflow its decoder's stack.
func boundedData(text string) (string, error) {
	if tooDeepData(text) {
		return "", errors.New("it nests too deeply")
	}
	return withoutByteOrderMark(text)
}
