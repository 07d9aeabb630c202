package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// sound fails the test unless everything holds of the state at path.
func sound(t rapid.TB, path string) Verification {
	t.Helper()
	v, err := Verify(path)
	if err = errors.Join(append(v.Problems, err)...); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return v
}

// history returns the path of a state that three runs left, and the runs' logs. The first order was bought in the first
// run and grew in each.
func history(t testing.TB) (path string, logs []string) {
	t.Helper()
	path = place(t)
	for i := range 3 {
		s := open(t, path)
		r := start(t, s, i)
		unsynced(s, r)
		buy(t, r, testOrder(0), i+1)
		buy(t, r, testOrder(i+1), 1)
		logs = append(logs, s.paths.RunLog(r.ID()))
		closeAll(t, r, s)
	}
	return path, logs
}

func TestVerifyCountsWhatItChecked(t *testing.T) {
	path, _ := history(t)
	s := open(t, path)
	r := start(t, s, 3)
	if err := r.Begin(t.Context(), intent(r, testOrder(9), 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := sound(t, path)
	want := Verification{
		Fleet: testBinding.Fleet, Lineage: r.Lineage(), Serial: got.Serial,
		Records: 5, Purchases: 6, IDs: 18, InDoubt: 1, Runs: 4, Lines: 3*6 + 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v := sound(t, place(t)); !v.Fresh() {
		t.Errorf("of no state: %+v", v)
	}
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, path string, logs []string)
		want  error
		says  string
	}{
		"a log that is gone in the middle": {func(t *testing.T, _ string, logs []string) { takeAway(t, logs[1]) }, ErrDamaged, "the run log is gone"},
		"the last log gone":                {func(t *testing.T, _ string, logs []string) { takeAway(t, logs[2]) }, ErrDamaged, "the run log is gone"},
		"all logs gone":                    {func(t *testing.T, path string, _ []string) { takeAway(t, PathsOf(path).Runs) }, ErrDamaged, "the run log is gone"},
		"a flipped bit in a log": {func(t *testing.T, _ string, logs []string) {
			text := readFile(t, logs[0])
			text[len(text)/2] ^= 1
			replace(t, logs[0], text)
		}, ErrDamaged, "can't be followed"},
		"a log that was cut at a line's end": {func(t *testing.T, _ string, logs []string) {
			text := readFile(t, logs[1])
			replace(t, logs[1], text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1])
		}, ErrDamaged, "one is missing"},
		"the database gone": {func(t *testing.T, path string, _ []string) { takeAway(t, path) }, ErrLost, "the file is missing"},
		"the database damaged": {func(t *testing.T, path string, _ []string) {
			if err := os.Truncate(path, int64(os.Getpagesize()*3)); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged, "it was cut"},
		"a record that no log tells": {func(t *testing.T, path string, _ []string) {
			alter(t, path, func(r *order.Record) { r.Purchases[0].RequestID = "req-other" })
		}, ErrInconsistent, "the database and the run logs tell different things of order.branch["},
		"a record that breaks a rule": {func(t *testing.T, path string, _ []string) {
			alter(t, path, func(r *order.Record) { r.Purchases[0].Marker = "[bf:0123456789ABCDEF]" })
		}, ErrInconsistent, "attempt 1 has the marker [bf:0123456789ABCDEF] of another"},
		"a backup that can't be read": {func(t *testing.T, path string, _ []string) {
			dir := PathsOf(path).Backups
			if err := os.MkdirAll(dir, dirMode); err != nil {
				t.Fatal(err)
			}
			replace(t, dir+"/0000000007-20261123T101500Z.db", []byte("no database"))
		}, ErrForeign, "0000000007-2026"},
		"a backup of another state": {func(t *testing.T, path string, _ []string) {
			dir := PathsOf(path).Backups
			if err := os.MkdirAll(dir, dirMode); err != nil {
				t.Fatal(err)
			}
			replace(t, dir+"/0000000007-20261123T101500Z.db", readFile(t, used(t, 1)))
		}, ErrForeign, "it is a copy of a state of lineage"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path, logs := history(t)
			test.spoil(t, path, logs)
			v, err := Verify(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Problems) == 0 {
				t.Fatal("it passed")
			}
			for _, problem := range v.Problems {
				if refused, ok := errors.AsType[*Error](problem); !ok || !strings.HasSuffix(refused.Hint(), ".") {
					t.Errorf("%v does not say what to do, in whole sentences", problem)
				}
			}
			if all := errors.Join(v.Problems...); !errors.Is(all, test.want) || !strings.Contains(all.Error(), test.says) {
				t.Errorf("got %v, want %v that says %q", all, test.want, test.says)
			}
		})
	}
}

