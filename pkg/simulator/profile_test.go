package simulator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
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
			Regions: map[string]Behaviour{"busy": {Admits: 2}, "bad": {Faults: Faults{Reject: 1}}},
		}
		cast, err := p.play()
		if err != nil {
			t.Fatal(err)
		}
		fault := func(region string, n int) Fault { return cast.region(region).fault(Call{Region: region, N: n}) }
		if d := cast.region("any").pace(Call{N: 1}); d != time.Second {
			t.Errorf("a call takes %v", d)
		}
		if f := fault("any", 1); f != NoFault {
			t.Errorf("a call gets %v", f)
		}
		if f := fault("bad", 1); f != Reject {
			t.Errorf("the bad region's call gets %v", f)
		}
		var faults []Fault
		for n := range 4 {
			faults = append(faults, fault("busy", n+1))
		}
		time.Sleep(500 * time.Millisecond)
		faults = append(faults, fault("busy", 5))
		want := []Fault{NoFault, NoFault, Throttle, Throttle, NoFault}
		if diff := cmp.Diff(want, faults); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheSameSeedGivesTheSameLatencies(t *testing.T) {
	draw := func(seed uint64) (drawn []time.Duration) {
		p := Profile{Seed: seed, All: Behaviour{Latency: Latency{0, time.Hour}}}
		cast, err := p.play()
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			drawn = append(drawn, cast.region("cn-north-1").pace(Call{N: n}))
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
	bad := Behaviour{Faults: Faults{Reject: 0.7, Quota: 0.7}}
	for _, p := range []Profile{{All: bad}, {Regions: map[string]Behaviour{"cn-north-1": bad}}} {
		if _, err := New(Options{Profile: &p}); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

// The simulator's answers to purchases take as long as the profile says.
func TestAnswersTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, err := New(Options{Latency: time.Hour, Profile: &Profile{All: Behaviour{Latency: Latency{3 * time.Second}}}})
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
