package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Override files change what the fleet's other files declare, and declare nothing themselves: override.fleet.hcl and
// those whose names end in _override.fleet.hcl, and the same in JSON. They are merged last, in name order.

const overrideStem = "override"

// isOverride tells whether a fleet file of that name is an override file.
func isOverride(name string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, hclSuffix), jsonSuffix)
	return stem == overrideStem || strings.HasSuffix(stem, "_"+overrideStem)
}

// An overridden body is a block's as it was first written, with a stronger one over it. Nothing may read it but
// wholeContent: to others it looks as if nothing were over it.
type overridden struct {
	hcl.Body
	stronger hcl.Body
}

// wholeContent is what both bodies hold, the stronger one's attributes and blocks in place of the other's.
func (o overridden) wholeContent(l *loader, s shape) (*hcl.BodyContent, bool) {
	merged, whole := l.wholeContent(o.Body, s)
	stronger, alsoWhole := l.wholeContent(o.stronger, s)
	if merged.Attributes == nil {
		merged.Attributes = hcl.Attributes{}
	}
	maps.Copy(merged.Attributes, stronger.Attributes)
	merged.Blocks = overlayBlocks(merged.Blocks, stronger.Blocks)
	return merged, whole && alsoWhole
}

// overlayBlocks lays blocks over others. A block that there is once is merged attribute by attribute, as it is between
// defaults, region and order blocks; of what may be there several times, such as preconditions, the stronger ones
// replace all.
func overlayBlocks(base, stronger hcl.Blocks) hcl.Blocks {
	at := map[string]int{}
	for i, b := range slices.Backward(base) {
		at[identity(b)] = i
	}
	merged := slices.Clone(base)
	replaced := map[string]bool{}
	var added hcl.Blocks
	for _, b := range stronger {
		i, found := at[identity(b)]
		switch {
		case !found || !isSingle(b):
			replaced[yields(b)] = true
			added = append(added, b)
		case i == taken: // whoever reads the content says that it is there twice
			added = append(added, b)
		default:
			merged[i] = override(merged[i], b)
			at[identity(b)] = taken
		}
	}
	merged = slices.DeleteFunc(merged, func(b *hcl.Block) bool { return replaced[yields(b)] })
	return append(merged, added...)
}

// taken stands for the place of a block that has a stronger one over it.
const taken = -1

// override returns the block with a stronger one over it. It keeps its own place in the files.
func override(base, stronger *hcl.Block) *hcl.Block {
	merged := *base
	merged.Body = overridden{base.Body, stronger.Body}
	return &merged
}

// identity tells blocks of one body apart that are not the same one.
func identity(b *hcl.Block) string {
	return strings.Join(append([]string{b.Type}, b.Labels...), "\x00")
}

// isSingle tells whether a body may hold no other block of the same identity.
func isSingle(b *hcl.Block) bool {
	return len(b.Labels) > 0 && b.Type != dynamicType || slices.Contains([]string{inCharge, inActivity, "lifecycle"}, b.Type)
}

// yields is the identity of what a block comes to, which of a dynamic block is that of the blocks that it makes.
func yields(b *hcl.Block) string {
	if b.Type == dynamicType {
		return b.Labels[0]
	}
	return identity(b)
}

// actions are blocks that say what is to be done once, so that to override one would leave open what that is.
var actions = []string{"moved", "removed", "import"}

// override lays the blocks of override files over those of the others. It leaves the locals, which have no identity, to
// overrideLocals. One file overrides a block once at most: that bounds how many bodies lie over each other.
func (l *loader) override(blocks map[string]hcl.Blocks, overrides hcl.Blocks) {
	at := map[string]int{}
	if len(overrides) > 0 {
		for _, declared := range blocks {
			for i, b := range slices.Backward(declared) {
				at[identity(b)] = i
			}
		}
	}
	last := map[string]hcl.Range{}
	for _, b := range overrides {
		i, ok := at[identity(b)]
		first, again := last[identity(b)]
		switch {
		case b.Type == "locals":
		case slices.Contains(actions, b.Type):
			l.report(mistake(b.DefRange, "Block in an override file", "%s block can't be overridden. Write it in another file, or change the one that is there.", capitalized(withArticle(b.Type))))
		case !ok:
			l.report(nothingToOverride(b, blocks[b.Type]))
		case again && first.Filename == b.DefRange.Filename:
			l.report(duplicate(b.DefRange, "Duplicate override", "an override of this block", first, "Merge the two"))
		default:
			blocks[b.Type][i] = override(blocks[b.Type][i], b)
			last[identity(b)] = b.DefRange
		}
	}
}

// comparedNames bounds the names that are looked through for the one that was meant.
const comparedNames = 1000

func nothingToOverride(b *hcl.Block, declared hcl.Blocks) *hcl.Diagnostic {
	const detail = "An override file only changes what other files declare, and they declare no %s block%s.%s Write the block in a file " +
		"whose name does not end in " + overrideStem + "."
	if len(b.Labels) == 0 {
		return mistake(b.DefRange, "Nothing to override", detail, b.Type, "", "")
	}
	var names []string
	for _, other := range declared[:min(len(declared), comparedNames)] {
		names = append(names, other.Labels[0])
	}
	slices.Sort(names)
	return mistake(b.LabelRanges[0], "Nothing to override", detail, b.Type, " "+quoted("named", b.Labels[0]), didYouMean(b.Labels[0], names))
}

// overrideLocals gives locals that other files declare another expression.
func (l *loader) overrideLocals(d *document, b *hcl.Block) {
	attributes := l.localAttributes(b)
	names := slices.Sorted(maps.Keys(d.locals))
	for name, a := range attributes {
		if declared := d.locals[name]; declared != nil {
			declared.attr = a
			continue
		}
		l.report(mistake(a.NameRange, "Nothing to override",
			"An override file only changes what other files declare, and they declare no local %q.%s Write it in a file whose name does not end in %s.",
			name, didYouMean(name, names[:min(len(names), comparedNames)]), overrideStem))
	}
}
