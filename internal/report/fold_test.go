package report

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

func TestFoldOfTheSmallRun(t *testing.T) {
	r := folded(t, smallRun())
	want := Counts{Orders: 3, Instances: 4, Bought: 2, BoughtIn: 2, InDoubt: 1, Calls: 4, Retries: 1, Throttled: 1}
	if diff := cmp.Diff(want, r.Counts); diff != "" {
		t.Error(diff)
	}
	spend := &Spend{Currency: "CNY", Planned: Sum{Amount: 60384_00}, Bought: Sum{Amount: 30192_00}, InDoubt: Sum{Amount: 30192_00}}
	if diff := cmp.Diff(spend, r.Spend); diff != "" {
		t.Error(diff)
	}
	if r.Outcome != Incomplete || r.Last.Sub(r.Started) != 160380*time.Millisecond {
		t.Errorf("%s after %v", r.Outcome, r.Last.Sub(r.Started))
	}
	doubt := []Doubt{{
		Address: `order.branch["sh"]`, Region: "cn-east-2", Attempt: 1, Instances: 2, Marker: marker(branch("sh"), 1),
		At: r.Last, Why: "the connection was reset after the request was sent",
	}}
	if diff := cmp.Diff(doubt, r.Doubts); diff != "" {
		t.Error(diff)
	}
	if w := r.Waves; len(w) != 2 || w[0].End != "good" || w[0].Bake.Up != 1 || w[1].End != "bad" || w[1].Begun.Sub(*w[1].Asked) != 30*time.Second {
		t.Errorf("waves %+v", w)
	}
}

// TestOutcomes holds how a run stands to what its log ends with, and to whether its program goes on.
func TestOutcomes(t *testing.T) {
	begin := func() *script {
		s := newScript()
		s.intent(branch("bj"), "cn-north-1", 1, 1)
		s.wait(time.Second)
		return s
	}
	wave := func(end string) []state.WaveSummary {
		return []state.WaveSummary{{Name: "canary", End: "good"}, {Name: "rest", End: end}}
	}
	bought := func(s *script) *script { s.bought(branch("bj"), 1, 1, time.Second); return s }
	drained := func(s *script) *script { s.note(state.Note{Kind: state.NoteDraining, Text: "interrupted"}); return s }
	ended := func(s *script, sum state.RunSummary) *script { s.end(sum); return s }
	running := func(s *script) *script { s.head.Running = true; return s }
	for name, c := range map[string]struct {
		script *script
		want   Outcome
		end    End
	}{
		"complete":                   {ended(bought(begin()), state.RunSummary{Bought: 1}), Complete, EndBought},
		"interrupted":                {ended(drained(begin()), state.RunSummary{Interrupted: true, InDoubt: 1}), Interrupted, EndInDoubt},
		"interrupted, and had all":   {ended(drained(bought(begin())), state.RunSummary{Interrupted: true, Bought: 1}), Complete, EndBought},
		"ended well":                 {ended(bought(begin()), state.RunSummary{Bought: 1, Waves: wave("idle")}), Complete, EndBought},
		"ended badly":                {ended(bought(begin()), state.RunSummary{Bought: 1, Waves: wave("bad")}), Incomplete, EndBought},
		"interrupted in a bake":      {ended(drained(bought(begin())), state.RunSummary{Interrupted: true, Waves: wave("cut_short")}), Interrupted, EndBought},
		"died":                       {begin(), Died, EndInDoubt},
		"died, and had all":          {bought(begin()), Died, EndBought},
		"died, and closed since":     {ended(begin(), state.RunSummary{Interrupted: true, Died: true, InDoubt: 1}), Died, EndInDoubt},
		"running":                    {running(begin()), Running, EndUnderWay},
		"running, with all bought":   {running(bought(begin())), Running, EndBought},
		"ended, and the lock is not": {running(ended(bought(begin()), state.RunSummary{Bought: 1})), Complete, EndBought},
	} {
		t.Run(name, func(t *testing.T) {
			r := folded(t, c.script)
			if r.Outcome != c.want || r.Orders[0].End != c.end {
				t.Errorf("%s with an order %s, want %s with %s", r.Outcome, r.Orders[0].End, c.want, c.end)
			}
		})
	}
}

// TestARunThatIsClosedLaterEndedWhenItWasLastHeardOf holds the time of a killed run to its own entries, not to the recovery's.
func TestARunThatIsClosedLaterEndedWhenItWasLastHeardOf(t *testing.T) {
	s := newScript()
	s.intent(branch("bj"), "cn-north-1", 1, 1)
	died := s.now
	s.wait(24 * time.Hour)
	record := order.Record{
		Address: branch("bj"), Attempt: 1, Order: order.Order{Address: branch("bj"), Region: "cn-north-1"},
		Purchases: []order.Purchase{{Attempt: 1, BuyID: "buy-1", Quantity: 1, Run: s.head.Run.ID}},
	}
	s.add(state.Entry{At: s.now, Address: branch("bj"), Record: &record}) // only the database knew of it
	s.end(state.RunSummary{Interrupted: true, Died: true, Bought: 1})
	r := folded(t, s)
	if r.Outcome != Died || !r.Last.Equal(died) || r.Orders[0].End != EndBought || r.Orders[0].BuyID != "buy-1" {
		t.Errorf("%s at %v: %+v", r.Outcome, r.Last, r.Orders[0])
	}
}

