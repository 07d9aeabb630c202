package ui

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Apply prints events to Out as they come, and every few seconds how the run stands.
func (j *JSON) Apply(p plan.Plan) Observer { return j.Watch(factsOf(p)) }

// Watch prints what Apply does.
func (j *JSON) Watch(f RunFacts) Observer {
	j.flush()
	return newObserver(j.out.Writer, jsonProgress{newLineEncoder()}, f, linePeriod, false, func(e apply.NotRecorded) {
		// Twice, on purpose: whichever of both streams is read or kept, the ids are on it.
		writeNotRecorded(j.err, e)
		_, _ = j.out.Writer.Write(newLineEncoder().encode(notRecordedJSON(e)))
	})
}

// jsonHook is what an event of a run is about. Absent fields do not apply to the event.
type jsonHook struct {
	Run       string        `json:"run,omitempty"`
	Wave      string        `json:"wave,omitempty"` // empty where the fleet names none
	Address   order.Address `json:"address"`
	Region    string        `json:"region"`
	Action    plan.Action   `json:"action,omitzero"`
	Attempt   int           `json:"attempt,omitempty"`
	Status    string        `json:"status,omitempty"` // of apply_errored: failed, in_doubt, skipped, not_recorded; of instance_errored: down
	BuyID     string        `json:"buy_id,omitempty"`
	SourceIDs []string      `json:"source_ids,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Quantity  int           `json:"quantity,omitempty"` // instances bought; of instance_errored: that are not up
	Marker    order.Marker  `json:"marker,omitempty"`
	Unpaid    bool          `json:"unpaid,omitempty"`
	Failure   *jsonFailure  `json:"failure,omitempty"`
	Reason    string        `json:"reason,omitempty"` // of instance_errored
	Retry     float64       `json:"retry_in_seconds,omitempty"`
	Elapsed   float64       `json:"elapsed_seconds"` // of the call
}

type jsonHookEvent struct {
	envelope
	Hook jsonHook `json:"hook"`
}

// jsonStanding is how a run stands.
type jsonStanding struct {
	Run      string    `json:"run"`
	Wave     string    `json:"wave,omitempty"` // that is under way; the figures are the run's
	Orders   int       `json:"orders"`
	Bought   int       `json:"bought"`
	InFlight int       `json:"in_flight"`
	Waiting  int       `json:"waiting"`
	Failed   int       `json:"failed"`
	InDoubt  int       `json:"in_doubt"`
	Skipped  int       `json:"skipped"`
	Retried  int       `json:"retried"` // calls, not orders
	Rate     float64   `json:"orders_per_second"`
	Cost     *jsonCost `json:"cost,omitempty"` // of what was bought; where the fleet names prices
}

type jsonStandingEvent struct {
	envelope
	Progress jsonStanding `json:"progress"`
}

type jsonProgress struct{ enc *lineEncoder }

func (j jsonProgress) event(e apply.Event, t *tally, took time.Duration) []byte {
	switch e := e.(type) {
	case apply.Started:
		return j.standing(t, e.At, fmt.Sprintf("run %s begins: %s to buy", e.Run, plural(t.sum.orders, "order")))
	case apply.Calling:
		if t.retold {
			return nil
		}
		return j.hook(t, levelInfo, "apply_start", "buying", e.At, jsonHook{Address: e.Address, Region: e.Region, Attempt: e.Attempt})
	case apply.Retrying:
		return j.hook(t, levelWarn, "apply_progress", "nothing bought, trying again in "+seconds(e.Delay), e.At, jsonHook{
			Address: e.Address, Region: e.Region, Attempt: e.Attempt, Failure: (*jsonFailure)(&e.Failure),
			Retry: e.Delay.Seconds(), Elapsed: took.Seconds(),
		})
	case apply.Bought:
		p := purchaseJSON(e.Purchase)
		return j.hook(t, levelInfo, "apply_complete", "bought", e.At, jsonHook{
			Run: p.Run, Address: e.Address, Region: e.Region, Attempt: p.Attempt, BuyID: p.BuyID, SourceIDs: p.SourceIDs,
			RequestID: p.RequestID, Quantity: p.Quantity, Marker: p.Marker, Unpaid: p.Unpaid, Elapsed: took.Seconds(),
		})
	case apply.Failed:
		return j.errored(t, "failed", e.Address, e.Region, e.Attempt, &e.Failure, e.At, took)
	case apply.InDoubt:
		return j.errored(t, "in_doubt", e.Address, e.Region, e.Attempt, &e.Failure, e.At, took)
	case apply.Skipped:
		return j.hook(t, levelWarn, "apply_errored", "skipped", e.At, jsonHook{
			Wave: e.Wave, Address: e.Address, Region: e.Region, Status: "skipped",
		})
	case apply.RegionStopped:
		return j.warned("Region stopped", e.Region+": "+e.Reason, e.At)
	case apply.Draining:
		return j.warned("Draining", e.Reason+"; no further call begins, "+waitingFor(e), e.At)
	case apply.InstanceFailed:
		return j.hook(t, levelError, "instance_errored", "bought, but not up: "+Sanitize(e.Why), e.At, jsonHook{
			Address: e.Address, Region: e.Region, Status: "down", Quantity: e.Instances, Reason: e.Why,
		})
	case apply.Ended:
		return j.standing(t, e.At, "run "+Sanitize(t.run)+" ended: "+standingText(&t.sum))
	case apply.NotRecorded: // it was told at once
		return nil
	default:
		return j.wave(e, t)
	}
}

func (j jsonProgress) tick(said []byte, t *tally, now time.Time) []byte {
	return append(said, j.standing(t, now, tallyText(t, now))...)
}

func (jsonProgress) leave() {}

func (j jsonProgress) standing(t *tally, at time.Time, message string) []byte {
	s := &t.sum
	return j.enc.encode(jsonStandingEvent{envelopeAt(levelInfo, "apply_progress", message, at), jsonStanding{
		Run: t.run, Orders: s.orders, Bought: s.bought, InFlight: s.inFlight, Waiting: s.waiting(), Failed: s.failed,
		InDoubt: s.inDoubt, Skipped: s.skipped, Retried: s.retried, Rate: math.Round(s.ended.rate(at)*10) / 10,
		Cost: costJSON(t.spent, t.facts.Currency), Wave: t.wave().name,
	}})
}

func (j jsonProgress) hook(t *tally, level, kind, what string, at time.Time, h jsonHook) []byte {
	h.Action = t.facts.change(h.Region, h.Address).Action
	h.Wave, h.Run = cmp.Or(h.Wave, t.wave().name), cmp.Or(h.Run, t.run)
	return j.enc.encode(jsonHookEvent{envelopeAt(level, kind, h.Address.String()+": "+what, at), h})
}

func (j jsonProgress) errored(t *tally, status string, a order.Address, region string, attempt int, f *order.Failure, at time.Time, took time.Duration) []byte {
	return j.hook(t, levelError, "apply_errored", Cause(*f), at, jsonHook{
		Address: a, Region: region, Attempt: attempt, Status: status, Failure: (*jsonFailure)(f), Elapsed: took.Seconds(),
	})
}

// warned is a warning that a run gives.
func (j jsonProgress) warned(summary, detail string, at time.Time) []byte {
	return j.enc.encode(struct {
		envelope
		Diagnostic jsonDiagnostic `json:"diagnostic"`
	}{envelopeAt(levelWarn, "diagnostic", "Warning: "+summary, at), jsonDiagnostic{Severity: "warning", Summary: summary, Detail: detail}})
}

func notRecordedJSON(e apply.NotRecorded) jsonHookEvent {
	o, p := e.Outcome, purchaseJSON(e.Outcome.Purchase)
	h := jsonHook{
		Run: o.Run, Address: o.Address, Region: e.Region, Attempt: o.Attempt, Status: "not_recorded",
		BuyID: p.BuyID, SourceIDs: p.SourceIDs, RequestID: p.RequestID, Quantity: p.Quantity, Marker: p.Marker, Unpaid: p.Unpaid,
	}
	if o.Result != order.ResultBought {
		h.Failure = (*jsonFailure)(&o.Failure)
	}
	message := fmt.Sprintf("%s: the outcome could not be recorded: %v", o.Address, e.Err)
	return jsonHookEvent{envelopeAt(levelError, "apply_errored", message, e.At), h}
}
