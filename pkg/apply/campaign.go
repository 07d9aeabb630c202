package apply

import (
	"context"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An Approver is asked before a wave begins that wants approval.
type Approver interface {
	// Approve returns whether the wave may begin. false without an error says that nobody is there to ask, or that the
	// answer is no: the run ends there, and what is left of it is skipped. While it waits no call is in flight.
	Approve(ctx context.Context, w WaveTotal) (bool, error)
}

// A Watcher looks how what a wave bought comes up.
type Watcher interface {
	// Look returns the health of each purchase's instances, in the order of the purchases. It reads, and changes nothing.
	// Its error, which leaves all of them unknown, ends no bake.
	Look(ctx context.Context, bought []Watched) ([]Health, error)
}

// A Watched is a purchase whose instances are to come up.
type Watched struct {
	Address   order.Address
	Region    string
	SourceIDs []string
	Instances int
}

// Health is how the instances of a purchase are.
type Health struct {
	Up   int    // that run
	Down int    // that failed: they are seen, and neither run nor come up
	Why  string // of one that is down
}

// A Command is what an operator asks of a run that is under way.
type Command struct {
	Kind CommandKind
	By   string // who asks, for events
}

// CommandKind is what is asked of a run.
type CommandKind uint8

// The commands.
const (
	Pause  CommandKind = iota + 1 // begin no call until Resume
	Resume                        // go on
	Abort                         // begin no call any more, finish those in flight and end: as the operator's first Ctrl-C
)
