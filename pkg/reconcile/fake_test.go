package reconcile_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

const (
	fleet   = "f"
	lineage = "l"
	north   = "cn-north-1"
	east    = "cn-east-2"
)

// account plays the listings of an account. A script, if there is one, sees each call first.
type account struct {
	regions map[string][]reconcile.Instance
	sources map[string]reconcile.Instance
	script  func(call int, p *page) error
	mu      sync.Mutex
	calls   []string
}

// page is an answer that a script may change.
type page struct {
	instances []reconcile.Instance
	total     int
}

func (a *account) List(_ context.Context, region string, number int) ([]reconcile.Instance, int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprint(region, " ", number))
	all := a.regions[region]
	from := min((number-1)*reconcile.PageSize, len(all))
	p := page{all[from:min(from+reconcile.PageSize, len(all))], len(all)}
	if a.script != nil {
		if err := a.script(len(a.calls), &p); err != nil {
			return nil, 0, err
		}
	}
	return p.instances, p.total, nil
}

// Find looks a source up. Its calls are scripted like pages.
func (a *account) Find(_ context.Context, region, sourceID string) (reconcile.Instance, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprint(region, " ", sourceID))
	if a.script != nil {
		if err := a.script(len(a.calls), &page{}); err != nil {
			return reconcile.Instance{}, false, err
		}
	}
	i, found := a.sources[sourceID]
	return i, found, nil
}

// doubt is a call for quantity instances, with its marker.
func doubt(index, quantity int, region string) order.Intent {
	a := order.Address{Name: "gw", Key: order.IndexKey(index)}
	return order.Intent{
		Attempt: 1, Marker: order.NewMarker(fleet, lineage, a, 1),
		Order: order.Order{Address: a, Region: region, Quantity: quantity, Desc: "gw"},
	}
}

// sold are instances with the given ids that the call bought.
func sold(d order.Intent, bids ...string) []reconcile.Instance {
	instances := make([]reconcile.Instance, len(bids))
	for n, bid := range bids {
		instances[n] = reconcile.Instance{BID: bid, Desc: d.Marker.AppendTo(d.Order.Desc)}
	}
	return instances
}

// others are n instances that no fleet bought.
func others(n int) []reconcile.Instance {
	instances := make([]reconcile.Instance, n)
	for i := range instances {
		instances[i] = reconcile.Instance{BID: fmt.Sprint("other-", i), Desc: "by hand"}
	}
	return instances
}
