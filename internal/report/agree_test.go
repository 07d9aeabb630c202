package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// drawRun draws a run of some orders: each is tried a few times, or not at all, and the run ends, is killed, or goes on.
func drawRun(t *rapid.T) *script {
	s := newScript()
	for i := range rapid.IntRange(0, 40).Draw(t, "orders") {
		a, region := branch(fmt.Sprintf("site-%03d", i)), fmt.Sprintf("cn-%d", i%3)
		last := "skipped"
		for attempt := range rapid.IntRange(0, 3).Draw(t, "calls") {
			s.wait(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "wait")) * time.Millisecond)
			s.intent(a, region, attempt+1, 1+i%4)
			last = rapid.SampledFrom([]string{"bought", "throttled", "refused", "in doubt", "nothing"}).Draw(t, "outcome")
			switch last {
			case "bought":
				s.bought(a, attempt+1, 1+i%4, time.Second)
			case "throttled":
				s.failed(a, attempt+1, time.Second, slowDown)
			case "refused":
				s.failed(a, attempt+1, time.Second, noQuota)
			case "in doubt":
				s.failed(a, attempt+1, time.Second, lostReply)
			}
			if last != "throttled" {
				break
			}
			s.retrying(a, region, attempt+1, slowDown)
		}
		if last == "skipped" {
			s.note(state.Note{Kind: state.NoteSkipped, Address: a.String(), Region: region})
		}
	}
	s.head.Running = rapid.Bool().Draw(t, "running")
	if rapid.Bool().Draw(t, "ended") {
		s.end(state.RunSummary{Died: rapid.Bool().Draw(t, "died")})
	}
	return s
}

// records are what the state makes of the same entries.
func (s *script) records(t *rapid.T) map[string]order.Record {
	found := map[string]order.Record{}
	for _, e := range s.entries {
		r, err := found[e.Address.String()], error(nil)
		switch {
		case e.Intent != nil:
			r, err = r.Begin(*e.Intent)
		case e.Outcome != nil:
			r, err = r.Finish(*e.Outcome)
		default:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found[e.Address.String()] = r
	}
	return found
}

// TestReportsAgreeWithTheState holds what is bought, under which id, and what is in doubt to the state's own records, in every
// form.
func TestReportsAgreeWithTheState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawRun(t)
		r, err := Fold(s.head, s.all())
		if err != nil {
			t.Fatal(err)
		}
		records := s.records(t)
		ends := map[End]int{}
		for _, o := range r.Orders {
			ends[o.End]++
			agrees(t, o, records[o.Address])
		}
		for address, record := range records {
			if !slices.ContainsFunc(r.Orders, func(o Order) bool { return o.Address == address }) {
				t.Fatalf("%s is %s and not in the report", address, record.Status())
			}
		}
		c := r.Counts
		if c.Bought != ends[EndBought] || c.InDoubt != ends[EndInDoubt] || c.Failed != ends[EndFailed] || c.NotTried != ends[EndNotTried] ||
			c.UnderWay != ends[EndUnderWay] || c.Orders != len(r.Orders) || len(r.Doubts) != c.InDoubt {
			t.Fatalf("%+v of %v", c, ends)
		}
		formsAgree(t, r, ends)
	})
}

// agrees holds an order of a report to its record.
func agrees(t *rapid.T, o Order, record order.Record) {
	switch bought := len(record.Purchases) > 0; {
	case bought != (o.End == EndBought):
		t.Fatalf("%s is %s and was bought: %v", o.Address, o.End, bought)
	case bought && (record.Purchases[0].BuyID != o.BuyID || record.Bought() != o.Instances || record.Attempt != o.Attempt):
		t.Fatalf("%+v was %+v", o, record.Purchases)
	case o.End == EndInDoubt && record.Doubt == nil, record.Doubt != nil && o.End != EndInDoubt && o.End != EndUnderWay:
		t.Fatalf("%s is %s with the doubt %+v", o.Address, o.End, record.Doubt)
	}
}

// formsAgree holds the forms to the report.
func formsAgree(t *rapid.T, r Report, ends map[End]int) {
	text := map[string]string{}
	for form, write := range forms {
		var b strings.Builder
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		text[form] = b.String()
	}
	for _, form := range []string{"txt", "md", "html"} {
		if !strings.Contains(text[form], verdict(&r)) {
			t.Fatalf("%s does not say %q", form, verdict(&r))
		}
	}
	_, table, _ := strings.Cut(text["html"], `<table id="table"`)
	for end, n := range ends {
		if got := strings.Count(text["csv"], ","+string(end)+","); got != n {
			t.Fatalf("csv: %d orders %s, want %d", got, end, n)
		}
		if got := strings.Count(text["json"], `"end":"`+string(end)+`"`); got != n {
			t.Fatalf("json: %d orders %s, want %d", got, end, n)
		}
		if got := strings.Count(text["md"], "` | "+end.Words()+" | "); got != n {
			t.Fatalf("md: %d orders %s, want %d", got, end, n)
		}
		if got := strings.Count(table, ">"+end.Words()+"<"); got != n {
			t.Fatalf("html: %d orders %s, want %d", got, end, n)
		}
	}
	for i := range r.Orders {
		for form, written := range text {
			if id := r.Orders[i].BuyID; form != "txt" && !strings.Contains(written, id) {
				t.Fatalf("%s has no %s", form, id)
			}
		}
	}
}

// TestMarkdownFitsWhateverIsInIt draws the longest texts that a log may hold, many of everything.
func TestMarkdownFitsWhateverIsInIt(t *testing.T) {
	long := strings.Repeat("|`<\u202e\\", 800)
	r := folded(t, largeRun(500))
	r.Fleet, r.Endpoint, r.Reason, r.PlanID, r.Run = long, long, long, long, long
	for i := range 300 {
		r.Waves = append(r.Waves, Wave{Name: long, Reason: long, End: "bad"})
		r.Regions = append(r.Regions, Region{Name: fmt.Sprint(i) + long, Stopped: long})
		c := Cause{Why: long, Count: 1, Orders: slices.Repeat([]string{long}, 30)}
		r.Failures, r.Retried = append(r.Failures, c), append(r.Retried, c)
		r.Doubts = append(r.Doubts, Doubt{Address: long, Region: long, Why: long})
		r.Lost = append(r.Lost, Lost{Address: long, Region: long, Why: long})
		r.Events = append(r.Events, Event{Kind: long, Text: long})
	}
	for i := range r.Orders {
		r.Orders[i].Address, r.Orders[i].BuyID = long, long
	}
	if text := written(t, "md", r); len(text) > MaxMarkdown {
		t.Errorf("%d bytes", len(text))
	}
}
