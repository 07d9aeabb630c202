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
}

// RegionTotal is what a run sets out to do in a region.
type RegionTotal struct {
	Region    string
	Orders    int
	Instances int
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

func (Started) event()       {}
func (Calling) event()       {}
func (Retrying) event()      {}
func (Bought) event()        {}
func (Failed) event()        {}
func (InDoubt) event()       {}
func (Skipped) event()       {}
func (RegionStopped) event() {}
func (Draining) event()      {}
func (NotRecorded) event()   {}
func (Ended) event()         {}
