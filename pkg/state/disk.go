package state

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// recordVersion is written into every record. A change of what follows needs a new one, and a reader of the old.
// Version 2 added a failure's ids, and that a purchase was imported; version 3 which fields are sensitive, and what moved
// and removed records are kept for; version 4, in run logs alone, how long calls took and what became of waves. What is of
// an earlier version reads as without them.
const recordVersion = 4

// What is stored of the vocabulary. These structs are the disk format, of the database and of the run logs alike;
// they change with recordVersion only, whatever becomes of package order.

type diskRecord struct {
	Version   int            `json:"v"`
	Address   string         `json:"address"`
	Attempt   int            `json:"attempt"`
	UpdatedAt time.Time      `json:"updated_at"`
	Order     diskOrder      `json:"order"`
	Purchases []diskPurchase `json:"purchases,omitempty"`
	Former    []diskPurchase `json:"former,omitempty"`
	Gone      bool           `json:"gone,omitempty"`
	Doubt     *diskIntent    `json:"doubt,omitempty"`
	DoubtWhy  *diskFailure   `json:"doubt_why,omitempty"`
	Failure   *diskFailure   `json:"failure,omitempty"`
}

type diskOrder struct {
	Region    string     `json:"region,omitempty"`
	AZ        string     `json:"az,omitempty"`
	VPCID     string     `json:"vpc_id,omitempty"`
	SubnetID  string     `json:"subnet_id,omitempty"`
	Spec      string     `json:"spec,omitempty"`
	Quantity  int        `json:"quantity"`
	IPVersion string     `json:"ip_version,omitempty"`
	Desc      string     `json:"desc,omitempty"`
	Charge    diskCharge `json:"charge,omitzero"`

	Sensitive order.FieldSet `json:"sensitive,omitzero"`
}

type diskCharge struct {
	Mode        string `json:"mode,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Duration    int    `json:"duration,omitempty"`
	AutoRenew   bool   `json:"auto_renew,omitempty"`
	AutoPay     bool   `json:"auto_pay,omitempty"`
	BuyScenario string `json:"buy_scenario,omitempty"`
}

// diskPurchase converts from and to order.Purchase, so a field added there doesn't compile until it is decided on here.
type diskPurchase struct {
	Attempt   int          `json:"attempt"`
	BuyID     string       `json:"buy_id,omitempty"`
	SourceIDs []string     `json:"source_ids,omitempty"`
	BIDs      []string     `json:"bids,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
	Quantity  int          `json:"quantity"`
	Run       string       `json:"run,omitempty"`
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
	Digest  order.Digest `json:"digest"` // of the order: what the call asks for, in one number
	Order   diskOrder    `json:"order"`
	At      time.Time    `json:"at"`

	Imported bool          `json:"imported,omitempty"`
	For      order.Address `json:"for,omitzero"`
}

type diskOutcome struct {
	Run      string        `json:"run"`
	Attempt  int           `json:"attempt"`
	Result   order.Result  `json:"result"`
	Purchase *diskPurchase `json:"purchase,omitempty"`
	Failure  *diskFailure  `json:"failure,omitempty"`
	At       time.Time     `json:"at"`
	TookUS   int64         `json:"took_us,omitempty"`
}

