package order

import (
	"encoding/json"
	"fmt"
	"slices"
)

// allFields are the fields of an order, in the order in which people read them. A field's place is its bit in a
// FieldSet; sets are written to disk by name, so places may change.
var allFields = [...]Field{
	FieldRegion, FieldAZ, FieldVPCID, FieldSubnetID, FieldSpec, FieldQuantity, FieldIPVersion, FieldDesc,
	FieldMode, FieldUnit, FieldDuration, FieldAutoRenew, FieldAutoPay, FieldBuyScenario,
}

// Fields returns the fields of an order, in the order in which people read them.
func Fields() []Field { return slices.Clone(allFields[:]) }

// A FieldSet is a set of an order's fields. It is comparable; its zero value is empty.
type FieldSet uint16

// AllFields is the set of every field.
const AllFields FieldSet = 1<<len(allFields) - 1

// FieldSetOf returns the set of these fields. What is no field is left out.
func FieldSetOf(fields ...Field) FieldSet {
	var s FieldSet
	for _, f := range fields {
		if i := slices.Index(allFields[:], f); i >= 0 {
			s |= 1 << i
		}
	}
	return s
}

// Has tells whether f is in the set.
func (s FieldSet) Has(f Field) bool { return s != 0 && s&FieldSetOf(f) != 0 }

// Fields returns what the set holds, in the order in which people read fields.
func (s FieldSet) Fields() []Field {
	var fields []Field
	for i, f := range allFields {
		if s&(1<<i) != 0 {
			fields = append(fields, f)
		}
	}
	return fields
}

// MarshalJSON writes the set as a list of names.
func (s FieldSet) MarshalJSON() ([]byte, error) { return json.Marshal(s.Fields()) }

// UnmarshalJSON reads what MarshalJSON wrote. It refuses names that it doesn't know: to leave one out would change what
// the set was written for.
func (s *FieldSet) UnmarshalJSON(text []byte) error {
	var fields []Field
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	var read FieldSet
	for _, f := range fields {
		one := FieldSetOf(f)
		if one == 0 {
			return fmt.Errorf("%q is not a field of an order", f)
		}
		read |= one
	}
	*s = read
	return nil
}

// With returns the order with these fields, and whether they are sensitive, as another order has them. Address is no
// field, and stays.
func (o Order) With(fields FieldSet, from Order) Order {
	o.Sensitive = o.Sensitive&^fields | from.Sensitive&fields
	for _, f := range fields.Fields() {
		switch f {
		case FieldRegion:
			o.Region = from.Region
		case FieldAZ:
			o.AZ = from.AZ
		case FieldVPCID:
			o.VPCID = from.VPCID
		case FieldSubnetID:
			o.SubnetID = from.SubnetID
		case FieldSpec:
			o.Spec = from.Spec
		case FieldQuantity:
			o.Quantity = from.Quantity
		case FieldIPVersion:
			o.IPVersion = from.IPVersion
		case FieldDesc:
			o.Desc = from.Desc
		case FieldMode:
			o.Charge.Mode = from.Charge.Mode
		case FieldUnit:
			o.Charge.Unit = from.Charge.Unit
		case FieldDuration:
			o.Charge.Duration = from.Charge.Duration
		case FieldAutoRenew:
			o.Charge.AutoRenew = from.Charge.AutoRenew
		case FieldAutoPay:
			o.Charge.AutoPay = from.Charge.AutoPay
		case FieldBuyScenario:
			o.Charge.BuyScenario = from.Charge.BuyScenario
		}
	}
	return o
}
