package simulator_test

import (
	"context"
	"errors"
	"fmt"
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

func TestFaults(t *testing.T) {
	for _, tt := range faultClasses {
		check := func(t *testing.T, s *simulator.Simulator, ctx context.Context, c *bastion.Client, want bastion.Class) {
			_, err := c.CreateInstance(ctx, north, order(1, "x"))
			var e *bastion.Error
			if !errors.As(err, &e) || e.Class != want {
				t.Errorf("%v; want %s", err, want)
			}
			if wait := e.RetryAfter; (e.Class == bastion.Throttled) != (wait == 2*time.Second) {
				t.Errorf("asked to wait for %v", wait)
			}
			if bought := len(s.Ledger()); (bought == 1) != tt.fault.Buys() {
				t.Errorf("%d purchases", bought)
			}
			buy(t, c, north, order(1, "next"))
			if got := s.Counters().Faults; !cmp.Equal(got, map[simulator.Fault]int{tt.fault: 1}) {
				t.Errorf("counted %v", got)
			}
		}
		o := simulator.Options{Script: simulator.Sequence(tt.fault), RetryAfter: 1500 * time.Millisecond}
		t.Run(tt.fault.String()+" without a socket", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, o)
				check(t, s, context.Background(), client(t, s, ""), tt.direct)
			})
		})
		t.Run(tt.fault.String()+" over a socket", func(t *testing.T) {
			s := start(t, o)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if tt.fault == simulator.Stall {
				cancelOncePurchased(s, cancel)
			}
			check(t, s, ctx, client(t, s, overHTTP(t, s).URL), tt.wire)
		})
	}
}

// cancelOncePurchased gives a stalled call up as soon as it has bought.
func cancelOncePurchased(s *simulator.Simulator, cancel func()) {
	go func() {
		for len(s.Ledger()) == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
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
