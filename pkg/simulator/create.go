package simulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
)

// maxQuantity bounds what one call may buy here; the API's bound is unknown.
const maxQuantity = 1000

// createBody is createInstance's body as the vendor's clients send it, with the path's region in it.
type createBody struct {
	RegionID *string `json:"regionId"`
	bastion.CreateInstanceRequest
}

// createInstance buys, unless the call is invalid or its fault comes before the purchase.
func (s *Simulator) createInstance(q request) answer {
	var body createBody
	refused := decode(q.body, &body)
	if refused == nil {
		refused = body.check(q.region)
	}
	call, fault := s.arrive(q.region, body.InstanceSpec.Desc)
	defer s.leave(q.region)
	took := s.latency(q)
	if s.cast != nil {
		took = s.cast.region(q.region).pace(call)
	}
	return delay(q, took, s.decide(q, body, refused, fault))
}

// decide makes the purchase or does not, and the answer that fits or does not.
func (s *Simulator) decide(q request, body createBody, refused *refusal, fault Fault) answer {
	if a, failed := s.failBefore(q, fault); failed {
		return a
	}
	if refused != nil {
		return q.answer(nil, refused)
	}
	p, err := s.buy(q, body.CreateInstanceRequest)
	if err != nil {
		return q.answer(nil, &refusal{http.StatusInternalServerError, "INTERNAL", err.Error()})
	}
	return failAfter(q, fault, bought(q, p))
}

// arrive counts the call in and decides on its fault.
func (s *Simulator) arrive(region, desc string) (Call, Fault) {
	s.mu.Lock()
	r := s.account.region(region)
	r.calls++
	r.inFlight++
	r.maxInFlight = max(r.maxInFlight, r.inFlight)
	s.inFlight++
	s.counters.Calls++
	s.counters.MaxInFlight = max(s.counters.MaxInFlight, s.inFlight)
	call := Call{Region: region, N: r.calls, Desc: desc}
	s.mu.Unlock()

	fault := s.o.Script(call) // without the lock: a script may look at the ledger
	if fault != NoFault {
		s.mu.Lock()
		s.counters.Faults[fault]++
		s.mu.Unlock()
	}
	return call, fault
}

func (s *Simulator) leave(region string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.region(region).inFlight--
	s.inFlight--
}

// failBefore answers a call whose fault lets nothing be bought.
func (s *Simulator) failBefore(q request, fault Fault) (answer, bool) {
	switch fault {
	case Throttle:
		return s.throttled(q, &refusal{http.StatusTooManyRequests, "RATE_LIMIT", "too many requests, please slow down"}), true
	case ThrottleAs400:
		return s.throttled(q, &refusal{http.StatusBadRequest, "BASTION_REQUEST_LIMITEXCEEDED", "请求的次数超过了频率限制"}), true
	case Quota:
		return q.answer(nil, &refusal{http.StatusTooManyRequests, "QUOTA_EXCEEDED", "the account's quota of bastions is used up"}), true
	case Reject:
		return q.answer(nil, &refusal{http.StatusBadRequest, "FAILED_PRECONDITION", "the subnet has no free address"}), true
	case Unreachable:
		return dropped(errRefusedDial), true
	case DropRequest:
		return dropped(io.ErrUnexpectedEOF), true
	case ErrorBefore:
		return page(http.StatusInternalServerError, "500 Internal Server Error"), true
	}
	return answer{}, false
}

func (s *Simulator) throttled(q request, r *refusal) answer {
	a := q.answer(nil, r)
	if s.o.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(s.o.RetryAfter.Seconds()))))
	}
	return a
}

// failAfter does to the answer of a purchase what the call's fault does.
func failAfter(q request, fault Fault, a answer) answer {
	switch fault {
	case ErrorAfter:
		return page(http.StatusInternalServerError, "500 Internal Server Error")
	case DropAnswer:
		return dropped(io.ErrUnexpectedEOF)
	case CutAnswer:
		a.cut = true
	case ForeignAnswer:
		return page(http.StatusOK, "Welcome")
	case Stall:
		<-q.ctx.Done()
		return dropped(errStalled)
	}
	return a
}

