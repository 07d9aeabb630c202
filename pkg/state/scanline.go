package state

import "github.com/bastion-fleet/bastion-fleet/pkg/order"

// Nearly all lines of a long log are the first intent of an order, what came of it, and notes about single orders.
// scanLine reads those, in the form that encodeLine gives them, as scanRecord does with records.

// scanLine reads a sealed line without the record before the run, or returns false.
func (s *scanner) scanLine(sealed []byte) (l logLine, ok bool) {
	s.rest, s.failed = sealed, false
	s.take('{')
	l.Seq = uint64(s.number("seq"))
	l.Synced = uint64(s.number("synced"))
	l.Type = s.name("type")
	l.At = s.time("at")
	l.Address = s.text("address")
	switch {
	case s.begin("intent", '{'):
		l.Intent = s.intent()
	case s.begin("outcome", '{'):
		l.Outcome = s.outcome()
	case s.begin("note", '{'):
		l.Note = s.note()
	default:
		return l, false
	}
	return l, !s.failed && len(s.rest) == sealLength
}

func (s *scanner) intent() *diskIntent {
	d := &diskIntent{Run: s.name("run"), Attempt: s.number("attempt"), Marker: order.Marker(s.text("marker"))}
	if d.Digest.UnmarshalText([]byte(s.text("digest"))) != nil || !s.begin("order", '{') {
		s.failed = true
		return nil
	}
	s.order(&d.Order)
	d.At = s.time("at")
	d.Imported = s.flag("imported")
	d.For = s.address("for")
	s.take('}')
	return d
}

func (s *scanner) outcome() *diskOutcome {
	d := &diskOutcome{Run: s.name("run"), Attempt: s.number("attempt")}
	if d.Result.UnmarshalText([]byte(s.name("result"))) != nil {
		s.failed = true
		return nil
	}
	if s.begin("purchase", '{') {
		d.Purchase = new(s.members())
	}
	if s.begin("failure", '{') {
		d.Failure = s.failure()
	}
	d.At = s.time("at")
	d.TookUS = int64(s.number("took_us"))
	s.take('}')
	return d
}

// note reads a note about an order or a region; others are few.
func (s *scanner) note() *diskNote {
	d := &diskNote{Kind: s.name("kind"), Region: s.name("region"), Wave: s.name("wave"), Attempt: s.number("attempt")}
	d.DelayMS = int64(s.number("delay_ms"))
	d.Class = s.name("class")
	d.Code = s.name("code")
	d.Text = s.text("text")
	s.take('}')
	return d
}

func (s *scanner) failure() *diskFailure {
	d := &diskFailure{}
	if d.Class.UnmarshalText([]byte(s.name("class"))) != nil {
		s.failed = true
		return nil
	}
	d.HTTPStatus = s.number("http_status")
	d.Code = s.name("code")
	d.Message = s.text("message")
	d.RequestID = s.text("request_id")
	d.BuyID = s.text("buy_id")
	d.SourceIDs = s.texts("source_ids")
	s.take('}')
	return d
}
