package fleet

import (
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// A field is one attribute that an order, region or defaults block may set.
type field uint8

const (
	fieldRegion field = iota
	fieldAZ
	fieldVPCID
	fieldSubnetID
	fieldSpec
	fieldQuantity
	fieldIPVersion
	fieldDesc
	fieldMode
	fieldUnit
	fieldDuration
	fieldAutoRenew
	fieldAutoPay
	fieldBuyScenario
	fieldActivityType
	fieldActivityIdentifier
	fieldCount
)

// fields describes each field: the block that it stands in, its name there, the kind of its value, and what
// order.Problems calls it.
var fields = [fieldCount]struct {
	block string
	name  string
	kind  kind
	path  order.Field
}{
	fieldRegion:             {inOrder, "region", kindText, order.FieldRegion},
	fieldAZ:                 {inOrder, "az", kindText, order.FieldAZ},
	fieldVPCID:              {inOrder, "vpc_id", kindText, order.FieldVPCID},
	fieldSubnetID:           {inOrder, "subnet_id", kindText, order.FieldSubnetID},
	fieldSpec:               {inOrder, "spec", kindText, order.FieldSpec},
	fieldQuantity:           {inOrder, "quantity", kindNumber, order.FieldQuantity},
	fieldIPVersion:          {inOrder, "ip_version", kindText, order.FieldIPVersion},
	fieldDesc:               {inOrder, "desc", kindText, order.FieldDesc},
	fieldMode:               {inCharge, "mode", kindText, order.FieldMode},
	fieldUnit:               {inCharge, "unit", kindText, order.FieldUnit},
	fieldDuration:           {inCharge, "duration", kindNumber, order.FieldDuration},
	fieldAutoRenew:          {inCharge, "auto_renew", kindFlag, order.FieldAutoRenew},
	fieldAutoPay:            {inCharge, "auto_pay", kindFlag, order.FieldAutoPay},
	fieldBuyScenario:        {inCharge, "buy_scenario", kindText, order.FieldBuyScenario},
	fieldActivityType:       {inActivity, "type", kindText, "charge.activity.type"},
	fieldActivityIdentifier: {inActivity, "identifier", kindText, "charge.activity.identifier"},
}

// Where fields stand.
const (
	inOrder    = ""
	inCharge   = "charge"
	inActivity = "activity"
)

// names returns the names of the fields that stand in a block.
func names(block string) []string {
	var found []string
	for _, f := range fields {
		if f.block == block {
			found = append(found, f.name)
		}
	}
	return found
}

// fieldOf returns the field that order.Problems speaks of.
func fieldOf(path order.Field) field {
	for f := range fieldCount {
		if fields[f].path == path {
			return f
		}
	}
	return fieldRegion
}

// A setting is one field's value.
type setting struct {
	state     state
	sensitive bool   // its value is not to be shown
	dynamic   uint8  // which of the layer's dynamic blocks wrote it, counted from 1; 0: none
	text      string // of kindText
	number    int    // of kindNumber; of kindFlag, 1 is true
}

// state tells whether a setting has a value.
type state uint8

const (
	unset  state = iota // not written, or null: the weaker level's value holds
	set                 // has a value
	failed              // written with a mistake that is reported already
)

// settings are the values of all fields at one level, or merged of several.
type settings [fieldCount]setting

// level says which block a merged setting comes from.
type level uint8

const (
	nowhere level = iota
	fromDefaults
	fromRegion
	fromOrder
)

// merged are settings with their origin.
type merged struct {
	settings
	from [fieldCount]level
}

// overlay lays stronger settings over those that m has. The voucher has two forms, and a stronger level's form
// replaces a weaker level's other form.
func (m *merged) overlay(stronger *settings, from level) {
	switch {
	case stronger[fieldBuyScenario].state != unset:
		m.clear(fieldActivityType)
		m.clear(fieldActivityIdentifier)
	case stronger[fieldActivityType].state != unset || stronger[fieldActivityIdentifier].state != unset:
		m.clear(fieldBuyScenario)
	}
	for f := range fieldCount {
		if stronger[f].state != unset {
			m.settings[f], m.from[f] = stronger[f], from
		}
	}
}

func (m *merged) clear(f field) { m.settings[f], m.from[f] = setting{}, nowhere }

// anyFailed tells whether a field of the order is unknown because of a mistake.
func (m *merged) anyFailed() bool {
	for f := range fieldCount {
		if m.settings[f].state == failed {
			return true
		}
	}
	return false
}

// order returns the order that the settings describe, without its voucher if that is an activity.
func (s *settings) order(a order.Address) order.Order {
	quantity := 1
	if s[fieldQuantity].state == set {
		quantity = s[fieldQuantity].number
	}
	return order.Order{
		Address:   a,
		Region:    s[fieldRegion].text,
		AZ:        s[fieldAZ].text,
		VPCID:     s[fieldVPCID].text,
		SubnetID:  s[fieldSubnetID].text,
		Spec:      s[fieldSpec].text,
		Quantity:  quantity,
		IPVersion: s[fieldIPVersion].text,
		Desc:      s[fieldDesc].text,
		Charge: order.Charge{
			Mode:        s[fieldMode].text,
			Unit:        s[fieldUnit].text,
			Duration:    s[fieldDuration].number,
			AutoRenew:   s[fieldAutoRenew].number == 1,
			AutoPay:     s[fieldAutoPay].number == 1,
			BuyScenario: s[fieldBuyScenario].text,
		},
		Sensitive: s.sensitive(),
	}
}
