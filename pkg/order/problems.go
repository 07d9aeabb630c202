package order

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field names an order's field as fleet files do: spec, vpc_id, charge.duration.
type Field string

// The fields of an order, in the order in which people read them.
const (
	FieldRegion      Field = "region"
	FieldAZ          Field = "az"
	FieldVPCID       Field = "vpc_id"
	FieldSubnetID    Field = "subnet_id"
	FieldSpec        Field = "spec"
	FieldQuantity    Field = "quantity"
	FieldIPVersion   Field = "ip_version"
	FieldDesc        Field = "desc"
	FieldMode        Field = "charge.mode"
	FieldUnit        Field = "charge.unit"
	FieldDuration    Field = "charge.duration"
	FieldAutoRenew   Field = "charge.auto_renew"
	FieldAutoPay     Field = "charge.auto_pay"
	FieldBuyScenario Field = "charge.buy_scenario"
)

// Bounds that the API does not publish. They are generous: their purpose is that a slip of a loop or a file read
// into the wrong attribute is caught before it is sent.
const (
	MaxQuantity   = 1000
	MaxTextLength = 256  // bytes of a region, zone, network id or spec
	MaxDescLength = 1024 // bytes of a description
	// DescAdvice is the limit of a sibling product's description, in bytes with the marker. Bastion's own is unknown.
	DescAdvice = 128
)

// A Problem is a value that the API's createInstance page rules out, or warns of. Summary is constant for its kind;
// Detail says what was found and what to write.
type Problem struct {
	Field   Field
	Warning bool
	Summary string
	Detail  string
	Choices []string // what the field may hold, where it holds none of it: callers may suggest one
}

// Problems returns everything wrong with the order, in field order. Without any, the order may be sent.
func (o Order) Problems() []Problem {
	var c problems
	c.required(FieldRegion, o.Region, `the region to buy in, for instance "cn-north-1"`)
	c.required(FieldAZ, o.AZ, `the availability zone, for instance "cn-north-1a"`)
	c.required(FieldVPCID, o.VPCID, `the VPC, for instance "vpc-a1b2"`)
	c.required(FieldSubnetID, o.SubnetID, `the subnet, for instance "subnet-c3d4"`)
	c.required(FieldSpec, o.Spec, "the size, by the name that the console shows")
	if o.Quantity < 1 || o.Quantity > MaxQuantity {
		c.add(FieldQuantity, "Quantity out of range",
			fmt.Sprintf("quantity is %d; an order buys 1 to %d instances.", o.Quantity, MaxQuantity))
	}
	c.ipVersion(o.IPVersion, o.Shown(0).IPVersion)
	c.desc(o.Desc)
	c.charge(o.Charge)
	return c.found
}

type problems struct{ found []Problem }

func (c *problems) add(f Field, summary, detail string) {
	c.found = append(c.found, Problem{Field: f, Summary: summary, Detail: detail})
}

func (c *problems) warn(f Field, summary, detail string) {
	c.found = append(c.found, Problem{Field: f, Warning: true, Summary: summary, Detail: detail})
}

func (c *problems) required(f Field, value, what string) {
	switch {
	case value == "":
		c.add(f, "Missing required attribute",
			fmt.Sprintf("%s is required: %s. Set it in the order, in its region block or in defaults.", f, what))
	case !wellFormed(value):
		c.add(f, "Malformed value",
			fmt.Sprintf("%s must be printable text of at most %d bytes without space around it.", f, MaxTextLength))
	}
}

func wellFormed(value string) bool {
	return len(value) <= MaxTextLength && printable(value) && strings.TrimSpace(value) == value
}

// CheckRegion returns why no region can be named id, or nil. Whether there is such a region, it can't tell.
func CheckRegion(id string) error {
	switch {
	case id == "":
		return errors.New("a region's name must not be empty")
	case !wellFormed(id):
		return fmt.Errorf("a region's name must be printable text of at most %d bytes without space around it", MaxTextLength)
	}
	return nil
}

// ipVersion takes the value, and what may be said of it.
func (c *problems) ipVersion(v, shown string) {
	switch v {
	case IPv4, IPv4v6:
	case "":
		c.add(FieldIPVersion, "Missing required attribute",
			`ip_version is required: "v4" or "v4&v6". Set it in the order, in its region block or in defaults.`)
	default:
		c.unknown(FieldIPVersion, "Unknown IP version", shown, IPv4, IPv4v6)
	}
}

