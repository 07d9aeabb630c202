package fleet

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// yamlDecode is go-cty-yaml's function, without what a few lines of nested aliases do to it: decoded, they share their
// memory, but whatever looks at the value looks at each of its billions of parts.
var yamlDecode = function.New(&function.Spec{
	Description: yaml.YAMLDecodeFunc.Description(),
	Params:      yaml.YAMLDecodeFunc.Params(),
	Type:        function.StaticReturnType(cty.DynamicPseudoType), // the text decides, and it is read once only
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text, err := boundedData(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		v, err := yaml.Standard.Unmarshal([]byte(text), cty.DynamicPseudoType)
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		left := MaxAliased
		if strings.Contains(text, "*") && !fits(v, &left, MaxNesting) {
			return cty.NilVal, function.NewArgError(0, fmt.Errorf(
				"its aliases, written out, come to more than %s values or nest more than %d deep", thousands(MaxAliased), MaxNesting))
		}
		if err := boundedValue(v); err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		return v, nil
	},
})

// fits tells whether a value has no more parts than are left, and nests no deeper than depth. It stops where it doesn't.
func fits(v cty.Value, left *int, depth int) bool {
	if *left--; *left < 0 || depth < 0 {
		return false
	}
	if v.IsNull() || !v.CanIterateElements() {
		return true
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, element := it.Element(); !fits(element, left, depth-1) {
			return false
		}
	}
	return true
}
