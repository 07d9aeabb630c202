package ui

import (
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// jsonOrder is what is asked for, in the words of a fleet file. Its order must have been Shown.
type jsonOrder struct {
	AZ        string      `json:"az"`
	VPCID     string      `json:"vpc_id"`
	SubnetID  string      `json:"subnet_id"`
	Spec      string      `json:"spec"`
	Quantity  int         `json:"quantity"`
	IPVersion string      `json:"ip_version"`
	Desc      string      `json:"desc"`
	Charge    *jsonCharge `json:"charge,omitempty"`
}

type jsonCharge struct {
	Mode        string `json:"mode,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Duration    int    `json:"duration,omitempty"`
	AutoRenew   bool   `json:"auto_renew"`
	AutoPay     bool   `json:"auto_pay"`
	BuyScenario string `json:"buy_scenario,omitempty"`
}

func orderJSON(o *order.Order) jsonOrder {
	out := jsonOrder{
		AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID, Spec: o.Spec, Quantity: o.Quantity,
		IPVersion: o.IPVersion, Desc: o.Desc,
	}
	if o.Charge != (order.Charge{}) {
		charge := jsonCharge(o.Charge)
		out.Charge = &charge
	}
	return out
}

type jsonFailure struct {
	Class      order.Class `json:"class"`
	HTTPStatus int         `json:"http_status,omitempty"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	BuyID      string      `json:"buy_id,omitempty"`
	SourceIDs  []string    `json:"source_ids,omitempty"`
}

type jsonDoubt struct {
	Run      string       `json:"run"`
	Attempt  int          `json:"attempt"`
	Marker   order.Marker `json:"marker,omitempty"`
	Quantity int          `json:"quantity"` // instances that the call asked for
	Since    time.Time    `json:"since"`
	Failure  *jsonFailure `json:"failure,omitempty"` // absent when the program ended before an answer came
}

func doubtJSON(r *order.Record) *jsonDoubt {
	if r.Doubt == nil {
		return nil
	}
	d := r.Doubt
	return &jsonDoubt{
		Run: d.Run, Attempt: d.Attempt, Marker: d.Marker, Quantity: d.Order.Quantity,
		Since: d.At.UTC(), Failure: (*jsonFailure)(r.DoubtWhy),
	}
}