// alter changes the first record of a closed database, and the head's sum with it.
func alter(t *testing.T, path string, change func(*order.Record)) {
	t.Helper()
	db, held, err := openDB(path, false)
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(db, held)
	if err != nil {
		t.Fatal(err)
	}
	record := c.records.sorted()[0]
	change(&record)
	altered, err := encodeRecord(record)
	if err != nil {
		t.Fatal(err)
	}
	c.head.Records, c.head.Sum = c.records.with([]stored{altered})
	if err := errors.Join((&Store{db: db, paths: PathsOf(path)}).commit(c.head, []stored{altered}, nil), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestRulesOfRecords(t *testing.T) {
	path, _ := history(t)
	other := order.Address{Name: "other"}
	tests := map[string]struct {
		change func(*order.Record)
		says   string
	}{
		"no attempt":              {func(r *order.Record) { r.Attempt = 0 }, "its last attempt has the number 0"},
		"an attempt bought twice": {func(r *order.Record) { r.Purchases[1].Attempt = 1; r.Purchases[1].Marker = "" }, "a purchase is of attempt 1, after one of attempt 1"},
		"an attempt to come":      {func(r *order.Record) { r.Purchases[2].Attempt = 4; r.Purchases[2].Marker = "" }, "a purchase is of attempt 4"},
		"nothing bought":          {func(r *order.Record) { r.Purchases[0].Quantity = 0; r.Order.Quantity -= 2 }, "attempt 1 bought 0 instances"},
		"a quantity":              {func(r *order.Record) { r.Order.Quantity++ }, "its quantity is 7, its purchases are of 6"},
		"no id":                   {func(r *order.Record) { r.Purchases[0].BuyID, r.Purchases[0].SourceIDs = "", nil }, "the purchase of attempt 1 has no id"},
		"a marker":                {func(r *order.Record) { r.Purchases[0].Marker = r.Purchases[1].Marker }, "has the marker"},
		"a buyId twice":           {func(r *order.Record) { r.Purchases[0].BuyID = r.Purchases[1].BuyID }, "belongs to another purchase"},
		"a sourceId twice":        {func(r *order.Record) { r.Purchases[0].SourceIDs = r.Purchases[1].SourceIDs }, "the sourceId src-"},
		"bids twice":              {func(r *order.Record) { r.Purchases[0].BIDs = []string{"bid-1", "bid-1"} }, "the bid bid-1 belongs"},
		"a cause without a doubt": {func(r *order.Record) { r.DoubtWhy = &order.Failure{} }, "the cause of a doubt and no doubt"},
		"an old doubt":            {func(r *order.Record) { r.Doubt = &order.Intent{Attempt: 3, Order: r.Order} }, "attempt 3 is in doubt"},
		"a doubt of another": {func(r *order.Record) {
			r.Attempt, r.Doubt = 4, &order.Intent{Attempt: 4, Order: order.Order{Address: other, Quantity: 1}}
		}, "it is in doubt for order.other"},
		"a doubt of nothing": {func(r *order.Record) {
			r.Attempt, r.Doubt = 4, &order.Intent{Attempt: 4, Order: order.Order{Address: r.Address}}
		}, "0 instances are in doubt"},
		"a former purchase to come":  {func(r *order.Record) { r.Former = []order.Purchase{{Attempt: 4, BuyID: "b", Quantity: 1}} }, "a former purchase is of attempt 4"},
		"a former purchase of no id": {func(r *order.Record) { r.Former = []order.Purchase{{Attempt: 1, Quantity: 1}} }, "the purchase of attempt 1 has no id"},
		"bought, and gone":           {func(r *order.Record) { r.Gone = true }, "what was here is gone, and bought or in doubt"},
		"a marker of before a move":  {func(r *order.Record) { r.Purchases[0].For = other }, "has the marker"},
		"a moved doubt to come": {func(r *order.Record) {
			r.Doubt = &order.Intent{Attempt: 5, For: other, Order: r.Order}
		}, "attempt 5 is in doubt"},
	}
	for name, test := range tests {
		s := read(t, path)
		if problems := s.Problems(); len(problems) > 0 {
			t.Fatal(problems)
		}
		test.change(&s.Records[0])
		if got := errors.Join(s.Problems()...); got == nil || !strings.Contains(got.Error(), test.says) || !strings.HasPrefix(got.Error(), "order.branch[") {
			t.Errorf("%s: %v, want %q", name, got, test.says)
		}
	}
	s := read(t, path)
	s.Records[0].Purchases[0].Imported, s.Records[0].Purchases[0].Marker = true, "[bf:0123456789ABCDEF]"
	if problems := s.Problems(); len(problems) > 0 {
		t.Errorf("an imported purchase keeps the marker that it had: %v", problems)
	}
}

// Reading is no reason to write, and a state that somebody writes can't be verified.
func TestVerifyOnlyReads(t *testing.T) {
	path, _ := history(t)
	before := readFile(t, path)
	sound(t, path)
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("it wrote")
	}
	open(t, path)
	if _, err := Verify(path); !errors.Is(err, ErrHeld) {
		t.Errorf("of a state that is held: %v", err)
	}
}

// Ids of runs sort by a clock that may be set back.
func TestRunsAreFollowedByTheirSerials(t *testing.T) {
	path := place(t)
	var copied []byte
	for i, at := range []time.Time{testTime, testTime.Add(-time.Hour), testTime.Add(-2 * time.Hour)} {
		s := open(t, path)
		r, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(at), Started: at})
		if err != nil {
			t.Fatal(err)
		}
		buy(t, r, testOrder(0), i+1)
		closeAll(t, r, s)
		if i == 0 {
			copied = readFile(t, path)
		}
	}
	want := read(t, path)
	sound(t, path)
	replace(t, path, copied)
	if got := read(t, path); !reflect.DeepEqual(want.Records, got.Records) {
		t.Error("an older copy of the database was not brought up to date")
	}
}

