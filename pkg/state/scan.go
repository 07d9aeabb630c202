package state

import (
	"bytes"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Reading a large state is mostly decoding records, and nearly all of them are bought ones without doubt or
// failure. scanRecord reads just those, in the very form that encodeRecord gives them, several times as fast as
// encoding/json. Whatever looks different, it leaves to that.

// A scanner reads the members of a JSON object in a known order. After the first surprise it reads nothing more.
type scanner struct {
	rest   []byte
	failed bool
	record diskRecord        // the last one read; its memory is used again
	names  map[string]string // texts that many records share, held once
}

// maxNames bounds how many shared texts are looked for.
const maxNames = 4096

// scanRecord reads a sealed record without doubt or failure, or returns false. The record is good until the next
// call.
func (s *scanner) scanRecord(sealed []byte) (*diskRecord, bool) {
	d := &s.record
	*d = diskRecord{Purchases: d.Purchases[:0]}
	s.rest, s.failed = sealed, false
	s.take('{')
	d.Version = s.number("v")
	d.Address = s.text("address")
	d.Attempt = s.number("attempt")
	d.UpdatedAt = s.time("updated_at")
	if s.begin("order", '{') {
		s.order(&d.Order)
	}
	if s.begin("purchases", '[') {
		for more := true; more && !s.failed; more = s.maybe(',') {
			d.Purchases = append(d.Purchases, s.purchase())
		}
		s.take(']')
	}
	return d, !s.failed && len(s.rest) == sealLength
}

func (s *scanner) order(o *diskOrder) {
	o.Region = s.name("region")
	o.AZ = s.name("az")
	o.VPCID = s.name("vpc_id")
	o.SubnetID = s.name("subnet_id")
	o.Spec = s.name("spec")
	o.Quantity = s.number("quantity")
	o.IPVersion = s.name("ip_version")
	o.Desc = s.text("desc")
	if s.begin("charge", '{') {
		o.Charge.Mode = s.name("mode")
		o.Charge.Unit = s.name("unit")
		o.Charge.Duration = s.number("duration")
		o.Charge.AutoRenew = s.flag("auto_renew")
		o.Charge.AutoPay = s.flag("auto_pay")
		o.Charge.BuyScenario = s.name("buy_scenario")
		s.take('}')
	}
	o.Sensitive = s.fields("sensitive")
	s.take('}')
}

func (s *scanner) purchase() diskPurchase {
	s.take('{')
	return s.members()
}

// members reads a purchase's members, and its end.
func (s *scanner) members() (p diskPurchase) {
	p.Attempt = s.number("attempt")
	p.BuyID = s.text("buy_id")
	p.SourceIDs = s.texts("source_ids")
	p.BIDs = s.texts("bids")
	p.RequestID = s.text("request_id")
	p.Quantity = s.number("quantity")
	p.Run = s.name("run")
	p.Marker = order.Marker(s.text("marker"))
	p.Unpaid = s.flag("unpaid")
	p.Imported = s.flag("imported")
	p.At = s.time("at")
	p.For = s.address("for")
	s.take('}')
	return p
}

// address reads the named member, an address; an absent one is the zero value.
func (s *scanner) address(name string) (a order.Address) {
	if s.member(name) && a.UnmarshalText(s.quoted()) != nil {
		s.failed = true
	}
	return a
}

// member tells whether the named member comes next, and goes past its name. A member that is left out is none.
func (s *scanner) member(name string) bool {
	b := s.rest
	if len(b) > 0 && b[0] == ',' {
		b = b[1:]
	}
	n := len(name)
	if s.failed || len(b) < n+3 || b[0] != '"' || string(b[1:n+1]) != name || b[n+1] != '"' || b[n+2] != ':' {
		return false
	}
	s.rest = b[n+3:]
	return true
}

// begin tells whether the named member comes next and is an object or array that opens with c.
func (s *scanner) begin(name string, c byte) bool {
	if !s.member(name) {
		return false
	}
	s.take(c)
	return !s.failed
}

// take goes past c, which must come next.
func (s *scanner) take(c byte) {
	if !s.maybe(c) {
		s.failed = true
	}
}

// maybe goes past c if it comes next.
func (s *scanner) maybe(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// quoted reads a string. Of escapes it knows only those of quotes and backslashes, which addresses have.
func (s *scanner) quoted() []byte {
	s.take('"')
	end := bytes.IndexByte(s.rest, '"')
	if end < 0 {
		s.failed = true
		return nil
	}
	if text := s.rest[:end]; bytes.IndexByte(text, '\\') < 0 {
		s.rest = s.rest[end+1:]
		return text
	}
	return s.escaped()
}

func (s *scanner) escaped() []byte {
	var text []byte
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; c {
		case '"':
			s.rest = s.rest[i+1:]
			return text
		case '\\':
			i++
			if i == len(s.rest) || s.rest[i] != '"' && s.rest[i] != '\\' {
				s.failed = true
				return nil
			}
			text = append(text, s.rest[i])
		default:
			text = append(text, c)
		}
	}
	s.failed = true
	return nil
}

// text reads the named member, a string; an absent one is empty.
func (s *scanner) text(name string) string {
	if !s.member(name) {
		return ""
	}
	return string(s.quoted())
}

// texts reads the named member, an array of strings; an absent one is nil.
func (s *scanner) texts(name string) (list []string) {
	if !s.begin(name, '[') {
		return nil
	}
	for more := true; more && !s.failed; more = s.maybe(',') {
		list = append(list, string(s.quoted()))
	}
	s.take(']')
	return list
}

// fields reads the named member, an array of fields' names; an absent one is empty.
func (s *scanner) fields(name string) (set order.FieldSet) {
	if !s.member(name) {
		return 0
	}
	end := bytes.IndexByte(s.rest, ']') + 1
	if set.UnmarshalJSON(s.rest[:end]) != nil {
		s.failed = true
	}
	s.rest = s.rest[end:]
	return set
}

// name reads the named member, a string that many records share.
func (s *scanner) name(name string) string {
	if !s.member(name) {
		return ""
	}
	text := s.quoted()
	if shared, ok := s.names[string(text)]; ok {
		return shared
	}
	own := string(text)
	if len(s.names) < maxNames {
		s.names[own] = own
	}
	return own
}

// number reads the named member, a small number that is not negative; an absent one is 0.
func (s *scanner) number(name string) int {
	if !s.member(name) {
		return 0
	}
	n, digits := 0, 0
	for digits < len(s.rest) && '0' <= s.rest[digits] && s.rest[digits] <= '9' {
		n = n*10 + int(s.rest[digits]-'0')
		digits++
	}
	if digits == 0 || digits > 9 {
		s.failed = true
	}
	s.rest = s.rest[digits:]
	return n
}

// flag reads the named member, which is true or left out.
func (s *scanner) flag(name string) bool {
	if !s.member(name) {
		return false
	}
	rest, ok := bytes.CutPrefix(s.rest, []byte("true"))
	s.rest, s.failed = rest, s.failed || !ok
	return ok
}

// time reads the named member, a time in RFC 3339.
func (s *scanner) time(name string) (t time.Time) {
	if !s.member(name) || t.UnmarshalText(s.quoted()) != nil {
		s.failed = true
	}
	return t
}