// TestEndsOfOrders holds what becomes of an order to its last outcome, and to what the run did about it.
func TestEndsOfOrders(t *testing.T) {
	const region = "cn-north-1"
	cancelled := order.Failure{Class: order.ClassCancelled}
	for name, c := range map[string]struct {
		play  func(*script)
		end   End
		calls int
	}{
		"refused":              {func(s *script) { s.failed(branch("a"), 1, time.Second, noQuota) }, EndFailed, 1},
		"cancelled before it":  {func(s *script) { s.failed(branch("a"), 1, 0, cancelled) }, EndNotTried, 0},
		"throttled to the end": {func(s *script) { s.failed(branch("a"), 1, time.Second, slowDown) }, EndFailed, 1},
		"throttled, then given up with its region": {func(s *script) {
			s.failed(branch("a"), 1, time.Second, slowDown)
			s.retrying(branch("a"), region, 1, slowDown)
			s.note(state.Note{Kind: state.NoteSkipped, Address: branch("a").String(), Region: region})
		}, EndNotTried, 1},
		"throttled, then bought": {func(s *script) {
			s.failed(branch("a"), 1, time.Second, slowDown)
			s.intent(branch("a"), region, 2, 1)
			s.bought(branch("a"), 2, 1, time.Second)
		}, EndBought, 2},
		"throttled, then in doubt": {func(s *script) {
			s.failed(branch("a"), 1, time.Second, slowDown)
			s.intent(branch("a"), region, 2, 1)
			s.failed(branch("a"), 2, time.Second, lostReply)
		}, EndInDoubt, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript()
			s.intent(branch("a"), region, 1, 1)
			c.play(s)
			s.end(state.RunSummary{})
			if o := folded(t, s).Orders; len(o) != 1 || o[0].End != c.end || o[0].Calls != c.calls {
				t.Errorf("%+v, want %s after %d calls", o, c.end, c.calls)
			}
		})
	}
}

// TestOrdersThatTheLogDoesNotNameAreCounted holds what a killed run never came to against its plan.
func TestOrdersThatTheLogDoesNotNameAreCounted(t *testing.T) {
	s := smallRun()
	s.entries = s.entries[:4] // planned, and the canary bought
	r := folded(t, s)
	if r.Outcome != Died || r.Unlisted != 2 || r.Counts.NotTried != 2 || r.Counts.Orders != 3 {
		t.Errorf("%s, %d unlisted, %+v", r.Outcome, r.Unlisted, r.Counts)
	}
	if r.Waves[1].Counts.NotTried != 2 || r.Regions[0].Counts.NotTried != 1 || r.Regions[1].Counts.NotTried != 1 {
		t.Errorf("waves %+v, regions %+v", r.Waves, r.Regions)
	}
}

// TestImportsAreNoPurchases holds what a run recorded of others apart from what it bought.
func TestImportsAreNoPurchases(t *testing.T) {
	s := newScript()
	s.add(state.Entry{At: s.now, Address: branch("a"), Intent: &order.Intent{
		Run: s.head.Run.ID, Attempt: 1, Imported: true, At: s.now, Order: order.Order{Address: branch("a"), Region: "cn-north-1", Quantity: 1},
	}})
	s.outcome(branch("a"), 1, 0, func(o *order.Outcome) {
		o.Result, o.Purchase = order.ResultBought, order.Purchase{Attempt: 1, BIDs: []string{"bid-1"}, Quantity: 1, Imported: true}
	})
	s.intent(branch("a"), "cn-north-1", 2, 3) // it grows
	s.bought(branch("a"), 2, 3, time.Second)
	s.end(state.RunSummary{Bought: 1, Instances: 3})
	r := folded(t, s)
	if diff := cmp.Diff(Counts{Orders: 1, Instances: 3, Bought: 1, BoughtIn: 3, Imported: 1, Calls: 1}, r.Counts); diff != "" {
		t.Error(diff)
	}
	if len(r.Orders) != 2 || r.Orders[0].End != EndImported || r.Orders[1].End != EndBought {
		t.Errorf("%+v", r.Orders)
	}
}

// TestWhatIsFoundOutLaterIsNoCall holds a reconcile's or a resolve's run, which settles calls of earlier ones, to making none.
func TestWhatIsFoundOutLaterIsNoCall(t *testing.T) {
	s := newScript()
	s.head.Run.Command = "reconcile"
	s.outcome(branch("a"), 1, 0, func(o *order.Outcome) {
		o.Result, o.Purchase = order.ResultBought, order.Purchase{Attempt: 1, BIDs: []string{"bid-1"}, Quantity: 1}
	})
	s.outcome(branch("b"), 1, 0, func(o *order.Outcome) {
		o.Result, o.Purchase = order.ResultBought, order.Purchase{Attempt: 1, BuyID: "buy-1", Quantity: 1}
	})
	s.end(state.RunSummary{Bought: 2, Instances: 2})
	r := folded(t, s)
	if diff := cmp.Diff(Counts{Orders: 2, Instances: 2, Bought: 2, BoughtIn: 2}, r.Counts); diff != "" {
		t.Error(diff)
	}
	if len(r.Regions)+len(r.Buckets.Starts) > 0 || r.Outcome != Complete {
		t.Errorf("%s, regions %+v, buckets %+v", r.Outcome, r.Regions, r.Buckets)
	}
}

func TestFoldPassesErrorsOn(t *testing.T) {
	torn := errors.New("a line is damaged")
	_, err := Fold(newScript().head, iter.Seq2[state.Entry, error](func(yield func(state.Entry, error) bool) { yield(state.Entry{}, torn) }))
	if !errors.Is(err, torn) {
		t.Error(err)
	}
}
