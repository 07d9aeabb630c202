package cli

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

var (
	watchedAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	gateway   = order.Address{Name: "gw"}
)

// retold is what is told of entries that come a second after each other.
func retold(entries ...state.Entry) (events []string, spent order.Amount) {
	r := retelling{info: state.RunInfo{ID: "20261123T120000Z-k7q2m9", Parallelism: 8, Started: watchedAt}}
	r.tell = func(e apply.Event) {
		events = append(events, told(e))
		if b, ok := e.(apply.Bought); ok {
			spent += r.facts().Change(b.Region, b.Address).Cost.Amount
		}
	}
	for i, e := range entries {
		e.At = watchedAt.Add(time.Duration(i) * time.Second)
		switch {
		case e.Intent != nil:
			e.Intent.At = e.At
		case e.Outcome != nil:
			e.Outcome.At, e.Outcome.Address = e.At, e.Address
		case e.Note != nil:
			e.Note.At = e.At
		}
		r.entry(e)
	}
	return events, spent
}

// told is an event in a line: its type, and what differs in these tests.
func told(e apply.Event) string {
	at := func(at time.Time) string { return at.Sub(watchedAt).String() }
	switch e := e.(type) {
	case apply.Started:
		return fmt.Sprintf("started %v", e.Waves)
	case apply.Calling:
		return fmt.Sprintf("calling %s in %s at %s", e.Address, e.Region, at(e.At))
	case apply.Retrying:
		return fmt.Sprintf("retrying %s in %s: %s", e.Address, e.Delay, e.Failure.Message)
	case apply.Failed:
		return fmt.Sprintf("failed %s: %s", e.Address, e.Failure.Message)
	case apply.WaveEnded:
		return fmt.Sprintf("wave %s %s: %s", e.Wave, e.End, e.Reason)
	case apply.AwaitingApproval:
		return fmt.Sprintf("awaiting %v", e.Wave)
	default:
		return fmt.Sprintf("%T", e)
	}
}

func intentOf(a order.Address, imported bool) state.Entry {
	o := order.Order{Address: a, Region: "cn-north-1", Spec: "bastion-50", Quantity: 2}
	o.Charge = order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1}
	return state.Entry{Address: a, Intent: &order.Intent{Attempt: 1, Order: o, Imported: imported}}
}

func outcomeOf(a order.Address, class order.Class) state.Entry {
	o := &order.Outcome{Attempt: 1, Result: class.Result(), Failure: order.Failure{Class: class, Message: class.String()}, Took: 200 * time.Millisecond}
	return state.Entry{Address: a, Outcome: o}
}

func bought(a order.Address) state.Entry {
	return state.Entry{Address: a, Outcome: &order.Outcome{Attempt: 1, Result: order.ResultBought, Purchase: order.Purchase{Quantity: 2}}}
}

func noted(n state.Note, a order.Address) state.Entry { return state.Entry{Address: a, Note: &n} }

