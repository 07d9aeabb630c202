package rehearse

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

func TestLatenciesAreSpreadBetweenThoseThatAreNamed(t *testing.T) {
	l := Latency{100 * time.Millisecond, 200 * time.Millisecond, 1000 * time.Millisecond}
	var got []time.Duration
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		got = append(got, l.at(share))
	}
	want := []time.Duration{100e6, 150e6, 200e6, 600e6, 1000e6}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := (Latency{}).at(0.5); d != 0 {
		t.Errorf("without any it takes %v", d)
	}
}

func TestARegionBehavesAsItsProfileSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Profile{
			All:     Behaviour{Latency: Latency{time.Second}},
			Regions: map[string]Behaviour{"busy": {Admits: 2}, "bad": {Faults: simulator.Faults{simulator.Reject: 1}}},
		}
		var o simulator.Options
		if err := p.Play(&o); err != nil {
			t.Fatal(err)
		}
		call := func(region string, n int) simulator.Call { return simulator.Call{Region: region, N: n} }
		if d := o.Pace(call("any", 1)); d != time.Second {
			t.Errorf("a call takes %v", d)
		}
		if f := o.Script(call("any", 1)); f != simulator.NoFault {
			t.Errorf("a call gets %v", f)
		}
		if f := o.Script(call("bad", 1)); f != simulator.Reject {
			t.Errorf("the bad region's call gets %v", f)
		}
		var faults []simulator.Fault
		for n := range 4 {
			faults = append(faults, o.Script(call("busy", n+1)))
		}
		time.Sleep(500 * time.Millisecond)
		faults = append(faults, o.Script(call("busy", 5)))
		want := []simulator.Fault{simulator.NoFault, simulator.NoFault, simulator.Throttle, simulator.Throttle, simulator.NoFault}
		if diff := cmp.Diff(want, faults); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheSameSeedGivesTheSameLatencies(t *testing.T) {
	draw := func(seed uint64) (drawn []time.Duration) {
		p := Profile{Seed: seed, All: Behaviour{Latency: Latency{0, time.Hour}}}
		var o simulator.Options
		if err := p.Play(&o); err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			drawn = append(drawn, o.Pace(simulator.Call{Region: "cn-north-1", N: n}))
		}
		return drawn
	}
	if diff := cmp.Diff(draw(1), draw(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(draw(1), draw(2)) {
		t.Error("two seeds give the same latencies")
	}
}

func TestRatesThatCannotBeAreRefused(t *testing.T) {
	bad := Behaviour{Faults: simulator.Faults{simulator.Reject: 0.7, simulator.Quota: 0.7}}
	for _, p := range []Profile{{All: bad}, {Regions: map[string]Behaviour{"cn-north-1": bad}}} {
		if err := p.Play(new(simulator.Options)); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

// The simulator's answers to purchases take as long as the profile says.
func TestAnswersTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := simulator.Options{Latency: time.Hour}
		if err := (Profile{All: Behaviour{Latency: Latency{3 * time.Second}}}).Play(&o); err != nil {
			t.Fatal(err)
		}
		sim, err := simulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		key, err := bastion.NewCredentials("sim", "sim", "")
		if err != nil {
			t.Fatal(err)
		}
		client, err := bastion.New(bastion.Options{Transport: sim, Credentials: key, Parallelism: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		start := time.Now()
		_, err = client.CreateInstance(t.Context(), "cn-north-1", bastion.CreateInstanceRequest{InstanceSpec: bastion.InstanceSpec{
			AZ: "cn-north-1a", VPCID: "vpc-1", SubnetID: "subnet-1", Spec: "bastion-50", Quantity: 1, IPVersion: "v4",
		}})
		if d := time.Since(start); err != nil || d != 3*time.Second {
			t.Errorf("a purchase took %v, %v", d, err)
		}
	})
}
