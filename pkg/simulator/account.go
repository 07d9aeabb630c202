package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"sort"
	"strings"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// An account is what was bought: looked up by any of its ids, and listed by region in the order of purchase.
type account struct {
	purchases []Purchase
	regions   map[string]*region
	bySource  map[string]*instance
	byBID     map[string]*instance
	byID      map[string]*instance

	lag    time.Duration // see Options.ListingLag
	comeUp time.Duration // see Options.ComeUp
	fault  InstanceScript
}

type region struct {
	listed      []*instance // oldest first
	instances   int         // bought so far, paid for or not
	calls       int         // createInstance calls so far
	inFlight    int
	maxInFlight int
}

type instance struct {
	bastion.Bastion           // Status 0: it is what life says
	shownAt         time.Time // when listings begin to show it
	life            life
}

func newAccount(o Options) account {
	return account{
		lag: o.ListingLag, comeUp: o.ComeUp, fault: o.InstanceScript,
		regions:  map[string]*region{},
		bySource: map[string]*instance{},
		byBID:    map[string]*instance{},
		byID:     map[string]*instance{},
	}
}

// newPrefix returns what tells the ids of one Simulator from those of another.
func newPrefix() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

func (a *account) region(name string) *region {
	r := a.regions[name]
	if r == nil {
		r = &region{}
		a.regions[name] = r
	}
	return r
}

// add takes a purchase in. Unpaid ones are known by their sourceIds, but no instance of theirs is shown.
func (a *account) add(p Purchase, spec bastion.CreateInstanceRequest) {
	a.purchases = append(a.purchases, p)
	r := a.region(p.Region)
	for _, source := range p.SourceIDs {
		i := newInstance(p, spec, source)
		i.shownAt = p.Time.Add(a.lag)
		r.instances++
		i.life = life{
			fault: a.fault(Instance{Region: p.Region, N: r.instances, Desc: p.Desc}), upAt: p.Time.Add(a.comeUp), after: a.comeUp,
		}
		a.bySource[source] = i
		if !p.Paid {
			continue
		}
		a.byBID[i.BID] = i
		a.byID[i.InstanceID] = i
		r.listed = append(r.listed, i)
	}
}

func newInstance(p Purchase, spec bastion.CreateInstanceRequest, source string) *instance {
	const clock = "2006-01-02 15:04:05"
	id := strings.TrimPrefix(source, sourcePrefix)
	i := &instance{Bastion: bastion.Bastion{
		BID:        bidPrefix + id,
		InstanceID: "bastion-" + id,
		RegionID:   p.Region,
		AZ:         spec.InstanceSpec.AZ,
		VPCID:      spec.InstanceSpec.VPCID,
		SubnetID:   spec.InstanceSpec.SubnetID,
		Domain:     id + ".bastion.example.com",
		Spec:       p.Spec,
		StartTime:  p.Time.UTC().Format(clock),
		Desc:       p.Desc,
	}}
	if c := spec.ChargeSpec; c != nil {
		i.ChargeMode, i.ChargeUnit, i.ChargeDuration = c.ChargeMode, c.ChargeUnit, bastion.Integer(c.ChargeDuration)
		years, months := 0, c.ChargeDuration
		if c.ChargeUnit == "YEAR" {
			years, months = c.ChargeDuration, 0
		}
		i.EndTime = p.Time.UTC().AddDate(years, months, 0).Format(clock)
	}
	return i
}

// shown returns the region's instances that listings show by now.
func (r *region) shown(now time.Time) []*instance {
	n := sort.Search(len(r.listed), func(i int) bool { return r.listed[i].shownAt.After(now) })
	return r.listed[:n]
}