// buy makes the purchase and writes it down.
func (s *Simulator) buy(q request, body bastion.CreateInstanceRequest) (Purchase, error) {
	spec := body.InstanceSpec
	p := Purchase{
		BuyID:     fmt.Sprintf("buy-%s-%d", s.prefix, q.serial),
		Region:    q.region,
		Quantity:  spec.Quantity,
		Spec:      spec.Spec,
		Desc:      spec.Desc,
		Paid:      paid(body.ChargeSpec),
		RequestID: q.id,
		Request:   json.RawMessage(q.body),
	}
	for i := range spec.Quantity {
		p.SourceIDs = append(p.SourceIDs, fmt.Sprintf("%s%s-%d-%d", sourcePrefix, s.prefix, q.serial, i+1))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Time = time.Now()
	return p, s.record(p, body)
}

// paid tells whether a purchase needs nobody's confirmation: it says so, or it is billed afterwards. That a purchase
// without a chargeSpec is of the latter kind is a guess.
func paid(c *bastion.ChargeSpec) bool {
	return c == nil || c.AutoPay || c.ChargeMode == "CONFIG"
}

func bought(q request, p Purchase) answer {
	sources := make([]map[string]string, len(p.SourceIDs))
	for i, id := range p.SourceIDs {
		sources[i] = map[string]string{"sourceId": id}
	}
	return q.answer(map[string]any{"buyId": p.BuyID, "sourceIds": sources}, nil)
}

// decode reads a body of JSON. Unknown fields and nulls are taken, as the API takes them.
func decode(body []byte, v any) *refusal {
	if err := json.Unmarshal(body, v); err != nil {
		return badRequest("the body can't be read: %v", err)
	}
	return nil
}

// check validates the body by createInstance's page.
func (b createBody) check(region string) *refusal {
	if b.RegionID != nil && *b.RegionID != region {
		return badRequest("regionId %.80q is not the path's region", *b.RegionID)
	}
	spec := b.InstanceSpec
	for _, field := range []struct{ name, value string }{
		{"az", spec.AZ}, {"vpcId", spec.VPCID}, {"subnetId", spec.SubnetID}, {"spec", spec.Spec}, {"ipVersion", spec.IPVersion},
	} {
		if field.value == "" {
			return badRequest("instanceSpec.%s is required", field.name)
		}
	}
	switch {
	case spec.IPVersion != "v4" && spec.IPVersion != "v4&v6":
		return badRequest("instanceSpec.ipVersion must be v4 or v4&v6")
	case spec.Quantity < 1 || spec.Quantity > maxQuantity:
		return badRequest("instanceSpec.quantity must be 1 to %d", maxQuantity)
	case b.ChargeSpec == nil:
		return nil
	}
	return checkCharge(*b.ChargeSpec)
}

func checkCharge(c bastion.ChargeSpec) *refusal {
	longest, known := map[string]int{"MONTH": 9, "YEAR": 3}[c.ChargeUnit]
	postpaid := c.ChargeMode == "CONFIG"
	switch {
	case c.ChargeMode != "" && c.ChargeMode != "MONTHLY" && !postpaid:
		return badRequest("chargeSpec.chargeMode must be CONFIG or MONTHLY")
	case !known && !(postpaid && c.ChargeUnit == ""):
		return badRequest("chargeSpec.chargeUnit must be MONTH or YEAR")
	case known && (c.ChargeDuration > longest || c.ChargeDuration < 1 && !(postpaid && c.ChargeDuration == 0)):
		return badRequest("chargeSpec.chargeDuration must be 1 to %d by the %s", longest, c.ChargeUnit)
	case !validScenario(c.BuyScenario):
		return badRequest("chargeSpec.buyScenario must be base64 of an activity with activityType and activityIdentifier")
	}
	return nil
}

func validScenario(encoded string) bool {
	if encoded == "" {
		return true
	}
	var scenario struct {
		Activity struct {
			Type       string `json:"activityType"`
			Identifier string `json:"activityIdentifier"`
		} `json:"activity"`
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	return err == nil && json.Unmarshal(text, &scenario) == nil &&
		scenario.Activity.Type != "" && scenario.Activity.Identifier != ""
}
