package apply

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// An Event is something that happened in a run. Events of one order come in order; an event that reports an outcome
// comes after that outcome is durable, except [NotRecorded], which says that it is not.
type Event interface{ event() }

// Started opens every run.
type Started struct {
	Run     string
	At      time.Time
	Regions []RegionTotal // in name order
	Waves   []WaveTotal   // in their sequence; always one at least
}

// WaveTotal is what a run sets out to do in a wave.
type WaveTotal struct {
	Wave      string // its name; empty for the only one of a fleet that names none
	Orders    int
	Instances int
	Regions   []RegionTotal // in the sequence in which they come
}

// RegionTotal is what a run sets out to do in a region, or in a wave's part of it.
type RegionTotal struct {
	Region    string
	Orders    int
	Instances int
}

// WaveStarted says that a wave begins. Until its WaveEnded all events about single orders but Skipped are of its own
// orders.
type WaveStarted struct {
	Wave string
	At   time.Time
}

// AwaitingApproval says that a wave is due, and that the run waits for somebody to approve it.
type AwaitingApproval struct {
	Wave WaveTotal
	At   time.Time
}

// Baking says how what a wave bought comes up, once it has bought all it could. It comes at least at the bake's
// beginning and end, and whenever a count has changed.
type Baking struct {
	Wave      string
	Until     time.Time // when the bake is over
	Up        int       // instances that run
	Coming    int       // instances of which nothing is to be seen yet
	Down      int       // instances that failed
	Unwatched int       // instances that can't be looked for: unpaid, or bought without a sourceId
	At        time.Time
}

// InstanceFailed says that instances were bought and, while their wave was watched, failed or did not come up. The
// purchase stands.
type InstanceFailed struct {
	Address   order.Address
	Region    string
	Instances int // how many
	Why       string
	At        time.Time
}

// WaveEnded says how a wave ended that had begun, or that was not approved. The next one begins only after WaveGood. It is
// the last event of its wave but for the Skipped ones of a wave that never began, and comes for none that has nothing to do.
type WaveEnded struct {
	Wave   string
	End    WaveEnd
	Reason string // why it did not end well; else empty
	At     time.Time
}

// SpeedChanged says how fast a region is called from now on: slower after throttles, and faster again as long as all is well.
type SpeedChanged struct {
	Region      string
	Parallelism int     // calls in flight
	Rate        float64 // calls a second; 0: no limit
	Reason      string
	At          time.Time
}

// Paused says that no call begins until the run goes on, or ends; calls in flight are waited for.
type Paused struct {
	By       string // who asked for it
	InFlight int    // calls whose ends are still to be told
	At       time.Time
}

// Resumed says that a paused run goes on.
type Resumed struct {
	By string
	At time.Time
}

// Calling says that a createInstance call is being made.
type Calling struct {
	Address order.Address
	Region  string
	Attempt int
	At      time.Time
}

// Retrying says that a call bought nothing for certain and will be made again after Delay.
type Retrying struct {
	Address order.Address
	Region  string
	Attempt int // the one that failed
	Failure order.Failure
	Delay   time.Duration
	At      time.Time
}

// Bought says that an order's purchase is durable.
type Bought struct {
	Address  order.Address
	Region   string
	Purchase order.Purchase
	At       time.Time
}

// Failed says that an order was given up: nothing was bought by its last call.
type Failed struct {
	Address order.Address
	Region  string
	Attempt int
	Failure order.Failure
	At      time.Time
}

// InDoubt says that nobody knows whether an order's call bought, or that the state may not know it: with another class
// of failure than order.ClassInDoubt nothing was bought, and that could not be recorded. It is held until it is found
// out.
type InDoubt struct {
	Address order.Address
	Region  string
	Attempt int
	Failure order.Failure
	At      time.Time
}

// Skipped says that an order was not called, or not called again, because its region or the run stopped.
type Skipped struct {
	Address order.Address
	Region  string
	Wave    string // the order's own, which may come after the one that is under way
	At      time.Time
}

// RegionStopped says that no further call begins in a region; calls in flight are waited for.
type RegionStopped struct {
	Region string
	Reason string
	At     time.Time
}

// Draining says that no further call begins anywhere; calls in flight are waited for.
type Draining struct {
	Reason      string
	Interrupted bool // the operator ended the run
	InFlight    int  // calls whose ends are still to be told
	At          time.Time
}

// NotRecorded says that a call's outcome could not be made durable. Whatever it bought must reach the operator
// now: this event is the only trace of it.
type NotRecorded struct {
	Outcome order.Outcome
	Region  string
	Err     error
	At      time.Time
}

// Ended closes every run.
type Ended struct {
	Run    string
	Result Result
	At     time.Time
}

func (Started) event()          {}
func (WaveStarted) event()      {}
func (AwaitingApproval) event() {}
func (Baking) event()           {}
func (InstanceFailed) event()   {}
func (WaveEnded) event()        {}
func (SpeedChanged) event()     {}
func (Paused) event()           {}
func (Resumed) event()          {}
func (Calling) event()          {}
func (Retrying) event()         {}
func (Bought) event()           {}
func (Failed) event()           {}
func (InDoubt) event()          {}
func (Skipped) event()          {}
func (RegionStopped) event()    {}
func (Draining) event()         {}
func (NotRecorded) event()      {}
func (Ended) event()            {}
