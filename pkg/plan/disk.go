package plan

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// The structs of this file are version 4 of the plan file; versions 1 to 3 are not read any more. Their JSON must not
// change: a new field or meaning is a new version, with structs of its own beside these.

type diskHead struct {
	ID        string      `json:"id"`
	Created   time.Time   `json:"created"`
	Expires   time.Time   `json:"expires"`
	Program   string      `json:"program"`
	Fleet     string      `json:"fleet"`
	Account   string      `json:"account,omitempty"`
	Endpoint  string      `json:"endpoint,omitempty"`
	State     string      `json:"state"`
	Lineage   string      `json:"lineage"`
	Serial    uint64      `json:"serial"`
	Rollout   diskRollout `json:"rollout"`
	Waves     []diskWave  `json:"waves,omitempty"`
	Limits    diskLimits  `json:"limits,omitzero"`
	Prices    diskPrices  `json:"prices,omitzero"`
	Selected  bool        `json:"selected,omitempty"`
	Unchanged int         `json:"unchanged"`
	Changes   int         `json:"changes"`
	diskRewrites

	Latency time.Duration `json:"latency,omitempty"` // in nanoseconds
}

// diskChange holds what a change was decided from. Quantity, cost and fields are not in it: reading decides anew, so that
// no edit can make a file buy what a plan would not.
type diskChange struct {
	Action Action        `json:"action"`
	Wave   int           `json:"wave,omitempty"`
	Wish   *diskOrder    `json:"wish,omitempty"`
	Digest *order.Digest `json:"digest,omitempty"` // of Wish
	Known  *diskRecord   `json:"known,omitempty"`

	Lifecycle diskLifecycle `json:"lifecycle,omitzero"`
}

// diskLifecycle converts from and to order.Lifecycle, so a field added there doesn't compile until it is decided on here.
type diskLifecycle struct {
	Ignore        order.FieldSet `json:"ignore_changes,omitempty"`
	PreventChange bool           `json:"prevent_change,omitempty"`
}

type diskOrder struct {
	Address     order.Address `json:"address"`
	Region      string        `json:"region"`
	AZ          string        `json:"az"`
	VPCID       string        `json:"vpc_id"`
	SubnetID    string        `json:"subnet_id"`
	Spec        string        `json:"spec"`
	Quantity    int           `json:"quantity"`
	IPVersion   string        `json:"ip_version"`
	Desc        string        `json:"desc,omitempty"`
	Mode        string        `json:"mode,omitempty"`
	Unit        string        `json:"unit,omitempty"`
	Duration    int           `json:"duration,omitempty"`
	AutoRenew   bool          `json:"auto_renew,omitempty"`
	AutoPay     bool          `json:"auto_pay,omitempty"`
	BuyScenario string        `json:"buy_scenario,omitempty"`

	Sensitive order.FieldSet `json:"sensitive,omitzero"`
}

type diskRecord struct {
	Address   order.Address  `json:"address"`
	Order     diskOrder      `json:"order"`
	Purchases []diskPurchase `json:"purchases,omitempty"`
	Former    []diskPurchase `json:"former,omitempty"`
	Gone      bool           `json:"gone,omitempty"`
	Doubt     *diskIntent    `json:"doubt,omitempty"`
	DoubtWhy  *diskFailure   `json:"doubt_why,omitempty"`
	Failure   *diskFailure   `json:"failure,omitempty"`
	Attempt   int            `json:"attempt"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// diskPurchase converts from and to order.Purchase, as diskLifecycle does.
type diskPurchase struct {
	Attempt   int          `json:"attempt"`
	BuyID     string       `json:"buy_id,omitempty"`
	SourceIDs []string     `json:"source_ids,omitempty"`
	BIDs      []string     `json:"bids,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
	Quantity  int          `json:"quantity"`
	Run       string       `json:"run"`
	Marker    order.Marker `json:"marker,omitempty"`
	Unpaid    bool         `json:"unpaid,omitempty"`
	Imported  bool         `json:"imported,omitempty"`
	At        time.Time    `json:"at"`

	For order.Address `json:"for,omitzero"`
}

type diskIntent struct {
	Run     string       `json:"run"`
	Attempt int          `json:"attempt"`
	Marker  order.Marker `json:"marker,omitempty"`
	Order   diskOrder    `json:"order"`
	At      time.Time    `json:"at"`

	Imported bool          `json:"imported,omitempty"`
	For      order.Address `json:"for,omitzero"`
}

