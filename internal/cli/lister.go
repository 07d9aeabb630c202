package cli

import (
	"context"
	"errors"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// lister lets a reconcile, which knows no wire, read what a region has through the API's client.
type lister struct{ client *bastion.Client }

var _ reconcile.Lister = lister{}

func (l lister) List(ctx context.Context, region string, page int) ([]reconcile.Instance, int, error) {
	p, err := l.client.DescribeBastions(ctx, region, bastion.Page{Number: page, Size: reconcile.PageSize})
	if err != nil {
		return nil, 0, listError(err)
	}
	instances := make([]reconcile.Instance, len(p.Bastions))
	for n, b := range p.Bastions {
		instances[n] = listedInstance(b)
	}
	return instances, p.TotalCount, nil
}

func (l lister) Find(ctx context.Context, region, sourceID string) (reconcile.Instance, bool, error) {
	b, found, err := l.client.DescribeSourceID(ctx, region, sourceID)
	if err != nil || !found {
		return reconcile.Instance{}, false, listError(err)
	}
	return listedInstance(b), true, nil
}

// listedInstance is what a reconcile sees of an instance.
func listedInstance(b bastion.Bastion) reconcile.Instance {
	return reconcile.Instance{
		BID: b.BID, Desc: b.Desc, AZ: b.AZ, VPCID: b.VPCID, SubnetID: b.SubnetID, Spec: b.Spec,
		Charge:    order.Charge{Mode: b.ChargeMode, Unit: b.ChargeUnit, Duration: int(b.ChargeDuration)},
		StartTime: b.StartTime,
	}
}

// listError tells the errors after which a call may be made again. It only reads, so those without a usable answer are
// among them.
func listError(err error) error {
	e, ok := errors.AsType[*bastion.Error](err)
	if !ok {
		return err
	}
	switch e.Class {
	case bastion.NotSent, bastion.Throttled, bastion.InDoubt:
		return &reconcile.PassingError{Err: err, RetryAfter: e.RetryAfter}
	default:
		return err
	}
}
