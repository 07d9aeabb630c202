package report

import (
	"iter"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Report is what became of a run. Its JSON form is what `report --json` prints: members may be added to it, and none is
// renamed or changes its meaning while Version stays.
type Report struct {
	Version  int       `json:"version"`
	Run      string    `json:"run"`
	Command  string    `json:"command"` // such as apply
	Fleet    string    `json:"fleet"`
	Endpoint string    `json:"endpoint"`
	PlanID   string    `json:"plan_id,omitempty"` // of the plan file that it applied
	Started  time.Time `json:"started"`
	// Last is when the run ended; of one that did not, or that was killed, when it last wrote into its log.
	Last     time.Time `json:"last"`
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"` // why it began no further calls, where it said so
	Counts   Counts    `json:"counts"`
	Unlisted int       `json:"unlisted"` // of the orders not tried, those that the log does not name: the run never came to them
	Latency  Latency   `json:"latency"`
	Spend    *Spend    `json:"spend"` // null where the fleet names no prices
	Waves    []Wave    `json:"waves"` // in their sequence
	Regions  []Region  `json:"regions"`
	Failures []Cause   `json:"failures"` // why orders failed, the most frequent first
	Retried  []Cause   `json:"retried"`  // why calls were made again; Orders is empty
	Doubts   []Doubt   `json:"in_doubt"` // sorted by region, then address
	Lost     []Lost    `json:"instances_failed"`
	Events   []Event   `json:"events"`
	Buckets  Buckets   `json:"buckets"`
	Orders   []Order   `json:"orders"` // sorted by region, then address

	place, seller string // see Head
}

// Version is the version of the JSON form.
const Version = 1

// Outcome is how a run stands, in one word.
type Outcome string

// The outcomes of a run.
const (
	Complete    Outcome = "complete"    // it bought all that it set out to buy, and its waves ended well
	Incomplete  Outcome = "incomplete"  // it ended by itself, with orders failed, in doubt or not tried, or a wave that did not end well
	Interrupted Outcome = "interrupted" // the operator ended it, with something left
	Died        Outcome = "died"        // its program ended without ending it
	Running     Outcome = "running"     // it is under way
)

// Counts count orders, unless said otherwise.
type Counts struct {
	Orders    int `json:"orders"` // that it set out to buy, those included that its log does not name
	Instances int `json:"instances"`
	Bought    int `json:"bought"`
	BoughtIn  int `json:"instances_bought"`
	Failed    int `json:"failed"`
	InDoubt   int `json:"in_doubt"`
	NotTried  int `json:"not_tried"`
	UnderWay  int `json:"under_way"` // called, or about to be called again; only while the run goes on
	Imported  int `json:"imported"`  // not among Orders
	Unpaid    int `json:"unpaid"`    // of the bought ones, those that wait for somebody to pay
	Calls     int `json:"calls"`
	Retries   int `json:"retries"`   // calls that were not an order's first
	Throttled int `json:"throttled"` // calls that the API asked to slow down
}

// Latency sums up how long calls took. It is zero where the log says it of none.
type Latency struct {
	P50 Millis `json:"p50_ms"`
	P95 Millis `json:"p95_ms"`
	Max Millis `json:"max_ms"`
}

// Millis is a duration in milliseconds.
type Millis int64

// Spend is what purchases come to at the fleet's own prices: until the end of what is paid for, and no refunds.
type Spend struct {
	Currency string `json:"currency"`
	Planned  Sum    `json:"planned"`
	Bought   Sum    `json:"bought"`
	InDoubt  Sum    `json:"in_doubt"` // what the orders in doubt come to, should they turn out to be bought
}

// Sum is a sum of which a part may be unknown.
type Sum struct {
	Amount   order.Amount `json:"amount"`            // of what is known
	Unpriced int          `json:"unknown_instances"` // those whose cost is unknown; with any, Amount is the least that it comes to
}

func (s Sum) plus(o Sum) Sum { return Sum{s.Amount.Plus(o.Amount), s.Unpriced + o.Unpriced} }

// A Wave is a step of the run.
type Wave struct {
	Name    string     `json:"name"` // empty: the only one of a fleet that names none
	Begun   *time.Time `json:"begun"`
	Ended   *time.Time `json:"ended"`
	End     string     `json:"end"` // good, bad, cut_short, unapproved, not_begun, idle, or empty where the log does not say it
	Reason  string     `json:"reason,omitempty"`
	Asked   *time.Time `json:"asked,omitempty"` // since when it waited for somebody to approve it; it waited until Begun, or the run's end
	Bake    *Bake      `json:"bake,omitempty"`
	Counts  Counts     `json:"counts"`
	Spend   *Spend     `json:"spend,omitempty"`
	Regions []string   `json:"regions"` // in their sequence
}

// A Bake is a wave's time of watching what it bought.
type Bake struct {
	Begun  time.Time `json:"begun"`
	Until  time.Time `json:"until"` // when it was to end
	Last   time.Time `json:"last"`  // when the run last said how things stood
	Up     int       `json:"up"`    // instances that ran then
	Coming int       `json:"coming"`
	Down   int       `json:"down"`
}

// A Region is what the run did in a region.
type Region struct {
	Name        string   `json:"name"`
	Counts      Counts   `json:"counts"`
	Latency     Latency  `json:"latency"`
	Spend       *Spend   `json:"spend,omitempty"`
	Parallelism int      `json:"parallelism,omitempty"` // calls in flight, at most, as the plan had it
	Rate        float64  `json:"rate,omitempty"`        // calls a second, at most; 0: no limit
	Stopped     string   `json:"stopped,omitempty"`     // why it stopped before the run did
	Buckets     []Bucket `json:"buckets"`               // those in which something happened, by number
	Speeds      []Speed  `json:"speeds"`                // the last one of each bucket
}

// A Speed is how fast a region was called from a moment on.
type Speed struct {
	At          time.Time `json:"at"`
	Parallelism int       `json:"parallelism"`
	Rate        float64   `json:"rate"` // 0: no limit
	Reason      string    `json:"reason,omitempty"`
}

// A Cause is what several calls failed of.
type Cause struct {
	Why    string   `json:"why"`
	Class  string   `json:"class"`
	Count  int      `json:"count"`
	Orders []string `json:"orders,omitempty"` // their addresses
}

// A Doubt is an order of which the run left unknown whether it was bought.
type Doubt struct {
	Address   string       `json:"address"`
	Region    string       `json:"region"`
	Attempt   int          `json:"attempt"`
	Instances int          `json:"instances"`
	Marker    order.Marker `json:"marker,omitempty"` // ends the description of what it bought, if it did
	At        time.Time    `json:"at"`
	Why       string       `json:"why"`
}

// A Lost is an instance that was bought and did not come up while its wave was watched.
type Lost struct {
	Address string    `json:"address"`
	Region  string    `json:"region"`
	Why     string    `json:"why"`
	At      time.Time `json:"at"`
}

// An Event is something that the run as a whole, or one of its regions, went through.
type Event struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // such as region_stopped, draining, paused, resumed
	Region string    `json:"region,omitempty"`
	Wave   string    `json:"wave,omitempty"`
	By     string    `json:"by,omitempty"`
	Text   string    `json:"text,omitempty"`
}