// diskFailure converts from and to order.Failure, as diskLifecycle does.
type diskFailure struct {
	Class      order.Class `json:"class"`
	HTTPStatus int         `json:"http_status,omitempty"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	BuyID      string      `json:"buy_id,omitempty"`
	SourceIDs  []string    `json:"source_ids,omitempty"`
}

func headToDisk(f File) diskHead {
	return diskHead{
		ID: f.ID, Created: f.Created, Expires: f.Expires, Program: f.Program,
		Fleet: f.Plan.Fleet, Account: f.Account, Endpoint: f.Endpoint, State: f.State,
		Lineage: f.Plan.Lineage, Serial: f.Plan.Serial, Rollout: rolloutToDisk(f.Plan.Rollout), Waves: wavesToDisk(f.Plan.Waves),
		Limits: diskLimits(f.Plan.Limits), Prices: pricesToDisk(f.Plan.Prices),
		Selected: f.Plan.Selected, Unchanged: f.Plan.Unchanged, Latency: f.Plan.Latency, Changes: len(f.Plan.Changes),
		diskRewrites: rewritesToDisk(f.Plan),
	}
}

func (d diskHead) toFile() (File, error) {
	rollout := d.Rollout.toRollout()
	waves, err := toWaves(d.Waves, rollout)
	return File{
		ID: d.ID, Created: d.Created, Expires: d.Expires, Program: d.Program, Account: d.Account, Endpoint: d.Endpoint, State: d.State,
		Plan: Plan{
			Fleet: d.Fleet, Lineage: d.Lineage, Serial: d.Serial, Rollout: rollout, Waves: waves,
			Limits: order.Limits(d.Limits), Prices: d.Prices.toPrices(),
			Selected: d.Selected, Unchanged: d.Unchanged, Latency: d.Latency,
		},
	}, err
}

func changeToDisk(c *Change) diskChange {
	d := diskChange{Action: c.Action, Wave: c.Wave, Lifecycle: diskLifecycle(c.Lifecycle)}
	if c.Wished() {
		wish, digest := orderToDisk(c.Order), c.Order.Digest()
		d.Wish, d.Digest = &wish, &digest
	}
	if c.Before != nil {
		known := recordToDisk(c.Before)
		d.Known = &known
	}
	return d
}

// toChange decides about the pair again and refuses what Build would not have made.
func (d diskChange) toChange() (Change, error) {
	p := pair{lifecycle: order.Lifecycle(d.Lifecycle)}
	if d.Wish != nil {
		wish := d.Wish.toOrder()
		if d.Digest == nil || *d.Digest != wish.Digest() {
			return Change{}, refuse(ErrAltered, "the order at %s does not match its digest", wish.Address)
		}
		for _, problem := range wish.Problems() {
			if !problem.Warning {
				return Change{}, refuse(ErrAltered, "the order at %s can't be bought: %s", wish.Address, problem.Detail)
			}
		}
		p.wish = &wish
	}
	if d.Known != nil {
		known := d.Known.toRecord()
		p.known = &known
	}
	switch {
	case p.wish == nil && p.known == nil:
		return Change{}, refuse(ErrAltered, "a change names no address")
	case p.wish != nil && p.known != nil && p.wish.Address != p.known.Address:
		return Change{}, refuse(ErrAltered, "a change names both %s and %s", p.wish.Address, p.known.Address)
	case d.Action == None || d.Action != p.action():
		return Change{}, refuse(ErrAltered, "%s is to %s, which does not follow from the rest", p.address(), d.Action)
	}
	c := p.change()
	c.Wave = d.Wave
	return c, nil
}

func orderToDisk(o order.Order) diskOrder {
	return diskOrder{
		Address: o.Address, Region: o.Region, AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID, Spec: o.Spec,
		Quantity: o.Quantity, IPVersion: o.IPVersion, Desc: o.Desc,
		Mode: o.Charge.Mode, Unit: o.Charge.Unit, Duration: o.Charge.Duration,
		AutoRenew: o.Charge.AutoRenew, AutoPay: o.Charge.AutoPay, BuyScenario: o.Charge.BuyScenario,
		Sensitive: o.Sensitive,
	}
}

func (d diskOrder) toOrder() order.Order {
	return order.Order{
		Address: d.Address, Region: d.Region, AZ: d.AZ, VPCID: d.VPCID, SubnetID: d.SubnetID, Spec: d.Spec,
		Quantity: d.Quantity, IPVersion: d.IPVersion, Desc: d.Desc,
		Charge: order.Charge{
			Mode: d.Mode, Unit: d.Unit, Duration: d.Duration,
			AutoRenew: d.AutoRenew, AutoPay: d.AutoPay, BuyScenario: d.BuyScenario,
		},
		Sensitive: d.Sensitive,
	}
}

func recordToDisk(r *order.Record) diskRecord {
	d := diskRecord{
		Address: r.Address, Order: orderToDisk(r.Order), Attempt: r.Attempt, UpdatedAt: r.UpdatedAt,
		DoubtWhy: (*diskFailure)(r.DoubtWhy), Failure: (*diskFailure)(r.Failure),
	}
	d.Purchases, d.Former, d.Gone = purchasesToDisk(r.Purchases), purchasesToDisk(r.Former), r.Gone
	if i := r.Doubt; i != nil {
		d.Doubt = &diskIntent{Run: i.Run, Attempt: i.Attempt, Marker: i.Marker, Order: orderToDisk(i.Order), At: i.At, Imported: i.Imported, For: i.For}
	}
	return d
}

func (d diskRecord) toRecord() order.Record {
	r := order.Record{
		Address: d.Address, Order: d.Order.toOrder(), Attempt: d.Attempt, UpdatedAt: d.UpdatedAt,
		DoubtWhy: (*order.Failure)(d.DoubtWhy), Failure: (*order.Failure)(d.Failure),
	}
	r.Purchases, r.Former, r.Gone = toPurchases(d.Purchases), toPurchases(d.Former), d.Gone
	if i := d.Doubt; i != nil {
		r.Doubt = &order.Intent{Run: i.Run, Attempt: i.Attempt, Marker: i.Marker, Order: i.Order.toOrder(), At: i.At, Imported: i.Imported, For: i.For}
	}
	return r
}

func purchasesToDisk(list []order.Purchase) []diskPurchase {
	var disk []diskPurchase
	for _, p := range list {
		disk = append(disk, diskPurchase(p))
	}
	return disk
}

func toPurchases(disk []diskPurchase) []order.Purchase {
	var list []order.Purchase
	for _, p := range disk {
		list = append(list, order.Purchase(p))
	}
	return list
}