func (c *problems) desc(desc string) {
	switch {
	case len(desc) > MaxDescLength || !printable(desc):
		c.add(FieldDesc, "Malformed value",
			fmt.Sprintf("desc must be printable text of one line and at most %d bytes.", MaxDescLength))
	case FindMarker(desc) != "":
		c.add(FieldDesc, "Reserved description",
			"desc must not end in a marker ([bf:…]): bastion-fleet adds its own.")
	case len(desc)+MarkerLength > DescAdvice:
		c.warn(FieldDesc, "Long description",
			fmt.Sprintf("desc has %d bytes and the marker adds %d. The API's limit is not published; a sibling product's is %d.",
				len(desc), MarkerLength, DescAdvice))
	}
}

func (c *problems) charge(ch Charge) {
	if ch == (Charge{}) {
		return
	}
	c.chargeMode(ch)
	c.chargeTerm(ch)
	if ch.BuyScenario != "" {
		if _, err := DecodeScenario(ch.BuyScenario); err != nil {
			c.add(FieldBuyScenario, "Malformed buy_scenario",
				fmt.Sprintf("charge.buy_scenario can't be used: %v. Write an activity block instead, and it is encoded for you.", err))
		}
	}
}

func (c *problems) chargeMode(ch Charge) {
	switch ch.Mode {
	case "", ChargeMonthly:
	case ChargeConfig:
		c.warn(FieldMode, "Postpaid may not be sold",
			`charge.mode "CONFIG" is documented, but one vendor page says that only "MONTHLY" is sold.`)
	default:
		c.unknown(FieldMode, "Unknown charge mode", ch.Mode, ChargeMonthly, ChargeConfig)
	}
}

// chargeTerm demands a term of prepaid orders, and checks any that is given: the API's page marks the term as
// required, and as required for prepaid only.
func (c *problems) chargeTerm(ch Charge) {
	prepaid := ch.Mode != ChargeConfig
	switch ch.Unit {
	case UnitMonth, UnitYear:
	case "":
		if prepaid {
			c.add(FieldUnit, "Missing required attribute", `charge.unit is required for prepaid orders: "MONTH" or "YEAR".`)
		}
	default:
		c.unknown(FieldUnit, "Unknown charge unit", ch.Unit, UnitMonth, UnitYear)
	}
	if ch.Duration == 0 && !prepaid {
		return
	}
	c.chargeDuration(ch)
}

func (c *problems) chargeDuration(ch Charge) {
	switch {
	case ch.Duration == 0:
		c.add(FieldDuration, "Missing required attribute",
			"charge.duration is required for prepaid orders: 1 to 9 months, or 1 to 3 years.")
	case ch.Duration < 0:
		c.add(FieldDuration, "Duration out of range", fmt.Sprintf("charge.duration is %d; it starts at 1.", ch.Duration))
	case ch.Unit == UnitMonth && ch.Duration > 9 && ch.Duration%12 == 0 && ch.Duration <= 36:
		c.add(FieldDuration, "Duration out of range",
			fmt.Sprintf("%d months can't be bought: write unit = \"YEAR\", duration = %d.", ch.Duration, ch.Duration/12))
	case ch.Unit == UnitMonth && ch.Duration > 9:
		c.add(FieldDuration, "Duration out of range",
			fmt.Sprintf("charge.duration is %d; by the month, 1 to 9 can be bought, or write unit = \"YEAR\" with a duration of 1 to 3.", ch.Duration))
	case ch.Unit == UnitYear && ch.Duration > 3:
		c.add(FieldDuration, "Duration out of range",
			fmt.Sprintf("charge.duration is %d; by the year, 1, 2 or 3 can be bought.", ch.Duration))
	}
}

// unknown says that a field's value, which is told as shown, is none of its choices.
func (c *problems) unknown(f Field, summary, shown string, choices ...string) {
	quoted := make([]string, len(choices))
	for i, choice := range choices {
		quoted[i] = strconv.Quote(choice)
	}
	detail := fmt.Sprintf("%s is %.64q; it may be %s.", f, shown, strings.Join(quoted, " or "))
	c.found = append(c.found, Problem{Field: f, Summary: summary, Detail: detail, Choices: choices})
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}
