package ui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// Apply prints events to Out as they come, and every few seconds how the run stands.
func (j *JSON) Apply(p plan.Plan) Observer {
	j.flush()
	return newObserver(j.out.Writer, jsonProgress{newLineEncoder(), p}, linePeriod, false, func(e apply.NotRecorded) {
		// Twice, on purpose: whichever of both streams is read or kept, the ids are on it.
		writeNotRecorded(j.err, e)
		_, _ = j.out.Writer.Write(newLineEncoder().encode(notRecordedJSON(e)))
	})
}

// jsonHook is what an event of a run is about. Absent fields do not apply to the event.
type jsonHook struct {
	Run       string        `json:"run,omitempty"`
	Address   order.Address `json:"address"`
	Region    string        `json:"region"`
	Action    plan.Action   `json:"action,omitzero"`
	Attempt   int           `json:"attempt,omitempty"`
	Status    string        `json:"status,omitempty"` // of apply_errored: failed, in_doubt, skipped, not_recorded
	BuyID     string        `json:"buy_id,omitempty"`
	SourceIDs []string      `json:"source_ids,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Quantity  int           `json:"quantity,omitempty"` // instances bought
	Marker    order.Marker  `json:"marker,omitempty"`
	Unpaid    bool          `json:"unpaid,omitempty"`
	Failure   *jsonFailure  `json:"failure,omitempty"`
	Retry     float64       `json:"retry_in_seconds,omitempty"`
	Elapsed   float64       `json:"elapsed_seconds"` // of the call
}

type jsonHookEvent struct {
	envelope
	Hook jsonHook `json:"hook"`
}

// jsonStanding is how a run stands.
type jsonStanding struct {
	Run      string  `json:"run"`
	Orders   int     `json:"orders"`
	Bought   int     `json:"bought"`
	InFlight int     `json:"in_flight"`
	Waiting  int     `json:"waiting"`
	Failed   int     `json:"failed"`
	InDoubt  int     `json:"in_doubt"`
	Skipped  int     `json:"skipped"`
	Retried  int     `json:"retried"` // calls, not orders
	Rate     float64 `json:"orders_per_second"`
}

type jsonStandingEvent struct {
	envelope
	Progress jsonStanding `json:"progress"`
}

type jsonProgress struct {
	enc  *lineEncoder
	plan plan.Plan
}

func (j jsonProgress) event(e apply.Event, t *tally, took time.Duration) []byte {
	switch e := e.(type) {
	case apply.Started:
		return j.standing(t, e.At, fmt.Sprintf("run %s begins: %s to buy", e.Run, plural(t.sum.orders, "order")))
	case apply.Calling:
		return j.hook(levelInfo, "apply_start", "buying", e.At, jsonHook{Run: t.run, Address: e.Address, Region: e.Region, Attempt: e.Attempt})
	case apply.Retrying:
		return j.hook(levelWarn, "apply_progress", "nothing bought, trying again in "+seconds(e.Delay), e.At, jsonHook{
			Address: e.Address, Region: e.Region, Attempt: e.Attempt, Failure: (*jsonFailure)(&e.Failure),
			Retry: e.Delay.Seconds(), Elapsed: took.Seconds(),
		})
	case apply.Bought:
		p := purchaseJSON(e.Purchase)
		return j.hook(levelInfo, "apply_complete", "bought", e.At, jsonHook{
			Run: p.Run, Address: e.Address, Region: e.Region, Attempt: p.Attempt, BuyID: p.BuyID, SourceIDs: p.SourceIDs,
			RequestID: p.RequestID, Quantity: p.Quantity, Marker: p.Marker, Unpaid: p.Unpaid, Elapsed: took.Seconds(),
		})
	case apply.Failed:
		return j.errored("failed", e.Address, e.Region, e.Attempt, &e.Failure, e.At, took)
	case apply.InDoubt:
		return j.errored("in_doubt", e.Address, e.Region, e.Attempt, &e.Failure, e.At, took)
	case apply.Skipped:
		return j.hook(levelWarn, "apply_errored", "skipped", e.At, jsonHook{Address: e.Address, Region: e.Region, Status: "skipped"})
	case apply.RegionStopped:
		return j.warned("Region stopped", e.Region+": "+e.Reason, e.At)
	case apply.Draining:
		return j.warned("Draining", e.Reason+"; no further call begins, "+waitingFor(e), e.At)
	case apply.NotRecorded, apply.Ended: // the one was told at once, the other is told by Applied
	}
	return nil
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
	}})
}

func (j jsonProgress) hook(level, kind, what string, at time.Time, h jsonHook) []byte {
	h.Action = changeAt(j.plan, h.Region, h.Address).Action
	return j.enc.encode(jsonHookEvent{envelopeAt(level, kind, h.Address.String()+": "+what, at), h})
}

func (j jsonProgress) errored(status string, a order.Address, region string, attempt int, f *order.Failure, at time.Time, took time.Duration) []byte {
	return j.hook(levelError, "apply_errored", cause(*f), at, jsonHook{
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

// Applied prints a change_summary that counts what was done, and what of the plan no apply does.
func (j *JSON) Applied(p plan.Plan, r apply.Result) {
	failed, skipped := r.Count(apply.EndFailed), r.Count(apply.EndSkipped)
	planned := p.Totals()
	n := jsonCounts{
		InDoubt: r.Count(apply.EndInDoubt), Failed: &failed, Skipped: &skipped,
		NotExecutable: &planned.Update, Held: &planned.InDoubt,
		Unchanged: p.Unchanged, Instances: r.Instances(), Operation: "apply", jsonRewritten: rewrittenJSON(p),
		Cost: costJSON(boughtCost(p, r), p.Prices),
	}
	for _, e := range r.Entries {
		if e.End != apply.EndBought {
			continue
		}
		if changeAt(p, e.Region, e.Address).Action == plan.Grow {
			n.Grow++
		} else {
			n.Create++
		}
		if e.Purchase.Unpaid {
			n.Unpaid++
		}
	}
	j.emit(jsonSummary{newEnvelope(levelInfo, "change_summary", resultSum(p, r)), n})
	j.flush()
}

// changeAt is what the plan intended for an address; the zero Change, which does nothing, where it says nothing of it.
func changeAt(p plan.Plan, region string, a order.Address) plan.Change {
	i, found := slices.BinarySearchFunc(p.Changes, a, func(c plan.Change, a order.Address) int {
		return cmp.Or(cmp.Compare(c.Region, region), c.Address.Compare(a))
	})
	if !found {
		return plan.Change{}
	}
	return p.Changes[i]
}
