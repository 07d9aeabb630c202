package apply

import (
	"fmt"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Result is what a run came to: one Entry an order, sorted by region and address.
type Result struct {
	Entries     []Entry
	Waves       []WaveResult // in their sequence
	Interrupted bool         // the operator ended it
}

// A WaveResult is how a wave ended.
type WaveResult struct {
	Wave   string
	End    WaveEnd
	Reason string // why it did not end well, or did not begin; else empty
	Baked  bool   // it was watched until its bake was over
}

// WaveEnd is how a wave ended.
type WaveEnd uint8

// The ends of a wave. Zero is the one that claims least.
const (
	WaveNotBegun   WaveEnd = iota
	WaveUnapproved         // it waits for somebody to approve it
	WaveCutShort           // the run ended while it was under way
	WaveBad                // all of it was tried, or its regions stopped, and more went wrong than is tolerated
	WaveGood               // the next one may begin
	WaveIdle               // nothing of it was to be bought or baked by this run: the next one may begin
)

var waveEndNames = [...]string{
	WaveNotBegun: "not_begun", WaveUnapproved: "unapproved", WaveCutShort: "cut_short", WaveBad: "bad", WaveGood: "good",
	WaveIdle: "idle",
}

// String is the end as scripts read it.
func (e WaveEnd) String() string {
	if int(e) >= len(waveEndNames) {
		return fmt.Sprintf("wave_end(%d)", uint8(e))
	}
	return waveEndNames[e]
}

// Well tells whether nothing is left of a wave that ended so, to be bought, watched or looked into: the next one may begin.
func (e WaveEnd) Well() bool { return e == WaveGood || e == WaveIdle }

// An Entry is what became of one order of a run.
type Entry struct {
	Address  order.Address
	Region   string
	Wave     int // which of Result.Waves
	Quantity int // instances that the run set out to buy for it
	End      End
	Purchase order.Purchase // with EndBought; with EndInDoubt, what was bought and could not be recorded
	Failure  order.Failure  // with EndFailed and EndInDoubt; the last call's with EndSkipped, if there was one
}

// End is how a run left an order.
type End uint8

// The ends of an order. Zero is the one that claims least.
const (
	EndSkipped End = iota // not called, or not called again: nothing was bought
	EndBought             // and recorded
	EndFailed             // nothing was bought, which is recorded
	EndInDoubt            // the state holds it in doubt, or may: nobody knows, or what is known could not be recorded
)

var endNames = [...]string{EndSkipped: "skipped", EndBought: "bought", EndFailed: "failed", EndInDoubt: "in_doubt"}

// String is the end as scripts read it.
func (e End) String() string {
	if int(e) >= len(endNames) {
		return fmt.Sprintf("end(%d)", uint8(e))
	}
	return endNames[e]
}

// Count returns how many orders ended so.
func (r Result) Count(e End) int {
	n := 0
	for _, entry := range r.Entries {
		if entry.End == e {
			n++
		}
	}
	return n
}

// Instances returns how many instances the run bought.
func (r Result) Instances() int {
	n := 0
	for _, entry := range r.Entries {
		if entry.End == EndBought {
			n += entry.Purchase.Quantity
		}
	}
	return n
}

// Complete tells whether everything that was set out to be bought was bought.
func (r Result) Complete() bool { return r.Count(EndBought) == len(r.Entries) }
