package ui

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// A View shows what a command found and did. [Text] and [JSON] are its two forms. Its methods are called from one
// goroutine; what fails to be written is kept for Err.
type View interface {
	// Version says which program speaks; with --json it is the first line.
	Version(version string)
	// Diagnostics shows what is wrong with a fleet, in the order given, with snippets from files.
	Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File)
	// Error shows why a command failed, with its hint where it has one: see [Hinter].
	Error(err error)
	// Warning shows something that somebody should look into, though the command goes on.
	Warning(text string)
	// Notice says something worth knowing, such as where a plan was saved.
	Notice(text string)
	// Plan shows what would be done.
	Plan(p plan.Plan, d Detail)
	// Apply returns what to give a run of the plan as its observer. Close it before anything else is shown.
	Apply(p plan.Plan) Observer
	// Watch returns what to show a run with that another process makes, or has made, to somebody who asked to see it. Close
	// it before anything else is shown.
	Watch(f RunFacts) Observer
	// Applied shows what an apply came to.
	Applied(e Ending)
	// Search returns what to tell of a search's steps. Close it before anything else is shown.
	Search() SearchObserver
	// Reconciled shows what was found of the orders in doubt. What was adopted is recorded by then.
	Reconciled(regions []reconcile.Region)
	// Settled shows the orders that count as not bought after listings showed nothing of them for as long as settle says.
	// They are recorded so by then.
	Settled(settled []reconcile.Settled, settle time.Duration)
	// Surveyed shows the instances of the fleet that the state does not know of.
	Surveyed(regions []reconcile.Surveyed)
	// Unmatched shows the instances of the fleet of which an import can't tell whose they are.
	Unmatched(regions []reconcile.Surveyed)
	// Importing shows what is about to be recorded as bought, and how it differs from the orders.
	Importing(pairs []reconcile.Pair)
	// Rewriting shows moves and removals in the state that somebody asked for.
	Rewriting(moves []plan.Move, removals []plan.Removal)
	// Rewritten says how many orders were moved or removed.
	Rewritten(moved, removed int)
	// Imported says how many orders, and instances of them, were recorded as bought.
	Imported(orders, instances int)
	// StateList shows records, one a line.
	StateList(records []order.Record)
	// StateShow shows all that is known of one address.
	StateShow(r order.Record)
	// Verified shows what was checked of a state. The problems that were found are errors, shown before.
	Verified(v Verified)
	// BackedUp shows where a copy of the state was put.
	BackedUp(path string)
	// Restored shows what a restored state holds.
	Restored(r Restored)
	// RunList shows runs, one a line, as they are at the time now.
	RunList(runs []RunLine, now time.Time)
	// RunAsked says what came of something that was asked of a run.
	RunAsked(a RunAsked)
	// Validated shows what is wrong with a fleet, or that nothing is.
	Validated(v Validated)
	// Graph shows what in the fleet of that name gets its values from what.
	Graph(name string, g fleet.Graph)
	// Formatted shows a file that was laid out, or that with --check would be.
	Formatted(f Formatted)
	// Outputs shows the outputs of a fleet at the end of an apply.
	Outputs(outputs []fleet.Output)
	// OutputList shows all outputs to whoever asked for them.
	OutputList(outputs []fleet.Output)
	// OutputValue shows the value of the output that was asked for by its name.
	OutputValue(o fleet.Output)
	// Result shows what an expression comes to, whose marks stand for what is sensitive.
	Result(v cty.Value)
	// Err is the first error of writing, or nil. A command that could not say what it found has failed.
	Err() error
}

// Detail is how much of a plan is shown.
type Detail uint8

// The details of a plan.
const (
	Full    Detail = iota // every change
	Summary               // a line for each region
)

// An Observer shows a run's events while it goes on. Handle is quick: it hands over and does not wait for the
// terminal, except to say what could not be recorded.
type Observer interface {
	Handle(e apply.Event)
	// Suspend shows how the run stands and leaves the terminal to somebody else, such as a question and its answer: until
	// Resume nothing is written but what could not be recorded. Handle works meanwhile.
	Suspend()
	// Resume ends what Suspend began. Without that it does nothing.
	Resume()
	// Close shows what is left to show, also while suspended, and leaves the terminal in order. It may be called again.
	Close()
}

// A SearchObserver shows where a search for what orders in doubt bought stands. Its methods are called for by one
// goroutine at a time.
type SearchObserver interface {
	Handle(s reconcile.Step)
	// Wait shows how long it takes until the next look. It is called every second.
	Wait(w reconcile.Wait)
	// Close leaves the terminal in order. It may be called again.
	Close()
}

// New returns the view that a command's flags ask for.
func New(s Streams, json bool) View {
	if json {
		return NewJSON(s)
	}
	return NewText(s)
}

// A Hinter is an error that knows what to do about it.
type Hinter interface{ Hint() string }

// The rest of this package relies on these.
var (
	_ View = (*Text)(nil)
	_ View = (*JSON)(nil)
)
