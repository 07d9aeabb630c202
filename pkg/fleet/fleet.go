package fleet

import (
	"cmp"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Bounds on what a fleet may be. They are far above what anybody orders: their purpose is that a slip ends with a
// message, not with a machine out of memory.
const (
	MaxFiles    = 1000      // fleet and vars files of one directory
	MaxFileSize = 16 << 20  // bytes of a fleet or vars file
	MaxReadSize = 64 << 20  // bytes of a file that an expression reads
	MaxOrders   = 1_000_000 // orders of a fleet that says so: fleet "name" { max_orders = … }
	MaxAliased  = 2_000_000 // values of a YAML text that has aliases, these written out
	MaxNesting  = 250       // blocks, brackets, strings and interpolations open at one time
	MaxOperands = 5000      // operators that one expression may chain
)

// DefaultMaxOrders is how many orders a fleet may have that says nothing else.
const DefaultMaxOrders = 100_000

// A Fleet is what the files of one directory ask for.
type Fleet struct {
	Name    string
	Orders  []order.Order // sorted by Address.Compare; none has a problem that is not a warning
	Rollout order.Rollout
	Limits  order.Limits
	Prices  order.Prices

	// Lifecycles are those of the order blocks that have one, by the block's name. A block may have no orders.
	Lifecycles map[string]order.Lifecycle

	// What the files say of what is recorded: no two of Moved and Removed speak of one address, and what they speak of is
	// not ordered. Imports are of orders.
	Moved   []order.Moved
	Removed []order.Removed
	Imports []order.Import

	// Plain names the variables that are not sensitive, sorted: their values may be shown.
	Plain []string

	// Files holds every source that a diagnostic may point into, by the name that its ranges carry. It is set even
	// when there are errors.
	Files map[string]*hcl.File

	// Unvalued names the variables that were checked by their types alone, sorted. With any, nothing else but Files is set.
	Unvalued []string

	late *late // nil: nothing is evaluated after loading
}

// Options say what a fleet is loaded with.
type Options struct {
	Vars    []Var    // in command-line order: later ones win
	Environ []string // as os.Environ returns it; BASTION_FLEET_VAR_name sets the variable name
	Version string   // this program's, which required_version is checked against; empty: not checked
	Console bool     // expressions will be evaluated: all variables and locals are kept for them

	// Unvalued lets variables have no value: what depends on them is checked as far as their types go.
	Unvalued bool

	// Text, if not nil, is what the fleet's one file holds. Its path names it, and the directory whose vars files count and
	// that file functions read, but nothing has to be there.
	Text []byte
}

// A Var is one --var or --var-file of the command line.
type Var struct {
	Name, Value string // --var Name=Value
	File        string // --var-file File; Name and Value are empty then
}

// Load reads the fleet at path, which is a directory, or one *.fleet.hcl or *.fleet.json file. The diagnostics hold
// every mistake and warning of every file, in file order. With errors among them the fleet has no orders, but Files.
func Load(path string, o Options) (Fleet, hcl.Diagnostics) {
	l := &loader{options: o, files: map[string]*hcl.File{}}
	f, _ := l.load(path)
	f.Files = l.files
	return f, l.sorted()
}

// sorted returns what was reported, in file order and each mistake once.
func (l *loader) sorted() hcl.Diagnostics {
	for _, d := range l.diags {
		l.clamp(d.Subject)
		l.clamp(d.Context)
	}
	l.diags = slices.DeleteFunc(l.diags, l.isConsequence)
	slices.SortStableFunc(l.diags, comparePosition)
	return slices.CompactFunc(l.diags, sameDiagnostic)
}

// sameDiagnostic tells whether two neighbours say the same of the same place.
func sameDiagnostic(a, b *hcl.Diagnostic) bool {
	return a.Summary == b.Summary && a.Detail == b.Detail && a.Subject != nil && b.Subject != nil && *a.Subject == *b.Subject
}

// A loader holds what the steps of one Load share. Files are parsed and blocks prepared on all cores.
type loader struct {
	options Options
	dir     *directory
	input   input
	scope   scope

	textPath string   // of options.Text
	unvalued []string // variables without a value, where that is allowed

	mu    sync.Mutex // guards what follows
	files map[string]*hcl.File
	diags hcl.Diagnostics
	meant map[blockLine][]string // names that were misspelt; see isConsequence
}

// load returns the fleet, and the document that it was evaluated from unless there are errors.
func (l *loader) load(path string) (Fleet, *document) {
	src, ok := l.find(path)
	if !ok {
		return Fleet{}, nil
	}
	defer l.dir.close()

	doc, clean := l.document(src)
	// What a broken file declares is unknown, so every use of it would be called a mistake.
	if !l.checkVersion(doc.header) || !clean {
		return Fleet{}, nil
	}
	l.scope = l.newScope(doc)
	l.assignVariables(doc, src.varsFiles)
	l.evaluateLocals(doc)
	f := Fleet{
		Name: l.fleetName(doc), Orders: l.orders(doc), Lifecycles: l.lifecycles(doc), Rollout: l.rollout(doc),
		Limits: l.limits(doc), Prices: l.prices(doc), Plain: plainVariables(doc),
	}
	f.Moved, f.Removed = l.restated(doc, f.Orders)
	f.Imports = l.imports(doc, f.Orders)
	f.late = l.late(doc, f.Orders)
	l.checkRollout(doc, f)
	if len(l.unvalued) > 0 { // what orders there are is not known
		return Fleet{Unvalued: l.unvalued}, nil
	}
	l.checkSpecs(doc, f.Orders)
	l.checkRegions(doc, f.Orders)
	if l.diags.HasErrors() {
		return Fleet{}, nil
	}
	return f, doc
}

// report adds diagnostics to what Load returns.
func (l *loader) report(diags ...*hcl.Diagnostic) {
	if len(diags) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.diags = append(l.diags, diags...)
}

// keep makes a source one that diagnostics may point into.
func (l *loader) keep(name string, f *hcl.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files[name] = f
}

// clamp keeps a range inside its file: the JSON parser's ranges for a text that ends too soon don't. Who renders a
// snippet may rely on it.
func (l *loader) clamp(r *hcl.Range) {
	if r == nil || l.files[r.Filename] == nil {
		return
	}
	size := len(l.files[r.Filename].Bytes)
	r.Start.Byte, r.End.Byte = min(r.Start.Byte, size), min(r.End.Byte, size)
}

// comparePosition is the order of what Load returns; what stands at no place in a file comes last, and by its words:
// which core reported first is chance. What is said of one place is said by one core.
func comparePosition(a, b *hcl.Diagnostic) int {
	switch {
	case a.Subject == nil && b.Subject == nil:
		return cmp.Or(cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail))
	case a.Subject == nil:
		return 1
	case b.Subject == nil:
		return -1
	}
	return cmp.Or(
		cmp.Compare(a.Subject.Filename, b.Subject.Filename),
		cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
	)
}
