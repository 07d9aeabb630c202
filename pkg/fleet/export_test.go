package fleet

import (
	"maps"
	"slices"
)

// A BlockShape is what a block may hold, as tests compare it with docs/language.md.
type BlockShape struct {
	Attributes []string
	Blocks     map[string][]string // with their labels' names
	Free       bool                // any attribute, as in locals
}

// BlockShapes returns the shape of every block, by its type, or by its parent's and its own where the type alone is not
// enough. The shape of a file has the name "".
func BlockShapes() map[string]BlockShape {
	shapes := map[string]shape{
		"": fileShape, "fleet": headerShape, "variable": variableShape, "defaults": defaultsShape, "region": regionShape,
		"order": orderShape, "charge": chargeShape, "activity": activityShape, "rollout": rolloutShape,
		"precondition": preconditionShape, "validation": validationShape, "output": outputShape, "check": checkShape, "assert": assertShape,
		"lifecycle": lifecycleShape, "dynamic": dynamicShape, "moved": movedShape, "removed": removedShape, "import": importShape,
		"limits": limitsShape, "prices": pricesShape, "prices region": regionPricesShape, "spec": specShape, "wave": waveShape, "rollout region": regionRolloutShape,
	}
	found := map[string]BlockShape{"locals": {Free: true}, "content": {Free: true}}
	for name, s := range shapes {
		found[name] = BlockShape{Attributes: slices.Sorted(slices.Values(s.attributes)), Blocks: s.blocks}
	}
	return found
}

// FunctionNames returns the names of all functions that an expression may call.
func FunctionNames() []string {
	l := &loader{dir: &directory{}}
	return slices.Sorted(maps.Keys(l.functions()))
}

// Thousands writes a number as messages do.
func Thousands(n int) string { return thousands(n) }

// AttributesIn returns which attributes of a block's orders an expression is known to use, before and after it has its
// meters; nil is all.
func AttributesIn(text, block string) (before, after []string) {
	expr, _ := parseExpression(text, "")
	before = slices.Sorted(slices.Values(attributesIn(expr, block)))
	bounded, _ := withBounds(expr)
	return before, slices.Sorted(slices.Values(attributesIn(bounded, block)))
}
