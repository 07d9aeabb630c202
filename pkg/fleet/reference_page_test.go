package fleet_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A documented is a row of a block's table in docs/language.md.
type documented struct{ name, typ, fallback, meaning string }

var (
	heading = regexp.MustCompile(`(?m)^###? (.+)$`)
	row     = regexp.MustCompile("(?m)^\\| `([\\w-]+)` \\| (.+) \\| (.+) \\| (.+) \\|$")
)

// documentedBlocks returns the tables of docs/language.md by their headings.
func documentedBlocks(t *testing.T) map[string][]documented {
	page := languagePage(t)
	blocks := map[string][]documented{}
	places := heading.FindAllStringSubmatchIndex(page, -1)
	for i, at := range places {
		end := len(page)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		name := page[at[2]:at[3]]
		blocks[name] = []documented{}
		for _, r := range row.FindAllStringSubmatch(page[at[1]:end], -1) {
			blocks[name] = append(blocks[name], documented{r[1], r[2], r[3], r[4]})
		}
	}
	return blocks
}

// blockName is the name of a block's section in docs/language.md, and of its shape.
func blockName(parent, block string) string {
	if qualified := parent + " " + block; hasShape(qualified) {
		return qualified
	}
	return block
}

func hasShape(name string) bool {
	_, ok := fleet.BlockShapes()[name]
	return ok
}

// TestTheReferenceIsComplete holds that docs/language.md has a section for every block, with a row for everything that
// the block may hold, and for nothing else. A block that is new needs its shape in BlockShapes, too.
func TestTheReferenceIsComplete(t *testing.T) {
	sections := documentedBlocks(t)
	for name, shape := range fleet.BlockShapes() {
		want := slices.Concat(shape.Attributes, slices.Collect(maps.Keys(shape.Blocks)))
		if name == "" {
			want = nil // its blocks have sections of their own
		}
		for block := range shape.Blocks {
			if !hasShape(blockName(name, block)) {
				t.Errorf("the block %s of %q has no shape", block, name)
			}
		}
		rows, ok := sections[name]
		if !ok && name != "" {
			t.Errorf("docs/language.md has no section %q", name)
			continue
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
			t.Errorf("docs/language.md, section %q (-language +page):\n%s", name, diff)
		}
	}
}

var functionRow = regexp.MustCompile("(?m)^\\| `(\\w+)\\([^`]*\\)` \\| .+ \\|$")

// TestTheReferenceNamesEveryFunction holds that docs/language.md lists the functions that there are, sorted.
func TestTheReferenceNamesEveryFunction(t *testing.T) {
	var listed []string
	for _, m := range functionRow.FindAllStringSubmatch(languagePage(t), -1) {
		listed = append(listed, m[1])
	}
	if diff := cmp.Diff(fleet.FunctionNames(), listed); diff != "" {
		t.Errorf("functions (-language +page):\n%s", diff)
	}
}

// TestTheReferenceNamesTheBounds holds the bounds of docs/language.md to those of the package.
func TestTheReferenceNamesTheBounds(t *testing.T) {
	page := languagePage(t)
	for _, bound := range []struct {
		of    string
		limit int
		unit  string
	}{
		{"fleet and vars files of a directory", fleet.MaxFiles, ""},
		{"bytes of a fleet or vars file", fleet.MaxFileSize >> 20, " MiB"},
		{"bytes of a file that an expression reads", fleet.MaxReadSize >> 20, " MiB"},
		{"orders of a fleet, without `max_orders` in its fleet block", fleet.DefaultMaxOrders, ""},
		{"orders of a fleet", fleet.MaxOrders, ""},
		{"prices of a fleet", order.MaxPrices, ""},
		{"blocks, brackets, strings and interpolations open at one time", fleet.MaxNesting, ""},
		{"operators that one expression chains", fleet.MaxOperands, ""},
		{"values of a YAML text with aliases, these written out", fleet.MaxAliased, ""},
		{"bytes of a text that an expression makes", fleet.MaxText >> 20, " MiB"},
		{"bits of a number", fleet.MaxBits, ""},
		{"turns of loops and elements of results in an expression, or values of a local, and 8 more for each byte of the fleet's files", fleet.MaxSteps, ""},
		{"values of an output, and of a result in the console", fleet.MaxShownValues, ""},
		{"bytes of its texts", fleet.MaxShownText >> 20, " MiB"},
	} {
		want := fmt.Sprintf("| %s | %s%s |", bound.of, fleet.Thousands(bound.limit), bound.unit)
		if !strings.Contains(page, want) {
			t.Errorf("docs/language.md lacks the row %s", want)
		}
	}
}
