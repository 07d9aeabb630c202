package order

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Intent is the note that is durable before a call's first byte leaves. As long as it has no Outcome, the call
// may have bought what Order asks for.
type Intent struct {
	Run     string
	Attempt int    // 1 and up, never reused for an address: the marker depends on it
	Marker  Marker // empty when the fleet turned markers off
	Order   Order  // what the call asks for; Quantity is this call's, which for a grow is the difference
	At      time.Time
	// Imported: an import announces it, which calls nothing and records what exists. Marker may be another state's.
	Imported bool
	For      Address // what the call was made for, and Marker with it, where the record has moved since; else zero
}

// An Outcome is what became of the call that an Intent announced.
type Outcome struct {
	Run      string
	Address  Address
	Attempt  int
	Result   Result
	Purchase Purchase // with ResultBought
	Failure  Failure  // with ResultNotBought and ResultInDoubt
	At       time.Time
	Took     time.Duration // from the call to its answer, or to its end without one; 0 where no call was made
}

// Result is what a call came to. The zero value is the one that never leads to a second purchase.
type Result uint8

const (
	ResultInDoubt   Result = iota // nobody knows: never call again, reconcile
	ResultBought                  // the API named what it sold
	ResultNotBought               // the API, or the lack of a connection, says that nothing was bought
)

var resultNames = [...]string{ResultInDoubt: "in_doubt", ResultBought: "bought", ResultNotBought: "not_bought"}

// String is the result as scripts read it.
func (r Result) String() string {
	if int(r) >= len(resultNames) {
		return fmt.Sprintf("result(%d)", uint8(r))
	}
	return resultNames[r]
}

// MarshalText lets a result stand in JSON as its name.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Result) UnmarshalText(text []byte) error {
	i := slices.Index(resultNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a result of a call", text)
	}
	*r = Result(i)
	return nil
}

// Class sorts failed calls by what may be done next. The zero value is the cautious one.
type Class uint8

const (
	ClassInDoubt   Class = iota // it may have bought: do not call again
	ClassNotSent                // no byte left: call again after a pause
	ClassThrottled              // the API asked to slow down: call again after a pause
	ClassRejected               // the API said no: final for this order
	ClassDenied                 // the API said no to the caller: final for the whole run
	ClassCancelled              // the run ended before the call was made
	ClassResolved               // in doubt, until the operator said that nothing was bought
	ClassSettled                // in doubt, until listings had shown nothing for as long as the fleet's settle says
)

var classNames = [...]string{
	ClassInDoubt: "in_doubt", ClassNotSent: "not_sent", ClassThrottled: "throttled",
	ClassRejected: "rejected", ClassDenied: "denied", ClassCancelled: "cancelled",
	ClassResolved: "resolved", ClassSettled: "settled",
}

// String is the class as scripts read it.
func (c Class) String() string {
	if int(c) >= len(classNames) {
		return fmt.Sprintf("class(%d)", uint8(c))
	}
	return classNames[c]
}

// Result says what a call of this class came to. A class that is not known proves nothing.
func (c Class) Result() Result {
	switch c {
	case ClassNotSent, ClassThrottled, ClassRejected, ClassDenied, ClassCancelled, ClassResolved, ClassSettled:
		return ResultNotBought
	default:
		return ResultInDoubt
	}
}

// MarshalText lets a class stand in JSON as its name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (c *Class) UnmarshalText(text []byte) error {
	i := slices.Index(classNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a class of failures", text)
	}
	*c = Class(i)
	return nil
}

// A Failure says why a call bought nothing, or why nobody knows. Its texts come from the API or the network: print
// them only through a function that strips control characters.
type Failure struct {
	Class      Class
	HTTPStatus int    // 0: no answer
	Code       string // the API's error status, such as HTTP_FORBIDDEN
	Message    string
	RequestID  string

	// Named by an answer that did not plainly say that it bought, with ClassInDoubt alone: no proof of a purchase, and
	// perhaps the only thread to one.
	BuyID     string // several are parted by ", "
	SourceIDs []string
}

// A Purchase is what one accepted call bought.
type Purchase struct {
	Attempt   int
	BuyID     string   // names the purchase; empty where the API answered with sourceIds alone, or where BIDs name it
	SourceIDs []string // not necessarily one for each instance
	BIDs      []string // of the instances, where a reconcile or an import found them: their buyId may stay unknown
	RequestID string
	Quantity  int // instances asked for, which the API does not confirm one by one
	Run       string
	Marker    Marker
	Unpaid    bool // auto_pay was false: the purchase waits in the console for somebody to pay
	Imported  bool // Finish takes it from the intent: no call of this state made it, so Marker may be another state's
	At        time.Time
	For       Address // Finish takes it from the intent: see there
}

