package apply

import (
	"context"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An Approver is asked before a wave begins that wants approval.
type Approver interface {
	// Approve returns whether the wave may begin. false without an error says that nobody is there to ask, or that the
	// answer is no: the run ends there, and what is left of it is skipped. While it waits no call is in flight. It returns
	// soon after ctx has ended, which says that the run ends anyway.
	Approve(ctx context.Context, w WaveTotal) (bool, error)
}

// A Watcher looks how what a wave bought comes up.
type Watcher interface {
	// Look returns the health of each purchase's instances, in the order of the purchases. It reads, and changes nothing.
	// Its error, which leaves all of them as they were, ends no bake. It returns soon after ctx has ended.
	Look(ctx context.Context, bought []Watched) ([]Health, error)
}

// A Watched is a purchase whose instances are to come up. There is a look at it again and again, also when all are up.
type Watched struct {
	Address   order.Address
	Region    string
	SourceIDs []string // one at least; not necessarily one for each instance
	Instances int
}

// Health is how the instances of a purchase are, as far as the watcher knows by its last look and those before. What is
// neither up nor down is coming.
type Health struct {
	Up   int    // that run
	Down int    // that failed: they are seen, and neither run nor come up, or they ran and don't any more
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
