package rehearse_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/internal/rehearse"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// A told is what a log says of one call.
type told struct {
	region  string
	at      int // in seconds from the run's beginning
	took    time.Duration
	failure order.Failure // zero: bought
	result  order.Result
}

var began = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// logOf is a log of calls for an order each.
func logOf(calls ...told) iter.Seq2[state.Entry, error] {
	return func(yield func(state.Entry, error) bool) {
		for n, c := range calls {
			a := order.Address{Name: "gw", Key: order.IndexKey(n)}
			at := began.Add(time.Duration(c.at) * time.Second)
			intent := order.Intent{Attempt: 1, Order: order.Order{Address: a, Region: c.region}, At: at}
			outcome := order.Outcome{Address: a, Attempt: 1, Result: c.result, Failure: c.failure, At: at, Took: c.took}
			if !yield(state.Entry{At: at, Address: a, Intent: &intent}, nil) || !yield(state.Entry{At: at, Address: a, Outcome: &outcome}, nil) {
				return
			}
		}
	}
}

func failed(region string, at int, class order.Class, more order.Failure) told {
	more.Class = class
	return told{region, at, 50 * time.Millisecond, more, class.Result()}
}

func bought(region string, at int) told {
	return told{region: region, at: at, took: 50 * time.Millisecond, result: order.ResultBought}
}

func TestARunTellsHowTheAPIBehaves(t *testing.T) {
	p, calls, err := rehearse.Observed(logOf(
		bought("cn-north-1", 0), bought("cn-north-1", 0), bought("cn-north-1", 1),
		failed("cn-north-1", 1, order.ClassRejected, order.Failure{}),
		// Three a second are let through, and the fourth is throttled.
		bought("cn-east-2", 0), bought("cn-east-2", 0), bought("cn-east-2", 0),
		failed("cn-east-2", 0, order.ClassThrottled, order.Failure{}),
		failed("cn-east-2", 1, order.ClassInDoubt, order.Failure{}),
		failed("cn-east-2", 1, order.ClassInDoubt, order.Failure{HTTPStatus: 500}),
		failed("cn-east-2", 2, order.ClassNotSent, order.Failure{}),
		failed("cn-east-2", 2, order.ClassRejected, order.Failure{Code: "QUOTA_EXCEEDED"}),
		failed("cn-east-2", 2, order.ClassDenied, order.Failure{}),
		// No call was made: that the run ended before it says nothing of the API.
		told{"cn-east-2", 3, 0, order.Failure{Class: order.ClassCancelled}, order.ResultNotBought},
	))
	if err != nil || calls != 13 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	const eighth = 1.0 / 8
	want := simulator.Profile{Regions: map[string]simulator.Behaviour{
		"cn-north-1": {Faults: simulator.Faults{simulator.Reject: 0.25}},
		"cn-east-2": {Admits: 3, Faults: simulator.Faults{
			simulator.DropAnswer: eighth, simulator.ErrorAfter: eighth, simulator.Unreachable: eighth, simulator.Quota: eighth,
		}},
	}}
	for name, b := range p.Regions {
		for _, d := range b.Latency {
			if d != 50*time.Millisecond {
				t.Errorf("%s: a call takes %v", name, d)
			}
		}
		b.Latency = nil
		if diff := cmp.Diff(want.Regions[name], b); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p.All.Admits != 3 || len(p.All.Latency) != 13 || p.All.Faults[simulator.Reject] != 1.0/12 {
		t.Errorf("all together: %+v", p.All)
	}
}

// What is kept of a long log is as spread as the log, and bounded.
func TestLongLogsAreSampled(t *testing.T) {
	var calls []told
	for n := range 50_000 {
		calls = append(calls, told{"cn-north-1", n, time.Duration(n+1) * time.Millisecond, order.Failure{}, order.ResultBought})
	}
	p, _, err := rehearse.Observed(logOf(calls...))
	if err != nil {
		t.Fatal(err)
	}
	l := p.Regions["cn-north-1"].Latency
	if len(l) < 200 || len(l) > 1024 {
		t.Fatalf("%d are kept", len(l))
	}
	for _, share := range []float64{0.1, 0.5, 0.9} {
		got := l[int(share*float64(len(l)))].Seconds()
		if want := share * 50; got < want-0.5 || got > want+0.5 {
			t.Errorf("%.0f %% take up to %.1f s, want %.1f", 100*share, got, want)
		}
	}
}

func TestALogWithoutCallsTellsNothing(t *testing.T) {
	_, calls, err := rehearse.Observed(logOf())
	if err != nil || calls != 0 {
		t.Errorf("%d calls, %v", calls, err)
	}
	broken := fmt.Errorf("line 7 is damaged")
	_, _, err = rehearse.Observed(func(yield func(state.Entry, error) bool) { yield(state.Entry{}, broken) })
	if err != broken {
		t.Errorf("the error is %v", err)
	}
}
