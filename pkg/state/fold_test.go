package state

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func countLines(text []byte, with string) int {
	n := 0
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(with)) {
			n++
		}
	}
	return n
}

func foldOf(t testing.TB, path string) Fold {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fold, err := FoldLog(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("FoldLog: %v\n%s", err, text)
	}
	return fold
}

// unsynced lets a run write without waiting for the disk, for tests of what is written.
func unsynced(s *Store, r *Run) {
	s.db.NoSync = true
	r.writer.log = watchedUnsynced{r.writer.log}
}

type watchedUnsynced struct{ logFile }

func (watchedUnsynced) Sync() error { return nil }

// TestLogFoldedIsState lets runs do anything that the journal allows, and then expects three accounts of it to
// agree: the records' own rules, the database, and the last run's log alone.
func TestLogFoldedIsState(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		model := map[order.Address]order.Record{}
		for number := range rapid.IntRange(1, 2).Draw(rt, "runs") {
			s := open(t, path)
			r := start(t, s, number)
			unsynced(s, r)
			touched := map[order.Address]order.Record{}
			for range rapid.IntRange(0, 12).Draw(rt, "steps") {
				for _, record := range step(rt, r, model) {
					touched[record.Address] = record
					model[record.Address] = record
				}
			}
			if rapid.Bool().Draw(rt, "closed") {
				if err := r.Close(RunSummary{Ended: testTime}); err != nil {
					rt.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				rt.Fatal(err)
			}
			compare(rt, "the database", model, read(t, path).Records)
			sound(rt, path)
			compare(rt, "the log", touched, foldOf(t, PathsOf(path).RunLog(r.ID())).Records)
		}
	})
}

// step makes one entry, drawn from those that a caller may try, and returns the records that it must lead to.
func step(rt *rapid.T, r *Run, model map[order.Address]order.Record) []order.Record {
	number := rapid.IntRange(0, 3).Draw(rt, "order")
	o := testOrder(number)
	o.Desc += rapid.SampledFrom([]string{"", ` "quoted" \ & <b>`, " 北京"}).Draw(rt, "desc") + fmt.Sprintf("-%05d", number)
	before := model[o.Address]
	before.Address = o.Address
	var after []order.Record
	var want, got error
	switch rapid.SampledFrom([]string{"begin", "begin", "finish", "finish", "move", "remove"}).Draw(rt, "entry") {
	case "begin":
		i := intent(r, o, before.Attempt+rapid.IntRange(0, 2).Draw(rt, "attempt"))
		after, want = one(before.Begin(i))
		got = r.Begin(rt.Context(), i)
	case "finish":
		outcome := rapid.SampledFrom([]order.Outcome{
			bought(r, o, before.Attempt), failed(r, o, before.Attempt, order.ClassThrottled),
			failed(r, o, before.Attempt, order.ClassInDoubt),
		}).Draw(rt, "outcome")
		outcome = answering(before, outcome)
		recorded := outcome
		if recorded.At.Before(r.started) { // then it was known before the run
			recorded.At = r.started
		}
		after, want = one(before.Finish(recorded))
		got = r.Finish(outcome)
	case "move":
		to := testOrder(rapid.IntRange(0, 3).Draw(rt, "to")).Address
		there := model[to]
		there.Address = to
		var left, moved order.Record
		left, moved, want = before.MoveTo(there, r.started)
		after = []order.Record{left, moved}
		got = r.Move(order.Move{From: o.Address, To: to}, testTime) // before the run, as by a clock that was set back
	case "remove":
		givenUp := rapid.SampledFrom([]*order.Failure{nil, {Class: order.ClassResolved, Message: "given up"}}).Draw(rt, "given up")
		at := testTime.Add(time.Hour)
		after, want = one(before.Remove(givenUp, at))
		got = r.Remove(o.Address, givenUp, at)
	}
	if (want == nil) != (got == nil) {
		rt.Fatalf("the journal says %v, the record %v", got, want)
	}
	if want != nil {
		return nil
	}
	return after
}

func one(r order.Record, err error) ([]order.Record, error) { return []order.Record{r}, err }

// answering is the outcome of the record's open call, if it has one, as the API would give it: with ids of its own.
func answering(r order.Record, o order.Outcome) order.Outcome {
	if r.Doubt == nil {
		return o
	}
	o.Attempt, o.Purchase.Attempt, o.Purchase.Quantity = r.Doubt.Attempt, r.Doubt.Attempt, r.Doubt.Order.Quantity
	if o.Result == order.ResultBought {
		id := string(r.Doubt.Marker)
		o.Purchase.BuyID, o.Purchase.SourceIDs, o.Purchase.Marker = "buy-"+id, []string{"src-" + id}, r.Doubt.Marker
	}
	return o
}

func compare(rt *rapid.T, what string, want map[order.Address]order.Record, got []order.Record) {
	rt.Helper()
	sorted := slices.SortedFunc(maps.Values(want), func(a, b order.Record) int { return a.Address.Compare(b.Address) })
	if diff := cmp.Diff(sorted, got, sameAddress, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("%s differs (-want +got):\n%s", what, diff)
	}
}

// TestFoldLogNoticesDamage cuts and alters a log at every place: a cut end costs at most the last line, anything
// else is an error.
func TestFoldLogNoticesDamage(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := start(t, s, 0)
	unsynced(s, r)
	buy(t, r, testOrder(1), 1)
	buy(t, r, testOrder(2), 1)
	closeAll(t, r, s)
	text, err := os.ReadFile(PathsOf(path).RunLog(r.ID()))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines = lines[:len(lines)-1]

	for cut := range len(text) {
		fold, err := FoldLog(bytes.NewReader(text[:cut]))
		whole := bytes.HasSuffix(text[:cut], []byte("\n"))
		if err != nil || fold.Torn == whole || fold.Ended {
			t.Fatalf("cut at %d: torn %t, ended %t, %v", cut, fold.Torn, fold.Ended, err)
		}
	}
	// Up to the last line and the newline before it: losing that makes the two one, which looks like a cut end.
	for at := range len(text) - len(lines[len(lines)-1]) - 1 {
		altered := bytes.Clone(text)
		altered[at] ^= 1
		if _, err := FoldLog(bytes.NewReader(altered)); err == nil {
			t.Fatalf("a flipped bit at %d went unnoticed", at)
		}
	}
	for missing := range len(lines) - 1 {
		rest := strings.Join(slices.Delete(slices.Clone(lines), missing, missing+1), "")
		if _, err := FoldLog(strings.NewReader(rest)); err == nil {
			t.Errorf("the missing line %d went unnoticed", missing+1)
		}
	}
	header := func(old, new string) error {
		line := strings.Replace(lines[0], old, new, 1)
		sealed, _ := seal([]byte(line[:len(line)-1-sealLength] + "}"))
		_, err := FoldLog(bytes.NewReader(append(sealed, '\n')))
		return err
	}
	if err := header(`{"v":4,`, `{"v":5,`); !errors.Is(err, ErrNewer) {
		t.Errorf("a log of a later version: %v", err)
	}
	for old, new := range map[string]string{`"seq":1,`: `"seq":2,`, lineStarted: lineNote} {
		if err := header(old, new); err == nil || !strings.Contains(err.Error(), "does not begin with its header") {
			t.Errorf("a log whose first line has %s: %v", new, err)
		}
	}
}