// TestTheLineScannerAgreesWithJSON holds the scanner of log lines to encoding/json, as its fellow for records is held.
func TestTheLineScannerAgreesWithJSON(t *testing.T) {
	scanned := 0
	rapid.Check(t, func(t *rapid.T) {
		record := drawRecord(t)
		lines := []logLine{outcomeLine(order.Outcome{
			Run: "r", Address: record.Address, Attempt: 1, Result: order.ResultNotBought,
			Failure: order.Failure{Class: order.ClassThrottled, HTTPStatus: 429, Message: record.Order.Desc, SourceIDs: []string{"a"}},
			Took:    time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "took")),
		}), noteLine(Note{
			Kind: NoteRetrying, At: testTime, Address: record.Address.String(), Region: record.Order.Region, Wave: "canary", Attempt: 2,
			Delay: time.Second, Class: "throttled", Code: "RESOURCE_EXHAUSTED", Text: record.Order.Desc,
		})}
		for _, p := range record.Purchases {
			lines = append(lines, outcomeLine(order.Outcome{
				Run: p.Run, Address: record.Address, Attempt: p.Attempt, Result: order.ResultBought, Purchase: p, At: p.At,
			}))
		}
		if record.Doubt != nil {
			lines = append(lines, intentLine(*record.Doubt))
		}
		line := rapid.SampledFrom(lines).Draw(t, "line")
		line.Seq, line.Synced = rapid.Uint64().Draw(t, "seq"), rapid.Uint64Range(0, 1e10).Draw(t, "synced")
		sealed, err := encodeLine(line)
		if err != nil {
			t.Fatal(err)
		}
		sealed = sealed[:len(sealed)-1]
		if rapid.Bool().Draw(t, "altered") {
			at := rapid.IntRange(0, len(sealed)-sealLength-1).Draw(t, "at")
			sealed[at] = rapid.SampledFrom([]byte(`"\,:{}[]0a`)).Draw(t, "byte")
		}
		compareScanned(t, sealed, &scanned)
	})
	if scanned == 0 {
		t.Error("every line was left to encoding/json")
	}
}

// compareScanned counts the lines that the scanner reads, and fails where encoding/json reads them differently.
func compareScanned(t *rapid.T, sealed []byte, scanned *int) {
	s := scanner{names: make(map[string]string)}
	got, ok := s.scanLine(sealed)
	var parsed logLine
	if !ok || !utf8.Valid(sealed) || json.Unmarshal(sealed, &parsed) != nil {
		return // left to encoding/json, whose error stands
	}
	*scanned++
	if !reflect.DeepEqual(got, parsed) {
		t.Fatalf("%s\nscanned %+v\nparsed  %+v", sealed, got, parsed)
	}
}