// An Order is what became of an order in the run.
type Order struct {
	Address   string        `json:"address"`
	Region    string        `json:"region"`
	Wave      string        `json:"wave,omitempty"`
	End       End           `json:"end"`
	BuyID     string        `json:"buy_id,omitempty"`
	SourceIDs []string      `json:"source_ids,omitempty"`
	BIDs      []string      `json:"bids,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Spec      string        `json:"spec,omitempty"`
	Instances int           `json:"instances"` // bought, else wished
	At        time.Time     `json:"at"`        // of its last outcome, else of its last intent
	Attempt   int           `json:"attempt,omitempty"`
	Calls     int           `json:"calls"`
	Took      Millis        `json:"took_ms,omitempty"` // its last call
	Cost      *order.Amount `json:"cost"`              // null where it is unknown, or nothing was bought
	Unpaid    bool          `json:"unpaid,omitempty"`
	Marker    order.Marker  `json:"marker,omitempty"`
	Why       string        `json:"why,omitempty"` // why it was not bought
}

// End is how an order ended.
type End string

// The ends of an order.
const (
	EndInDoubt  End = "in_doubt"
	EndFailed   End = "failed"
	EndNotTried End = "not_tried"
	EndUnderWay End = "under_way"
	EndImported End = "imported"
	EndBought   End = "bought"
)

// attention are the ends in the sequence in which they need somebody's.
var attention = []End{EndInDoubt, EndFailed, EndNotTried, EndUnderWay, EndImported, EndBought}

// byAttention yields the orders, those first that need somebody's attention. Within an end they keep their sequence.
func byAttention(orders []Order) iter.Seq[*Order] {
	return func(yield func(*Order) bool) {
		for _, end := range attention {
			for i := range orders {
				if orders[i].End == end && !yield(&orders[i]) {
					return
				}
			}
		}
	}
}
