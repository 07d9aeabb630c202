package order

import (
	"slices"
	"strings"
)

// SensitiveText stands wherever people or scripts would read a sensitive value.
const SensitiveText = "(sensitive value)"

// Hideable are the fields whose values may be sensitive: texts that change neither what is bought, nor where, nor what
// it costs. Whoever approves a plan has to see all others.
var Hideable = FieldSetOf(FieldAZ, FieldVPCID, FieldSubnetID, FieldIPVersion, FieldDesc, FieldBuyScenario)

// shortestSecret is the length, in bytes, from which on a sensitive value is looked for in other texts. A shorter one
// is no secret that anything could keep, and to cut it out would leave nothing readable.
const shortestSecret = 4

// Shown returns the order as it may be printed: with SensitiveText for its sensitive fields, and for those that are
// sensitive elsewhere. It is the order itself where there are none. The result is for eyes alone: it must never be
// compared, recorded or sent.
func (o *Order) Shown(elsewhere FieldSet) *Order {
	sensitive := o.Sensitive | elsewhere
	if sensitive == 0 {
		return o
	}
	shown := *o
	for _, f := range sensitive.Fields() {
		if text := shown.hideable(f); text != nil && *text != "" {
			*text = SensitiveText
		}
	}
	return &shown
}

// hideable returns where the order keeps one of the Hideable fields; nil for others.
func (o *Order) hideable(f Field) *string {
	switch f {
	case FieldAZ:
		return &o.AZ
	case FieldVPCID:
		return &o.VPCID
	case FieldSubnetID:
		return &o.SubnetID
	case FieldIPVersion:
		return &o.IPVersion
	case FieldDesc:
		return &o.Desc
	case FieldBuyScenario:
		return &o.Charge.BuyScenario
	default:
		return nil
	}
}

// Redact returns text, which may repeat what the order says, without the order's sensitive values. What the API
// answers has to pass through here before it is kept: it may quote the request that it refuses.
func (o *Order) Redact(text string) string {
	if o.Sensitive == 0 {
		return text
	}
	secrets := o.secrets()
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, secret := range secrets {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, SensitiveText)
		}
	}
	return text
}

// secrets are the sensitive values, of a voucher also those that it encodes.
func (o *Order) secrets() []string {
	var found []string
	for _, f := range o.Sensitive.Fields() {
		if value := o.hideable(f); value != nil {
			found = append(found, *value)
		}
	}
	if o.Sensitive.Has(FieldBuyScenario) {
		if s, err := DecodeScenario(o.Charge.BuyScenario); err == nil {
			found = append(found, s.Activity.Type, s.Activity.Identifier)
		}
	}
	return found
}
