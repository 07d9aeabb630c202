package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// entries returns what the log of a run holds.
func entries(t *testing.T, path, id string) []Entry {
	t.Helper()
	log, err := ReadRunLog(path, id)
	if err != nil {
		t.Fatal(err)
	}
	var all []Entry
	for e, err := range log.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

var someNotes = []Note{
	{Kind: NotePlanned, At: testTime, Planned: &Planned{
		Currency: "CNY", Prices: []PlannedPrice{{Region: "cn-north-1", Spec: "bastion-50", Unit: "MONTH", Amount: 148000}, {Spec: "bastion-50", Unit: "YEAR", Amount: 1509600}},
		Waves: []PlannedWave{{Name: "canary", Regions: []PlannedRegion{{Region: "cn-north-1", Orders: 1, Instances: 2, Cost: 3019200, Unpriced: 1, Parallelism: 8, Rate: 2.5}}}},
	}},
	{Kind: NoteWaveStarted, At: testTime, Wave: "canary"},
	{Kind: NoteBaking, At: testTime, Wave: "canary", Until: testTime.Add(time.Hour), Up: 3, Coming: 2, Down: 1},
	{Kind: NoteSpeedChanged, At: testTime, Region: "cn-north-1", Parallelism: 4, Rate: 0.5, Text: "throttled"},
	{Kind: NoteRetrying, At: testTime, Address: `order.gw["a"]`, Region: "cn-north-1", Attempt: 2, Delay: 1500 * time.Millisecond, Class: "throttled", Code: "QUOTA", Text: "slow\ndown"},
	{Kind: NotePaused, At: testTime, By: "ann on host"},
	{Kind: NoteWaveEnded, At: testTime, Wave: "canary", End: endBad, Text: "1 of 1 failed"},
}

// A run log tells everything that was put into it, in its order.
func TestARunLogIsReadAsItWasWritten(t *testing.T) {
	path := place(t)
	s := open(t, path)
	at := testTime.Add(-time.Minute)
	info := RunInfo{ID: NewRunID(at), PlanID: "p", Command: "apply", By: "ann on host", Parallelism: 8, Started: at}
	r, err := s.StartRun(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range someNotes {
		r.Note(n)
	}
	one, two := testOrder(1), testOrder(2)
	begun, answered := intent(r, one, 1), bought(r, one, 1)
	answered.Took = 1234567 * time.Microsecond
	buy(t, r, two, 1)
	refused := failed(r, one, 1, order.ClassRejected)
	refused.Took = time.Hour
	refused.Failure.Message = "no stock: 售罄"
	err = errors.Join(
		r.Begin(t.Context(), begun), r.Finish(answered),
		r.Move(order.Move{From: two.Address, To: order.Address{Name: "moved"}}, testTime),
		r.Remove(order.Address{Name: "moved"}, nil, testTime),
	)
	again := begun
	again.Attempt, refused.Attempt = 2, 2
	summary := RunSummary{
		Ended: testTime, Bought: 2, Instances: 4, Failed: 1, Waves: []WaveSummary{{"canary", endBad, true}}, Finished: true, Latency: 42 * time.Millisecond,
	}
	if err = errors.Join(err, r.Begin(t.Context(), again), r.Finish(refused), r.Close(summary)); err != nil {
		t.Fatal(err)
	}
	log, err := ReadRunLog(path, r.ID())
	if err != nil || log.Info != info || log.Fleet != testBinding.Fleet || log.Endpoint != testBinding.Endpoint || log.Lineage != r.Lineage() {
		t.Fatalf("%v: %+v", err, log)
	}
	got := entries(t, path, r.ID())
	for i := range someNotes {
		if diff := cmp.Diff(&someNotes[i], got[i].Note); diff != "" {
			t.Errorf("note %d (-written +read):\n%s", i, diff)
		}
	}
	buyOfTwo, rest := got[len(someNotes):len(someNotes)+2], got[len(someNotes)+2:]
	if buyOfTwo[0].Intent == nil || buyOfTwo[1].Outcome == nil || buyOfTwo[1].Outcome.Took != 0 {
		t.Errorf("%+v", buyOfTwo)
	}
	want := []Entry{
		{At: begun.At, Address: one.Address, Intent: &begun}, {At: answered.At, Address: one.Address, Outcome: &answered},
		{At: testTime, Address: order.Address{Name: "moved"}, Moved: &order.Move{From: two.Address, To: order.Address{Name: "moved"}}},
		{At: testTime, Address: order.Address{Name: "moved"}, Removed: true},
		{At: again.At, Address: one.Address, Intent: &again}, {At: refused.At, Address: one.Address, Outcome: &refused},
		{At: testTime, Ended: &summary},
	}
	for i := range want {
		want[i].Seq = rest[0].Seq + uint64(i)
	}
	if diff := cmp.Diff(want, rest, sameAddress); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	closeStore(t, s)
	if got := read(t, path).Runs()[0]; !cmp.Equal(got, RunRecord{info, &summary}) {
		t.Errorf("the state knows the run as %+v", got)
	}
}

// A log of version 3 is read as one that says nothing of waves and of how long calls took, and a state is rebuilt from it.
func TestLogsOfTheThirdVersion(t *testing.T) {
	path := place(t)
	const id = "20261123T101500Z-abcdef"
	lines := []string{
		`{"seq":1,"type":"run_started","at":"2026-11-23T10:15:00Z","header":{"v":3,"lineage":"l","serial":0,"fleet":"branch-bastions","account":"ak-1","endpoint":"https://bastion.jdcloud-api.com/v1","run":"` + id + `","command":"apply","parallelism":4,"started":"2026-11-23T10:15:00Z"}}`,
		`{"seq":2,"synced":1,"type":"intent","at":"2026-11-23T10:15:01Z","address":"order.gw","intent":{"run":"` + id + `","attempt":1,"digest":"DIGEST","order":{"region":"cn-north-1","quantity":2},"at":"2026-11-23T10:15:01Z"}}`,
		`{"seq":3,"synced":2,"type":"note","at":"2026-11-23T10:15:02Z","note":{"kind":"region_stopped","region":"cn-north-1","text":"why"}}`,
		`{"seq":4,"synced":2,"type":"outcome","at":"2026-11-23T10:15:02Z","address":"order.gw","outcome":{"run":"` + id + `","attempt":1,"result":"bought","purchase":{"attempt":1,"buy_id":"b","quantity":2,"run":"` + id + `","at":"2026-11-23T10:15:02Z"},"at":"2026-11-23T10:15:02Z"}}`,
		`{"seq":5,"synced":4,"type":"run_ended","at":"2026-11-23T10:15:03Z","summary":{"ended":"2026-11-23T10:15:03Z","bought":1,"instances":2,"failed":0,"in_doubt":0,"skipped":3},"serial":4}`,
	}
	o := order.Order{Address: order.Address{Name: "gw"}, Region: "cn-north-1", Quantity: 2}
	var text []byte
	for _, line := range lines {
		sealed, _ := seal([]byte(strings.ReplaceAll(line, "DIGEST", o.Digest().String())))
		text = append(append(text, sealed...), '\n')
	}
	paths := PathsOf(path)
	if err := os.MkdirAll(paths.Runs, dirMode); err != nil {
		t.Fatal(err)
	}
	replace(t, paths.RunLog(id), text)
	got := entries(t, path, id)
	if len(got) != 4 || got[2].Outcome == nil || got[2].Outcome.Took != 0 || got[1].Note.Kind != NoteRegionStopped {
		t.Errorf("%+v", got)
	}
	mustRestore(t, path, "")
	s := read(t, path)
	want := []RunRecord{{
		RunInfo: RunInfo{ID: id, Command: "apply", Parallelism: 4, Started: testTime},
		Summary: &RunSummary{Ended: testTime.Add(3 * time.Second), Bought: 1, Instances: 2, Skipped: 3},
	}}
	if diff := cmp.Diff(want, s.Runs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if runs, _ := s.Campaign(); len(runs) > 0 {
		t.Errorf("it is in a campaign: %v", runs)
	}
	sound(t, path)
}

// Where no log is to be read the reason is told.
func TestLogsThatCanNotBeRead(t *testing.T) {
	path, logs := history(t)
	if _, err := ReadRunLog(path, "../state"); err == nil || !strings.Contains(err.Error(), "is not a run's id") {
		t.Errorf("an odd id: %v", err)
	}
	if _, err := ReadRunLog(path, "20200101T000000Z-abcdef"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such log: %v", err)
	}
	ids, _ := PathsOf(path).runLogs()
	text := readFile(t, logs[0])
	for name, spoilt := range map[string][]byte{"begun": text[:20], "empty": nil} {
		replace(t, logs[0], spoilt)
		if _, err := ReadRunLog(path, ids[0]); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	replace(t, logs[0], readFile(t, logs[1]))
	if _, err := ReadRunLog(path, ids[0]); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "under the name of another") {
		t.Errorf("another's log: %v", err)
	}
	text[len(text)/2] ^= 1
	replace(t, logs[0], text)
	log, err := ReadRunLog(path, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range log.Entries() {
		err = e
	}
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("a flipped bit: %v", err)
	}
}

// A following is what somebody sees who follows a log.
type following struct {
	seen chan Entry // closed at its end
	err  error
}

func follow(ctx context.Context, t *testing.T, path, id string) *following {
	t.Helper()
	log, err := ReadRunLog(path, id)
	if err != nil {
		t.Fatal(err)
	}
	f := &following{seen: make(chan Entry, 100)}
	go func() {
		defer close(f.seen)
		for e, err := range log.Follow(ctx) {
			if err != nil {
				f.err = err
				return
			}
			f.seen <- e
		}
	}()
	return f
}

// A log is followed while its run is under way, line by line as they are whole, up to the run's end.
func TestALogIsFollowedAsItGrows(t *testing.T) {
	path := place(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		r := start(t, s, 0)
		buy(t, r, testOrder(0), 1)
		f := follow(t.Context(), t, path, r.ID())
		time.Sleep(time.Second)
		if len(f.seen) != 2 {
			t.Fatalf("%d entries seen, want 2", len(f.seen))
		}
		buy(t, r, testOrder(1), 1)
		log := s.paths.RunLog(r.ID())
		text := readFile(t, log)
		torn := text[:len(text)-10] // as a reader may see a line that is being written
		replace(t, log, torn)
		time.Sleep(time.Second)
		if len(f.seen) != 3 {
			t.Errorf("%d entries seen with the last line cut, want 3", len(f.seen))
		}
		replace(t, log, text)
		time.Sleep(time.Second)
		if len(f.seen) != 4 {
			t.Errorf("%d entries seen once it is whole, want 4", len(f.seen))
		}
		closeAll(t, r, s)
		time.Sleep(time.Second)
		var last Entry
		n := 0
		for last = range f.seen {
			n++
		}
		if n != 5 || last.Ended == nil || f.err != nil {
			t.Errorf("%d entries, the last %+v: %v", n, last, f.err)
		}
	})
}

// Who follows the log of a run whose program dies, or has no patience, is let go.
func TestFollowingEnds(t *testing.T) {
	for name, end := range map[string]func(s *Store, stop func()) error{
		"the program dies": func(s *Store, _ func()) error { return s.Close() },
		"no patience":      func(_ *Store, stop func()) error { stop(); return nil },
	} {
		path := place(t)
		synctest.Test(t, func(t *testing.T) {
			s := open(t, path)
			r := start(t, s, 0)
			buy(t, r, testOrder(0), 1)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			f := follow(ctx, t, path, r.ID())
			time.Sleep(time.Second)
			if err := end(s, stop); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			n := 0
			for range f.seen {
				n++
			}
			if n != 2 || f.err != nil {
				t.Errorf("%s: %d entries, %v", name, n, f.err)
			}
			closeStore(t, s)
		})
	}
}
