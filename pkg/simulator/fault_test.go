package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// faultClasses says what the client makes of each fault: without a socket, and over one.
var faultClasses = []struct {
	fault        simulator.Fault
	direct, wire bastion.Class
}{
	{simulator.Throttle, bastion.Throttled, bastion.Throttled},
	{simulator.ThrottleAs400, bastion.Throttled, bastion.Throttled},
	{simulator.Quota, bastion.Rejected, bastion.Rejected},
	{simulator.Reject, bastion.Rejected, bastion.Rejected},
	{simulator.Unreachable, bastion.NotSent, bastion.InDoubt},
	{simulator.DropRequest, bastion.InDoubt, bastion.InDoubt},
	{simulator.ErrorBefore, bastion.InDoubt, bastion.InDoubt},
	{simulator.ErrorAfter, bastion.InDoubt, bastion.InDoubt},
	{simulator.DropAnswer, bastion.InDoubt, bastion.InDoubt},
	{simulator.CutAnswer, bastion.InDoubt, bastion.InDoubt},
	{simulator.ForeignAnswer, bastion.InDoubt, bastion.InDoubt},
	{simulator.Stall, bastion.InDoubt, bastion.InDoubt},
}

// checkFault makes a call that meets the fault and one that doesn't. Settled waits until the simulator is done with
// the first.
func checkFault(t *testing.T, s *simulator.Simulator, ctx context.Context, c *bastion.Client, fault simulator.Fault, want bastion.Class, settled func()) {
	t.Helper()
	_, err := c.CreateInstance(ctx, north, order(1, "x"))
	settled()
	var e *bastion.Error
	if !errors.As(err, &e) || e.Class != want {
		t.Fatalf("%v; want %s", err, want)
	}
	if (e.Class == bastion.Throttled) != (e.RetryAfter == 2*time.Second) {
		t.Errorf("asked to wait for %v", e.RetryAfter)
	}
	if bought := len(s.Ledger()); (bought == 1) != fault.Buys() {
		t.Errorf("%d purchases", bought)
	}
	buy(t, c, north, order(1, "next"))
	if got := s.Counters().Faults; !cmp.Equal(got, map[simulator.Fault]int{fault: 1}) {
		t.Errorf("counted %v", got)
	}
}

func TestFaultsWithoutASocket(t *testing.T) {
	for _, tt := range faultClasses {
		t.Run(tt.fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, simulator.Options{Script: simulator.Sequence(tt.fault), RetryAfter: 1500 * time.Millisecond})
				checkFault(t, s, context.Background(), client(t, s, ""), tt.fault, tt.direct, func() {})
			})
		})
	}
}

func TestFaultsOverASocket(t *testing.T) {
	for _, tt := range faultClasses {
		t.Run(tt.fault.String(), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			script := func(c simulator.Call) simulator.Fault {
				if c.N > 1 {
					return simulator.NoFault
				}
				if tt.fault == simulator.Stall {
					cancel() // the caller gives up while its call is looked at
				}
				return tt.fault
			}
			s := start(t, simulator.Options{Script: script, RetryAfter: 1500 * time.Millisecond})
			done := make(chan struct{}, 2)
			server := overHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { done <- struct{}{} }()
				s.ServeHTTP(w, r)
			}))
			checkFault(t, s, ctx, client(t, s, server.URL), tt.fault, tt.wire, func() { <-done })
		})
	}
}

// Whatever goes wrong, the client never claims that nothing was bought when it was, nor the other way round.
func TestTheClientsWordIsTheLedgers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, len(faultClasses)-2), func(i int) simulator.Fault {
			return faultClasses[i].fault // all but the last, a stall: nobody gives up here
		}), 1, 20).Draw(t, "faults")
		s, err := simulator.New(simulator.Options{Script: simulator.Sequence(faults...)})
		if err != nil {
			t.Fatal(err)
		}
		c := client(t, s, "")
		for i := range len(faults) + 1 {
			before := len(s.Ledger())
			result, err := c.CreateInstance(context.Background(), north, order(1, ""))
			bought := s.Ledger()[before:]
			var e *bastion.Error
			switch {
			case err == nil:
				if len(bought) != 1 || bought[0].BuyID != result.BuyID {
					t.Fatalf("call %d: %+v, but the ledger has %+v", i, result, bought)
				}
			case !errors.As(err, &e):
				t.Fatalf("call %d: %v", i, err)
			case e.Class != bastion.InDoubt && len(bought) != 0:
				t.Fatalf("call %d: %v, but it was bought", i, e)
			}
		}
	})
}

func TestFaultsByRateFollowTheSeed(t *testing.T) {
	outcomes := func(seed uint64, regions ...string) map[string]string {
		s := start(t, simulator.Options{
			Faults: simulator.Faults{simulator.Throttle: .2, simulator.ErrorAfter: .1, simulator.DropAnswer: .1},
			Seed:   seed,
		})
		c := client(t, s, "")
		seen := map[string]string{}
		for range 300 / len(regions) {
			for _, region := range regions {
				_, err := c.CreateInstance(context.Background(), region, order(1, ""))
				var e *bastion.Error
				errors.As(err, &e)
				seen[region] += map[bool]string{true: "."}[e == nil]
				if e != nil {
					seen[region] += fmt.Sprint(e.HTTPStatus/100, " ")
				}
			}
		}
		f := s.Counters().Faults
		if f[simulator.Throttle] < 30 || f[simulator.Throttle] > 90 || f[simulator.DropAnswer] < 10 || f[simulator.DropAnswer] > 60 {
			t.Errorf("300 calls with 20 %% throttles and 10 %% lost answers had %v", f)
		}
		return seen
	}
	if diff := cmp.Diff(outcomes(1, north, east), outcomes(1, east, north)); diff != "" {
		t.Errorf("the order of regions changed the faults:\n%s", diff)
	}
	if cmp.Equal(outcomes(1, north), outcomes(2, north)) {
		t.Error("two seeds give the same faults")
	}
}

func TestParseFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fault := rapid.SampledFrom(faultClasses).Draw(t, "fault").fault
		p := rapid.Float64Range(0, 1).Draw(t, "rate")
		got, rate, err := simulator.ParseFault(fmt.Sprintf("%s=%v", fault, p))
		if err != nil || got != fault || rate != p {
			t.Errorf("%v, %v, %v", got, rate, err)
		}
	})
	for _, text := range []string{"", "throttle", "throttle=", "throttle=1.1", "throttle=-1", "throttle=NaN", "none=0.1", "banana=0.1", "throttle=x"} {
		if got, rate, err := simulator.ParseFault(text); err == nil {
			t.Errorf("%q was read as %v, %v", text, got, rate)
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for _, o := range []simulator.Options{
		{Latency: -1},
		{Faults: simulator.Faults{simulator.Throttle: 1.5}},
		{Faults: simulator.Faults{simulator.Throttle: .6, simulator.Stall: .6}},
		{LedgerFile: t.TempDir()},
	} {
		if _, err := simulator.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