func TestRetelling(t *testing.T) {
	other := order.Address{Name: "other"}
	for name, c := range map[string]struct {
		entries []state.Entry
		want    []string
		spent   order.Amount
	}{
		"a call begins when its time says": {
			[]state.Entry{intentOf(gateway, false), outcomeOf(gateway, order.ClassRejected)},
			[]string{"started [{ 0 0 []}]", "calling order.gw in cn-north-1 at 0s", "calling order.gw in cn-north-1 at 800ms", "failed order.gw: rejected"}, 0,
		},
		"what was throttled is called again": {
			[]state.Entry{
				intentOf(gateway, false), outcomeOf(gateway, order.ClassThrottled),
				noted(state.Note{Kind: state.NoteRetrying, Delay: time.Minute}, gateway), intentOf(gateway, false),
			},
			[]string{
				"started [{ 0 0 []}]", "calling order.gw in cn-north-1 at 0s", "calling order.gw in cn-north-1 at 800ms",
				"retrying order.gw in 1m0s: throttled", "calling order.gw in cn-north-1 at 3s",
			}, 0,
		},
		"what was throttled and not called again has failed by the run's end": {
			[]state.Entry{intentOf(gateway, false), outcomeOf(gateway, order.ClassThrottled), {Ended: &state.RunSummary{}}},
			[]string{
				"started [{ 0 0 []}]", "calling order.gw in cn-north-1 at 0s", "calling order.gw in cn-north-1 at 800ms",
				"failed order.gw: throttled", "apply.Ended",
			}, 0,
		},
		"and after a while": {
			[]state.Entry{
				intentOf(gateway, false), outcomeOf(gateway, order.ClassNotSent), noted(state.Note{Kind: state.NotePaused}, order.Address{}),
				noted(state.Note{Kind: state.NoteResumed}, order.Address{}), noted(state.Note{Kind: "other"}, order.Address{}),
				noted(state.Note{Kind: "other"}, order.Address{}), noted(state.Note{Kind: "other"}, order.Address{}),
			},
			[]string{
				"started [{ 0 0 []}]", "calling order.gw in cn-north-1 at 0s", "calling order.gw in cn-north-1 at 800ms",
				"apply.Paused", "apply.Resumed", "failed order.gw: not_sent",
			}, 0,
		},
		"a call that was never made is skipped": {
			[]state.Entry{intentOf(gateway, false), outcomeOf(gateway, order.ClassCancelled), noted(state.Note{Kind: state.NoteSkipped}, gateway)},
			[]string{"started [{ 0 0 []}]", "calling order.gw in cn-north-1 at 0s", "calling order.gw in cn-north-1 at 800ms", "apply.Skipped"}, 0,
		},
		"imports and what earlier runs called for are none of its calls": {
			[]state.Entry{intentOf(gateway, true), bought(gateway), bought(other), {Removed: true}, {Ended: &state.RunSummary{}}},
			[]string{"started [{ 0 0 []}]", "apply.Ended"}, 0,
		},
		"what was planned comes first, and prices what is bought": {
			[]state.Entry{
				noted(state.Note{Kind: state.NotePlanned, Planned: &state.Planned{
					Currency: "CNY", Prices: []state.PlannedPrice{{Spec: "bastion-50", Unit: order.UnitYear, Amount: 100}},
					Waves: []state.PlannedWave{{Name: "canary", Regions: []state.PlannedRegion{{Region: "cn-north-1", Orders: 1, Instances: 2}}}},
				}}, order.Address{}),
				noted(state.Note{Kind: state.NoteAwaitingApproval, Wave: "canary"}, order.Address{}),
				noted(state.Note{Kind: state.NoteWaveStarted, Wave: "canary"}, order.Address{}),
				intentOf(gateway, false), bought(gateway),
				noted(state.Note{Kind: state.NoteWaveEnded, Wave: "canary", End: "bad", Text: "why"}, order.Address{}),
				noted(state.Note{Kind: state.NoteWaveEnded, Wave: "canary", End: "of a later version"}, order.Address{}),
			},
			[]string{
				"started [{canary 1 2 [{cn-north-1 1 2}]}]", "awaiting {canary 1 2 [{cn-north-1 1 2}]}", "apply.WaveStarted",
				"calling order.gw in cn-north-1 at 3s", "apply.Bought", "wave canary bad: why", "wave canary not_begun: ",
			}, 200,
		},
	} {
		events, spent := retold(c.entries...)
		if diff := cmp.Diff(c.want, events); diff != "" || spent != c.spent {
			t.Errorf("%s: %d was spent, want %d; events (-want +got):\n%s", name, spent, c.spent, diff)
		}
	}
}

// TestEveryNoteIsRetold: what of a run's events goes into its log as a note comes out of it as that event.
func TestEveryNoteIsRetold(t *testing.T) {
	at := watchedAt
	for _, want := range []apply.Event{
		apply.WaveStarted{Wave: "canary", At: at}, apply.WaveEnded{Wave: "canary", End: apply.WaveCutShort, Reason: "why", At: at},
		apply.AwaitingApproval{Wave: apply.WaveTotal{Wave: "canary"}, At: at},
		apply.Baking{Wave: "canary", Until: at, Up: 1, Coming: 2, Down: 3, At: at},
		apply.InstanceFailed{Address: gateway, Region: "cn-north-1", Why: "why", At: at},
		apply.SpeedChanged{Region: "cn-north-1", Parallelism: 4, Rate: 0.5, Reason: "why", At: at},
		apply.Paused{By: "alice", At: at}, apply.Resumed{By: "alice", At: at},
		apply.Skipped{Address: gateway, Region: "cn-north-1", Wave: "canary", At: at},
		apply.RegionStopped{Region: "cn-north-1", Reason: "why", At: at}, apply.Draining{Reason: "why", At: at},
	} {
		n, kept := note(want)
		if !kept {
			t.Errorf("%T is not kept", want)
			continue
		}
		var got apply.Event
		r := retelling{tell: func(e apply.Event) { got = e }}
		r.note(&n, gateway)
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(order.Address{})); diff != "" {
			t.Errorf("%T (-want +got):\n%s", want, diff)
		}
	}
}
