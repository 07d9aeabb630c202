package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// jsonRecord is a record for scripts. BuyID, SourceIDs, BIDs and RequestID are those of the last purchase; Purchases has
// all of them.
type jsonRecord struct {
	Address   order.Address `json:"address"`
	Region    string        `json:"region"`
	Status    order.Status  `json:"status"`
	BuyID     string        `json:"buy_id"`
	SourceIDs []string      `json:"source_ids"`
	BIDs      []string      `json:"bids"` // of an adopted or imported purchase, whose buyId nobody may know
	RequestID string        `json:"request_id"`
	jsonOrder
	Bought    int            `json:"bought"` // instances
	Unpaid    bool           `json:"unpaid"` // a purchase was made without auto_pay
	Purchases []jsonPurchase `json:"purchases"`
	Former    []jsonPurchase `json:"former,omitempty"` // bought here, and removed since
	Gone      bool           `json:"gone,omitempty"`   // what was here was moved or removed
	InDoubt   *jsonDoubt     `json:"in_doubt,omitempty"`
	Failure   *jsonFailure   `json:"failure,omitempty"`
	Attempt   int            `json:"attempt"`
	UpdatedAt time.Time      `json:"updated_at"`
}

type jsonPurchase struct {
	Attempt   int          `json:"attempt"`
	BuyID     string       `json:"buy_id"`
	SourceIDs []string     `json:"source_ids"`
	BIDs      []string     `json:"bids"`
	RequestID string       `json:"request_id"`
	Quantity  int          `json:"quantity"`
	Run       string       `json:"run"`
	Marker    order.Marker `json:"marker,omitempty"`
	Unpaid    bool         `json:"unpaid"`
	Imported  bool         `json:"imported"`
	At        time.Time    `json:"at"`

	For order.Address `json:"for,omitzero"` // what the call was made for, where the record has moved since
}

func purchaseJSON(p order.Purchase) jsonPurchase {
	out := jsonPurchase(p)
	out.At = p.At.UTC()
	out.SourceIDs, out.BIDs = listed(p.SourceIDs), listed(p.BIDs)
	return out
}

// listed is a list for readers even where it is empty.
func listed(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}

func recordJSON(r *order.Record) jsonRecord {
	out := jsonRecord{
		Address: r.Address, Region: r.Region(), Status: r.Status(), SourceIDs: []string{}, BIDs: []string{},
		jsonOrder: orderJSON(r.Order.Shown(0)), Bought: r.Bought(), Unpaid: unpaid(r), Purchases: []jsonPurchase{}, Gone: r.Gone,
		InDoubt: doubtJSON(r), Failure: (*jsonFailure)(r.Failure), Attempt: r.Attempt, UpdatedAt: r.UpdatedAt.UTC(),
	}
	for _, p := range r.Purchases {
		last := purchaseJSON(p)
		out.Purchases = append(out.Purchases, last)
		out.BuyID, out.SourceIDs, out.BIDs, out.RequestID = last.BuyID, last.SourceIDs, last.BIDs, last.RequestID
	}
	for _, p := range r.Former {
		out.Former = append(out.Former, purchaseJSON(p))
	}
	return out
}

// StateList prints one array, a record a line.
func (j *JSON) StateList(records []order.Record) {
	j.out.print("[")
	for i := range records {
		if i > 0 {
			j.out.print(",")
		}
		j.out.print("\n")
		line := j.enc.encode(recordJSON(&records[i]))
		_, _ = j.out.buf.Write(line[:len(line)-1])
	}
	j.out.print("\n]\n")
	j.flush()
}

// StateShow prints one object.
func (j *JSON) StateShow(r order.Record) {
	j.object(recordJSON(&r))
}
