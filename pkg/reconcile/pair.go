package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A Pair is an order and the instances that exist for it, though the state knows of no call that bought them. An import
// records them as its purchase.
type Pair struct {
	Order     order.Order // as wished; Quantity is how many instances it lacks
	Attempt   int         // the number that the purchase gets, never used before for the address
	Instances []Instance  // as many as the order lacks
}

// A Difference is a field that the instances have otherwise than the order wishes it. Both are texts as a fleet file
// would hold them, without quotes; empty where the field is not set. Of a sensitive field both are order.SensitiveText.
type Difference struct {
	Field    order.Field
	Existing string
	Wished   string
}

// BIDs are the ids of the instances, of those that have one yet.
func (p Pair) BIDs() []string { return BIDs(p.Instances) }

// Marker is the marker that all of the instances carry, or an empty one.
func (p Pair) Marker() order.Marker {
	var common order.Marker
	for n, i := range p.Instances {
		m := order.FindMarker(i.Desc)
		if n > 0 && m != common {
			return ""
		}
		common = m
	}
	return common
}

// Existing is the order as the instances have it; what can't be told from them is as wished. Instances that differ
// among themselves, or have what no order could, are an error.
func (p Pair) Existing() (order.Order, error) {
	existing := p.Order
	for n, i := range p.Instances {
		seen := i.as(p.Order)
		if n > 0 && seen != existing {
			d := differences(seen, existing)[0]
			return existing, fmt.Errorf("the instances %s and %s differ in %s (%q and %q): one order buys what is alike",
				p.Instances[0].BID, i.BID, d.Field, d.Wished, d.Existing)
		}
		existing = seen
	}
	for _, text := range []string{existing.AZ, existing.VPCID, existing.SubnetID, existing.Spec} {
		if len(text) > order.MaxTextLength {
			return existing, fmt.Errorf("the instance %s has a text of %d bytes; at most %d are kept", p.Instances[0].BID, len(text), order.MaxTextLength)
		}
	}
	if n := len(existing.Desc); n > order.MaxDescLength {
		return existing, fmt.Errorf("the instance %s has a description of %d bytes; at most %d are kept", p.Instances[0].BID, n, order.MaxDescLength)
	}
	return existing, nil
}

// Differences are the fields that existing, see Existing, has otherwise than the order wishes them.
func (p Pair) Differences(existing order.Order) []Difference { return differences(existing, p.Order) }

func differences(existing, wished order.Order) []Difference {
	var found []Difference
	hidden := existing.Sensitive | wished.Sensitive
	compare := func(f order.Field, existing, wished string) {
		switch {
		case existing == wished:
		case hidden.Has(f):
			found = append(found, Difference{f, order.SensitiveText, order.SensitiveText})
		default:
			found = append(found, Difference{f, existing, wished})
		}
	}
	compare(order.FieldAZ, existing.AZ, wished.AZ)
	compare(order.FieldVPCID, existing.VPCID, wished.VPCID)
	compare(order.FieldSubnetID, existing.SubnetID, wished.SubnetID)
	compare(order.FieldSpec, existing.Spec, wished.Spec)
	compare(order.FieldDesc, existing.Desc, wished.Desc)
	compare(order.FieldMode, existing.Charge.Mode, wished.Charge.Mode)
	compare(order.FieldUnit, existing.Charge.Unit, wished.Charge.Unit)
	compare(order.FieldDuration, strconv.Itoa(existing.Charge.Duration), strconv.Itoa(wished.Charge.Duration))
	return found
}

// as is the order that wishes what the instance has. A field that the instance does not show is left as wished, and so is
// a term of billing that the order leaves to the API, or that the API names in words which no order has.
func (i Instance) as(wished order.Order) order.Order {
	o := wished
	o.AZ, o.VPCID = cmp.Or(i.AZ, o.AZ), cmp.Or(i.VPCID, o.VPCID)
	o.SubnetID, o.Spec = cmp.Or(i.SubnetID, o.SubnetID), cmp.Or(i.Spec, o.Spec)
	o.Desc = order.WithoutMarker(i.Desc)
	if o.Charge.Mode != "" && slices.Contains([]string{order.ChargeConfig, order.ChargeMonthly}, i.Charge.Mode) {
		o.Charge.Mode = i.Charge.Mode
	}
	if o.Charge.Unit != "" && o.Charge.Duration != 0 && i.Charge.Duration > 0 &&
		slices.Contains([]string{order.UnitMonth, order.UnitYear}, i.Charge.Unit) {
		o.Charge.Unit, o.Charge.Duration = i.Charge.Unit, i.Charge.Duration
	}
	return o
}
