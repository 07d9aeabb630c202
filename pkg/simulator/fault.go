package simulator

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A Fault is what goes wrong with a createInstance call. The zero value is none.
type Fault uint8

// The faults. Those named after stand for a purchase that was made.
const (
	NoFault       Fault = iota
	Throttle            // 429 in the API's error form; nothing bought
	ThrottleAs400       // 400 in the API's error form, with a status of …_REQUEST_LIMITEXCEEDED; nothing bought
	Quota               // 429 in the API's error form, with QUOTA_EXCEEDED; nothing bought
	Reject              // 400 in the API's error form, with FAILED_PRECONDITION; nothing bought
	Unreachable         // RoundTrip: a refused dial; over a socket: a connection closed without an answer; nothing bought
	DropRequest         // the connection breaks before the call is looked at; nothing bought
	ErrorBefore         // 500 before the purchase
	ErrorAfter          // 500 after the purchase
	DropAnswer          // the connection breaks after the purchase, without an answer
	CutAnswer           // the connection breaks in the middle of the answer, after the purchase
	ForeignAnswer       // 200 with a web page, after the purchase
	Stall               // bought, and no answer until the caller gives up
)

var faultNames = [...]string{
	NoFault: "none", Throttle: "throttle", ThrottleAs400: "throttle-as-400", Quota: "quota", Reject: "reject",
	Unreachable: "unreachable", DropRequest: "drop-request", ErrorBefore: "error-before", ErrorAfter: "error-after",
	DropAnswer: "drop-answer", CutAnswer: "cut-answer", ForeignAnswer: "foreign-answer", Stall: "stall",
}

func (f Fault) String() string { return faultNames[f] }

// MarshalText lets a fault stand in JSON as its name.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Buys tells whether a valid call with this fault is bought all the same.
func (f Fault) Buys() bool {
	switch f {
	case NoFault, ErrorAfter, DropAnswer, CutAnswer, ForeignAnswer, Stall:
		return true
	}
	return false
}

// Faults says how often each fault happens: from 0, never, to 1. Their sum is at most 1.
type Faults map[Fault]float64

// ParseFault reads a fault and its rate in the form drop-answer=0.03, as --fault takes it.
func ParseFault(s string) (Fault, float64, error) {
	i, p, err := parseRate(s, faultNames[:], "a fault")
	return Fault(i), p, err
}

// parseRate reads one of some names, of which the first means none, and its rate. what is what they are names of.
func parseRate(s string, names []string, what string) (i int, p float64, err error) {
	name, value, found := strings.Cut(s, "=")
	if i = slices.Index(names, name); i <= 0 {
		return 0, 0, fmt.Errorf("%q is not %s: there are %s", name, what, strings.Join(names[1:], ", "))
	}
	if p, err = strconv.ParseFloat(value, 64); !found || err != nil || !(p >= 0 && p <= 1) {
		return 0, 0, fmt.Errorf("%q needs a rate from 0 to 1, as in %s=0.03", s, name)
	}
	return i, p, nil
}

// odds are a fault with the sum of all rates up to its own.
type odds struct {
	fault Fault
	upTo  float64
}

func (f Faults) cumulate() ([]odds, error) {
	var rates []odds
	sum := 0.0
	for fault := Throttle; int(fault) < len(faultNames); fault++ {
		p, set := f[fault]
		if !set {
			continue
		}
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("the rate of the fault %s is %v: it must be from 0 to 1", fault, p)
		}
		sum += p
		rates = append(rates, odds{fault: fault, upTo: sum})
	}
	if sum > 1+1e-9 {
		return nil, fmt.Errorf("the rates of all faults add up to %v: there can be no more than 1", sum)
	}
	return rates, nil
}

// A Call is what a Script decides on: a createInstance call whose signature is right.
type Call struct {
	Region string
	N      int    // which of the region's calls, from 1
	Desc   string // of the instance that it asks for
}

// A Script decides what goes wrong with each call. It is called by several goroutines at a time.
type Script func(Call) Fault

// Sequence is a script that gives each region's nth call the nth fault, and none to those that follow.
func Sequence(faults ...Fault) Script {
	return func(c Call) Fault {
		if c.N > len(faults) {
			return NoFault
		}
		return faults[c.N-1]
	}
}

// Script decides by the faults' rates. A decision depends on nothing but the seed, the region and the call's number in
// it, so that it is the same whatever the order in which regions are called.
func (f Faults) Script(seed uint64) (Script, error) {
	rates, err := f.cumulate()
	if err != nil {
		return nil, err
	}
	return func(c Call) Fault {
		h := fnv.New64a()
		_, _ = h.Write([]byte(c.Region))
		dice := rand.New(rand.NewPCG(seed^h.Sum64(), uint64(c.N))).Float64()
		for _, r := range rates {
			if dice < r.upTo {
				return r.fault
			}
		}
		return NoFault
	}, nil
}
