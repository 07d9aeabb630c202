package fleet_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
)

// TestLocalsInAnyOrder draws which local refers to which, in files of both syntaxes: each has the value that counting by
// hand gives it, or there is a cycle and it is reported.
func TestLocalsInAnyOrder(t *testing.T) {
	forms := []string{
		"local.%s", `local["%s"]`, "[local.%s][0]", "([{ x = local.%s }][*].x)[0]", "[for v in [local.%s] : v][0]",
		`tonumber("${local.%s}")`, `{ for k in ["x"] : k => local.%s }.x`, "try(local.%s, 0)", "(true ? local.%s : 0)", "max(local.%s)",
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "locals")
		refers := make([][]int, n)
		blocks := make([]map[string]string, 3) // of locals, name to expression; the last one is in JSON
		for i := range n {
			expr := "1"
			refers[i] = rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, 2, rapid.ID[int]).Draw(t, "refers to")
			for _, other := range refers[i] {
				expr += " + " + fmt.Sprintf(rapid.SampledFrom(forms).Draw(t, "form"), fmt.Sprintf("l%d", other))
			}
			in := rapid.IntRange(0, len(blocks)-1).Draw(t, "block")
			if blocks[in] == nil {
				blocks[in] = map[string]string{}
			}
			blocks[in][fmt.Sprintf("l%d", i)] = expr
		}
		f, mistakes := loadLocals(t, n, blocks)
		counts := make([]string, n)
		cyclic := false
		for i := range n {
			count, ok := countRefers(refers, i, 0)
			cyclic = cyclic || !ok
			counts[i] = strconv.Itoa(count)
		}
		switch want := strings.Join(counts, ","); {
		case cyclic && !strings.Contains(mistakes, "Cycle of locals"):
			t.Fatalf("the cycle is not reported: %v\n%s", refers, mistakes)
		case !cyclic && (mistakes != "" || f.Orders[0].Desc != want):
			t.Fatalf("want %s: %s%v", want, mistakes, f.Orders)
		}
	})
}

// countRefers is what a local comes to that is 1 and the sum of those it refers to; false if it refers to itself.
func countRefers(refers [][]int, i, depth int) (int, bool) {
	count, ok := 1, depth <= len(refers)
	for _, other := range refers[i] {
		if !ok {
			break
		}
		var more int
		more, ok = countRefers(refers, other, depth+1)
		count += more
	}
	return count, ok
}

// loadLocals loads a fleet of one order, whose desc has the values of n locals.
func loadLocals(t *rapid.T, n int, blocks []map[string]string) (fleet.Fleet, string) {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("local.l%d", i)
	}
	files := map[string]string{
		"main.fleet.hcl": fmt.Sprintf("%s\norder \"gw\" {\ndesc = join(\",\", [%s])\n}\n", minimal, strings.Join(names, ", ")),
	}
	for i, locals := range blocks {
		var native strings.Builder
		inJSON := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(locals)) {
			fmt.Fprintf(&native, "%s = %s\n", name, locals[name])
			inJSON[name] = "${" + locals[name] + "}"
		}
		files[fmt.Sprintf("l%d.fleet.hcl", i)] = "locals {\n" + native.String() + "}\n"
		if i+1 == len(blocks) {
			delete(files, fmt.Sprintf("l%d.fleet.hcl", i))
			text, err := json.Marshal(map[string]any{"locals": inJSON})
			if err != nil {
				t.Fatal(err)
			}
			files["last.fleet.json"] = string(text)
		}
	}
	return loadFiles(t, files)
}

// TestLongChainsOfLocals holds that neither a chain nor a cycle of many locals takes a stack, or a message, as long as it is.
func TestLongChainsOfLocals(t *testing.T) {
	const n = 5_000
	for end, want := range map[string]string{"1": "", "local.l0": "local.l11 -> 4,989 more -> local.l0."} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "l%d = local.l%d\n", i, i+1)
		}
		dir := writeFleet(t, "a.fleet.hcl", fmt.Sprintf("%s\norder \"gw\" {}\nlocals {\n%sl%d = %s\n}\n", minimal, text.String(), n, end))
		_, diags := fleet.Load(dir, fleet.Options{})
		if got := rendered(diags); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("with %s at its end: %s", end, got)
		}
	}
}