// diskFailure converts from and to order.Failure, as diskPurchase does.
type diskFailure struct {
	Class      order.Class `json:"class"`
	HTTPStatus int         `json:"http_status,omitempty"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	BuyID      string      `json:"buy_id,omitempty"`
	SourceIDs  []string    `json:"source_ids,omitempty"`
}

// stored is a record as it goes into the database.
type stored struct {
	entry
	sealed []byte
}

// encodeRecord returns r as it is stored.
func encodeRecord(r order.Record) (stored, error) {
	object, err := marshal(toDisk(r))
	if err != nil {
		return stored{}, fmt.Errorf("%s: the record can't be encoded: %w", r.Address, err)
	}
	sealed, crc := seal(object)
	return stored{entry{r, crc}, sealed}, nil
}

// errVersion is what a record of a later bastion-fleet gives.
type errVersion int

func (v errVersion) Error() string {
	return fmt.Sprintf("it is of version %d, this bastion-fleet knows versions up to %d", int(v), recordVersion)
}

// decodeRecord reads what encodeRecord wrote under the key into e.
func (s *scanner) decodeRecord(key string, sealed []byte, e *entry) (err error) {
	if e.crc, err = unseal(sealed); err != nil {
		return err
	}
	d, scanned := s.scanRecord(sealed)
	if !scanned {
		d = &diskRecord{}
		if err := json.Unmarshal(sealed, d); err != nil {
			return err
		}
	}
	if d.Version < 1 || d.Version > recordVersion {
		return errVersion(d.Version)
	}
	if d.Address != key {
		return fmt.Errorf("it holds the record of %s", d.Address)
	}
	e.record, err = d.record()
	return err
}

func toDisk(r order.Record) diskRecord {
	d := diskRecord{
		Version: recordVersion, Address: r.Address.String(), Attempt: r.Attempt, UpdatedAt: r.UpdatedAt,
		Order: toDiskOrder(r.Order), DoubtWhy: toDiskFailure(r.DoubtWhy), Failure: toDiskFailure(r.Failure),
	}
	d.Purchases, d.Former, d.Gone = toDiskPurchases(r.Purchases), toDiskPurchases(r.Former), r.Gone
	if r.Doubt != nil {
		d.Doubt = new(toDiskIntent(*r.Doubt))
	}
	return d
}

func (d *diskRecord) record() (order.Record, error) {
	address, err := order.ParseAddress(d.Address)
	if err != nil {
		return order.Record{}, err
	}
	r := order.Record{
		Address: address, Attempt: d.Attempt, UpdatedAt: d.UpdatedAt,
		Order: d.Order.order(address), DoubtWhy: d.DoubtWhy.failure(), Failure: d.Failure.failure(),
	}
	r.Purchases, r.Former, r.Gone = purchases(d.Purchases), purchases(d.Former), d.Gone
	if d.Doubt != nil {
		r.Doubt = new(d.Doubt.intent(address))
	}
	return r, nil
}

func toDiskPurchases(list []order.Purchase) []diskPurchase {
	var disk []diskPurchase
	for _, p := range list {
		disk = append(disk, diskPurchase(p))
	}
	return disk
}

func purchases(disk []diskPurchase) []order.Purchase {
	if len(disk) == 0 {
		return nil
	}
	list := make([]order.Purchase, len(disk))
	for i, p := range disk {
		list[i] = order.Purchase(p)
	}
	return list
}

func toDiskOrder(o order.Order) diskOrder {
	return diskOrder{
		Region: o.Region, AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID, Spec: o.Spec,
		Quantity: o.Quantity, IPVersion: o.IPVersion, Desc: o.Desc, Charge: diskCharge(o.Charge), Sensitive: o.Sensitive,
	}
}

func (d diskOrder) order(address order.Address) order.Order {
	return order.Order{
		Address: address,
		Region:  d.Region, AZ: d.AZ, VPCID: d.VPCID, SubnetID: d.SubnetID, Spec: d.Spec,
		Quantity: d.Quantity, IPVersion: d.IPVersion, Desc: d.Desc, Charge: order.Charge(d.Charge), Sensitive: d.Sensitive,
	}
}

func toDiskIntent(i order.Intent) diskIntent {
	return diskIntent{
		Run: i.Run, Attempt: i.Attempt, Marker: i.Marker, Digest: i.Order.Digest(),
		Order: toDiskOrder(i.Order), At: i.At, Imported: i.Imported, For: i.For,
	}
}

func (d diskIntent) intent(address order.Address) order.Intent {
	return order.Intent{
		Run: d.Run, Attempt: d.Attempt, Marker: d.Marker, Order: d.Order.order(address), At: d.At,
		Imported: d.Imported, For: d.For,
	}
}

func toDiskOutcome(o order.Outcome) diskOutcome {
	d := diskOutcome{Run: o.Run, Attempt: o.Attempt, Result: o.Result, At: o.At, TookUS: o.Took.Microseconds()}
	if o.Result == order.ResultBought {
		d.Purchase = new(diskPurchase(o.Purchase))
	} else {
		d.Failure = toDiskFailure(&o.Failure)
	}
	return d
}

func (d diskOutcome) outcome(address order.Address) order.Outcome {
	o := order.Outcome{
		Run: d.Run, Address: address, Attempt: d.Attempt, Result: d.Result, At: d.At,
		Took: time.Duration(d.TookUS) * time.Microsecond,
	}
	if d.Purchase != nil {
		o.Purchase = order.Purchase(*d.Purchase)
	}
	if d.Failure != nil {
		o.Failure = *d.Failure.failure()
	}
	return o
}

func toDiskFailure(f *order.Failure) *diskFailure {
	if f == nil {
		return nil
	}
	return new(diskFailure(*f))
}

func (d *diskFailure) failure() *order.Failure {
	if d == nil {
		return nil
	}
	return new(order.Failure(*d))
}
