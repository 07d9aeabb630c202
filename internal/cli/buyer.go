package cli

import (
	"context"
	"errors"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// buyer lets the engine, which knows no wire, buy through the API's client.
type buyer struct{ client *bastion.Client }

var _ apply.Buyer = buyer{}

func (b buyer) Buy(ctx context.Context, i order.Intent) (order.Purchase, error) {
	result, err := b.client.CreateInstance(ctx, i.Order.Region, createRequest(i))
	if err != nil {
		return order.Purchase{}, callError(err, &i.Order)
	}
	return order.Purchase{BuyID: result.BuyID, SourceIDs: result.SourceIDs, RequestID: result.RequestID}, nil
}

// createRequest is what goes over the wire for an intent.
func createRequest(i order.Intent) bastion.CreateInstanceRequest {
	o := i.Order
	r := bastion.CreateInstanceRequest{InstanceSpec: bastion.InstanceSpec{
		AZ: o.AZ, VPCID: o.VPCID, SubnetID: o.SubnetID, Spec: o.Spec,
		Quantity: o.Quantity, IPVersion: o.IPVersion, Desc: i.Marker.AppendTo(o.Desc),
	}}
	if c := o.Charge; c != (order.Charge{}) {
		r.ChargeSpec = &bastion.ChargeSpec{
			ChargeMode: c.Mode, ChargeUnit: c.Unit, ChargeDuration: c.Duration,
			AutoRenew: c.AutoRenew, AutoPay: c.AutoPay, BuyScenario: c.BuyScenario,
		}
	}
	return r
}

// callError says in the engine's words what the client's error means. What it does not know stays in doubt. What it
// quotes of the order's sensitive values is left out: it is recorded, and shown.
func callError(err error, o *order.Order) error {
	var e *bastion.Error
	if !errors.As(err, &e) {
		return err
	}
	message := e.Message
	if e.HTTPStatus == 0 && e.Class == bastion.InDoubt {
		message = "no answer came: " + message
	}
	return &apply.CallError{
		Failure: order.Failure{
			Class: failureClass(e.Class), HTTPStatus: e.HTTPStatus, Code: e.Code,
			Message: o.Redact(message), RequestID: e.RequestID, BuyID: e.BuyID, SourceIDs: e.SourceIDs,
		},
		RetryAfter: e.RetryAfter,
		Exhausted:  e.Exhausted,
	}
}

func failureClass(c bastion.Class) order.Class {
	switch c {
	case bastion.NotSent:
		return order.ClassNotSent
	case bastion.Throttled:
		return order.ClassThrottled
	case bastion.Rejected:
		return order.ClassRejected
	case bastion.Denied:
		return order.ClassDenied
	default:
		return order.ClassInDoubt
	}
}
