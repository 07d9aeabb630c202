package simulator

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// An InstanceFault is what goes wrong with an instance that was bought. The zero value is nothing: it comes up.
type InstanceFault uint8

// The faults of instances.
const (
	NoInstanceFault InstanceFault = iota
	Stuck                         // it never comes up
	Expired                       // it comes up expired
	Falls                         // it comes up, and as long again later it does not run any more, nor is it expired
)

var instanceFaultNames = [...]string{NoInstanceFault: "none", Stuck: "stuck", Expired: "expired", Falls: "falls"}

func (f InstanceFault) String() string { return instanceFaultNames[f] }

// statusComing is that of an instance that does not run yet, or not any more. The API's own is unknown.
const statusComing bastion.Integer = 2

// InstanceFaults says how often each fault happens: from 0, never, to 1. Their sum is at most 1.
type InstanceFaults map[InstanceFault]float64

// ParseInstanceFault reads a fault and its rate in the form stuck=0.03, as --instance-fault takes it.
func ParseInstanceFault(s string) (InstanceFault, float64, error) {
	i, p, err := parseRate(s, instanceFaultNames[:], "a fault of an instance")
	return InstanceFault(i), p, err
}

// An Instance is what an InstanceScript decides on.
type Instance struct {
	Region string
	N      int    // which of the region's instances, from 1, in the order of purchase
	Desc   string // as it was bought
}

// An InstanceScript decides what goes wrong with each instance, once for each. It must not call the Simulator.
type InstanceScript func(Instance) InstanceFault

// Script decides by the faults' rates. A decision depends on nothing but the seed, the region and the instance's number in
// it, so that an account that is continued from its ledger shows what it showed before.
func (f InstanceFaults) Script(seed uint64) (InstanceScript, error) {
	sum := 0.0
	for fault, p := range f {
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("the rate of the instances' fault %s is %v: it must be from 0 to 1", fault, p)
		}
		sum += p
	}
	if sum > 1+1e-9 {
		return nil, fmt.Errorf("the rates of all faults of instances add up to %v: there can be no more than 1", sum)
	}
	return func(i Instance) InstanceFault {
		h := fnv.New64a()
		_, _ = h.Write([]byte(i.Region))
		dice := rand.New(rand.NewPCG(^seed^h.Sum64(), uint64(i.N))).Float64()
		for fault := Stuck; int(fault) < len(instanceFaultNames); fault++ {
			if dice -= f[fault]; dice < 0 {
				return fault
			}
		}
		return NoInstanceFault
	}, nil
}

// A life is how an instance's status changes by itself, until somebody sets it.
type life struct {
	fault InstanceFault
	upAt  time.Time     // when it comes up
	after time.Duration // with Falls: how long it is up
}

// status is the instance's at a moment.
func (l life) status(now time.Time) bastion.Integer {
	switch {
	case l.fault == Stuck || now.Before(l.upAt):
		return statusComing
	case l.fault == Expired:
		return bastion.StatusExpired
	case l.fault == Falls && !now.Before(l.upAt.Add(l.after)):
		return statusComing
	}
	return bastion.StatusRunning
}

// seen is the instance as the API shows it at a moment.
func (i *instance) seen(now time.Time) bastion.Bastion {
	b := i.Bastion
	if b.Status == 0 { // nobody has set it
		b.Status = i.life.status(now)
	}
	return b
}