// Status is a record's state in one word.
type Status string

// The statuses of a record.
const (
	StatusBought  Status = "bought"
	StatusInDoubt Status = "in_doubt"
	StatusFailed  Status = "failed"
)

// Words is the status as people read it.
func (s Status) Words() string { return strings.ReplaceAll(string(s), "_", " ") }

// A Record is what the state knows of an address.
type Record struct {
	Address   Address
	Order     Order      // as last asked for; Quantity is what was bought in all, or asked for while nothing was
	Purchases []Purchase // oldest first
	Former    []Purchase // oldest first: bought here, and taken out of the fleet since. Nothing counts them as bought.
	Gone      bool       // what was here was moved or removed, and nothing was begun since
	Doubt     *Intent    // the call whose outcome is unknown
	DoubtWhy  *Failure   // what is known of it; nil when the program ended before an answer came
	Failure   *Failure   // why the last call bought nothing; nil after a purchase
	Attempt   int        // the last attempt's number
	UpdatedAt time.Time
}

// Bought is the number of instances bought for the address.
func (r Record) Bought() int {
	n := 0
	for _, p := range r.Purchases {
		n += p.Quantity
	}
	return n
}

// Region is where the record's purchases are, or where its open call went.
func (r Record) Region() string {
	if r.Doubt != nil {
		return r.Doubt.Order.Region
	}
	return r.Order.Region
}

// Status sums the record up. Doubt outweighs everything, for it forbids the next call.
func (r Record) Status() Status {
	switch {
	case r.Doubt != nil:
		return StatusInDoubt
	case len(r.Purchases) > 0:
		return StatusBought
	default:
		return StatusFailed
	}
}

// Blank tells whether all that happened at the address is that a run ended before its call was made. The record is
// kept for the attempt's number; to people it says nothing.
func (r Record) Blank() bool {
	return r.Doubt == nil && r.Failure == nil && len(r.Purchases) == 0
}

// Vacant tells whether there is nothing at the address that could be listed, moved or removed. What is kept there all the
// same is for the next attempt's number, and for telling what a listing shows.
func (r Record) Vacant() bool { return r.Gone || r.Blank() }

// Begin returns the record with i as its open intent. It refuses an attempt that is not new and an address that is
// in doubt already: either would let a purchase be forgotten.
func (r Record) Begin(i Intent) (Record, error) {
	if r.Doubt != nil {
		return r, fmt.Errorf("%s: attempt %d is in doubt, attempt %d must not begin", i.Order.Address, r.Doubt.Attempt, i.Attempt)
	}
	if i.Attempt <= r.Attempt {
		return r, fmt.Errorf("%s: attempt %d must not begin after attempt %d", i.Order.Address, i.Attempt, r.Attempt)
	}
	r.Address = i.Order.Address
	r.Attempt = i.Attempt
	r.Doubt = &i
	r.DoubtWhy, r.Gone = nil, false
	r.UpdatedAt = i.At
	if len(r.Purchases) == 0 {
		r.Order = i.Order
	}
	return r, nil
}

// Finish returns the record with o as the outcome of its open intent.
func (r Record) Finish(o Outcome) (Record, error) {
	if r.Doubt == nil || r.Doubt.Attempt != o.Attempt {
		return r, fmt.Errorf("%s: attempt %d has no open intent", o.Address, o.Attempt)
	}
	r.UpdatedAt = o.At
	switch o.Result {
	case ResultBought:
		before := r.Bought()
		r.Order = r.Doubt.Order
		r.Order.Quantity += before
		o.Purchase.Imported, o.Purchase.For = r.Doubt.Imported, r.Doubt.For
		r.Purchases = append(r.Purchases[:len(r.Purchases):len(r.Purchases)], o.Purchase)
		r.Doubt, r.DoubtWhy, r.Failure = nil, nil, nil
	case ResultNotBought:
		r.Doubt, r.DoubtWhy = nil, nil
		if o.Failure.Class != ClassCancelled { // a call that was never made tells nothing
			r.Failure = &o.Failure
		}
	default:
		r.DoubtWhy = &o.Failure
	}
	return r, nil
}
