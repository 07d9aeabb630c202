package fleet

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A document holds the blocks of all files, each kind by itself, before anything is evaluated. Nothing in it depends
// on the order of files or blocks, except which of two duplicates is called the second.
type document struct {
	start        hcl.Range // of the first file: where what is missing is reported
	header       *header
	variables    map[string]*variable
	locals       map[string]*local
	defaults     *layer
	regions      map[string]*layer
	orders       map[string]*orderBlock
	rollout      rolloutBlock
	outputs      map[string]*hcl.Block
	checks       map[string]*hcl.Block
	limits       hcl.Attributes
	prices       *priceBlock
	restatements []restatement
	imports      []importBlock
}

var fileShape = shape{
	what: "a fleet file",
	blocks: map[string][]string{
		"fleet": {"name"}, "variable": {"name"}, "locals": nil, "defaults": nil, "region": {"id"}, "order": {"name"}, "rollout": nil,
		"output": {"name"}, "check": {"name"}, "limits": nil, "prices": {"currency"},
		"moved": nil, "removed": nil, "import": nil,
	},
	hints: map[string]string{
		"resource": `An instance is ordered with order "name" { … }.`,
		"provider": "Credentials come from the environment or ~/.jdc/config, never from a fleet file.",
		"module":   "A fleet is one directory; to share settings, use defaults and region blocks.",
		"data":     "A fleet reads nothing but its own files: use csvdecode(file(…)), jsondecode or yamldecode in locals.",
		"wave":     "Waves belong in the rollout block.",
		"charge":   "It belongs in an order, region or defaults block.",

		"terraform": `What a fleet needs is said in its fleet block: fleet "name" { required_version = … }.`,
		"var":       `A variable is declared with variable "name" { … }.`,
		"lifecycle": "It belongs in an order block.", "precondition": "It belongs in an order block.", "dynamic": "It belongs in an order, region or defaults block.",
		"activity": "It belongs in a charge block.", "validation": "It belongs in a variable block.", "assert": "It belongs in a check block.",
	},
}

// document reads the files and sorts their blocks. It returns false when a file could not be read or parsed, or a
// block had the wrong labels, so that declarations may be missing.
func (l *loader) document(src sources) (*document, bool) {
	d := &document{
		variables: map[string]*variable{}, locals: map[string]*local{},
		regions: map[string]*layer{}, orders: map[string]*orderBlock{},
		outputs: map[string]*hcl.Block{}, checks: map[string]*hcl.Block{},
	}
	d.start = hcl.Range{Filename: src.fleetFiles[0], Start: hcl.InitialPos, End: hcl.InitialPos}
	declared, clean := l.blocks(src.fleetFiles)
	overrides, alsoClean := l.blocks(src.overrideFiles)
	byType := map[string]hcl.Blocks{}
	for _, b := range declared {
		byType[b.Type] = append(byType[b.Type], b)
	}
	if !clean {
		overrides = nil // what they override may be missing
	}
	l.override(byType, overrides)
	l.sortBlocks(d, byType)
	for _, b := range overrides.OfType("locals") {
		l.overrideLocals(d, b)
	}
	return d, clean && alsoClean
}

// blocks reads files, and returns false when blocks of them may be missing.
func (l *loader) blocks(paths []string) (_ hcl.Blocks, clean bool) {
	var blocks hcl.Blocks
	clean = true
	for _, body := range l.parseAll(paths) {
		if body == nil {
			clean = false
			continue
		}
		content, whole := l.wholeContent(body, fileShape)
		clean = clean && whole
		blocks = append(blocks, content.Blocks...)
	}
	return blocks, clean
}

func (l *loader) sortBlocks(d *document, blocks map[string]hcl.Blocks) {
	if b := l.single(blocks["fleet"], "Duplicate fleet block"); b != nil {
		d.header = l.decodeHeader(b)
	}
	for _, b := range blocks["variable"] {
		l.declareVariable(d, b)
	}
	for _, b := range blocks["locals"] {
		l.declareLocals(d, b)
	}
	if b := l.single(blocks["defaults"], "Duplicate defaults block"); b != nil {
		d.defaults = l.decodeLayer(b, defaultsShape)
	}
	for _, b := range blocks["region"] {
		l.declareRegion(d, b)
	}
	l.declareOrders(d, blocks["order"])
	if b := l.single(blocks["rollout"], "Duplicate rollout block"); b != nil {
		d.rollout = l.decodeRollout(b)
	}
	for _, b := range blocks["output"] {
		l.declareNamed(d.outputs, b)
	}
	for _, b := range blocks["check"] {
		l.declareNamed(d.checks, b)
	}
	if b := l.single(blocks["limits"], "Duplicate limits block"); b != nil {
		d.limits = l.content(b.Body, limitsShape).Attributes
	}
	if b := l.single(blocks["prices"], "Duplicate prices block"); b != nil {
		d.prices = l.decodePrices(b)
	}
	d.restatements = l.decodeRestatements(blocks["moved"], blocks["removed"])
	d.imports = l.decodeImports(blocks["import"])
}

// declareNamed keeps a block whose label is a name that nothing refers to, to be read when the fleet is loaded.
func (l *loader) declareNamed(into map[string]*hcl.Block, b *hcl.Block) {
	name, kind := b.Labels[0], withArticle(b.Type)
	first, exists := into[name]
	switch {
	case !hclsyntax.ValidIdentifier(name):
		l.report(mistake(b.LabelRanges[0], "Invalid name",
			"%s can't be named %q: use a letter or _ first, then letters, digits, _ and -.", capitalized(kind), name))
	case exists:
		l.report(duplicate(b.DefRange, "Duplicate "+b.Type, quoted(kind, name), first.DefRange, "Rename one"))
	default:
		into[name] = b
	}
}

func (l *loader) declareRegion(d *document, b *hcl.Block) {
	id := b.Labels[0]
	if first, ok := d.regions[id]; ok {
		l.report(duplicate(b.DefRange, "Duplicate region block", quoted("a region block for", id), first.header, "Merge the two"))
		return
	}
	d.regions[id] = l.decodeLayer(b, regionShape)
}

// declareOrders decodes the blocks on all cores: there may be a hundred thousand.
func (l *loader) declareOrders(d *document, blocks hcl.Blocks) {
	decoded := make([]*orderBlock, len(blocks))
	onAllCores(len(blocks), func(i int) { decoded[i] = l.decodeOrder(blocks[i]) })
	for i, b := range blocks {
		l.declareOrder(d, b, decoded[i])
	}
}

func (l *loader) declareOrder(d *document, b *hcl.Block, decoded *orderBlock) {
	name := b.Labels[0]
	if err := order.CheckName(name); err != nil {
		l.report(mistake(b.LabelRanges[0], "Invalid name", "An order block can't have this name: %v.", err))
		return
	}
	if first, ok := d.orders[name]; ok {
		l.report(duplicate(b.DefRange, "Duplicate order block", quoted("an order block", name), first.layer.header, "Rename one"))
		return
	}
	d.orders[name] = decoded
}
