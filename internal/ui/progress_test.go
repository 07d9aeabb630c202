package ui_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// script plays a run in fake time: orders take a second each, eight at a time, and everything happens that can.
func script(o ui.Observer) {
	const north, east = "cn-north-1", "cn-east-1"
	time.Sleep(7 * time.Millisecond) // so that nothing happens just when a ticker fires
	o.Handle(apply.Started{Run: "20261123T120000Z-abc", At: time.Now(), Waves: oneWave(
		apply.RegionTotal{Region: east, Orders: 4, Instances: 4}, apply.RegionTotal{Region: north, Orders: 120, Instances: 240},
	)})
	for i := 0; i < 96; i += 8 {
		for j := range 8 {
			o.Handle(apply.Calling{Address: branch(i + j), Region: north, Attempt: 1, At: time.Now()})
		}
		time.Sleep(time.Second)
		for j := range 8 {
			o.Handle(apply.Bought{Address: branch(i + j), Region: north, At: time.Now(), Purchase: order.Purchase{
				Attempt: 1, BuyID: fmt.Sprintf("buy-%d", i+j), SourceIDs: []string{"src"}, RequestID: "req", Quantity: 2, Run: "20261123T120000Z-abc",
			}})
		}
	}
	hub := func(i int) order.Address { return order.Address{Name: "hub", Key: order.IndexKey(i)} }
	for i := range 3 {
		o.Handle(apply.Calling{Address: hub(i), Region: east, Attempt: 1, At: time.Now()})
	}
	time.Sleep(1500 * time.Millisecond)
	throttle := order.Failure{Class: order.ClassThrottled, HTTPStatus: 429, Code: "LIMITEXCEEDED", Message: "slow down", RequestID: "req-2"}
	o.Handle(apply.Retrying{Address: hub(0), Region: east, Attempt: 1, Failure: throttle, Delay: 2 * time.Second, At: time.Now()})
	o.Handle(apply.Failed{Address: hub(1), Region: east, Attempt: 1, Failure: noStock, At: time.Now()})
	o.Handle(apply.InDoubt{Address: hub(2), Region: east, Attempt: 1, Failure: reset, At: time.Now()})
	o.Handle(apply.RegionStopped{Region: east, Reason: "1 of 4 orders failed, which is more than 0", At: time.Now()})
	o.Handle(apply.Skipped{Address: hub(0), Region: east, At: time.Now()})
	o.Handle(apply.Skipped{Address: hub(3), Region: east, At: time.Now()})
	o.Handle(apply.Calling{Address: branch(96), Region: north, Attempt: 1, At: time.Now()})
	time.Sleep(50 * time.Millisecond)
	o.Handle(apply.Draining{Reason: "interrupted", Interrupted: true, InFlight: 1, At: time.Now()})
	time.Sleep(250 * time.Millisecond)
	o.Handle(lost())
	o.Handle(apply.InDoubt{Address: branch(96), Region: north, Attempt: 1, Failure: order.Failure{Message: "the disk is full"}, At: time.Now()})
	time.Sleep(time.Second)
	o.Handle(apply.Ended{Run: "20261123T120000Z-abc", At: time.Now()})
}

// oneWave is what a run without waves of the fleet's sets out to do.
func oneWave(regions ...apply.RegionTotal) []apply.WaveTotal {
	w := apply.WaveTotal{Regions: regions}
	for _, r := range regions {
		w.Orders += r.Orders
		w.Instances += r.Instances
	}
	return []apply.WaveTotal{w}
}

func branch(i int) order.Address { return order.Address{Name: "branch", Key: order.IndexKey(i)} }

func lost() apply.NotRecorded {
	return apply.NotRecorded{
		Region: "cn-north-1", Err: errors.New("write state.db: no space left on device"), At: time.Now(),
		Outcome: order.Outcome{
			Run: "20261123T120000Z-abc", Address: branch(96), Attempt: 1, Result: order.ResultBought,
			Purchase: order.Purchase{Attempt: 1, BuyID: "buy-96", SourceIDs: []string{"src-a", "src-b"}, RequestID: "req-96", Quantity: 2, Marker: "[bf:0123456789ABCDEF]"},
		},
	}
}

func TestBoard(t *testing.T) {
	for _, width := range []int{80, 200} {
		synctest.Test(t, func(t *testing.T) {
			s := &screen{t: t, width: width}
			v := ui.NewText(ui.Streams{
				Out: ui.Stream{Writer: &bytes.Buffer{}},
				Err: ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return width, 24 }},
			})
			o := v.Apply(plan.Plan{})
			go func() { // look at it in the middle
				time.Sleep(6050 * time.Millisecond)
				golden(t, fmt.Sprintf("board-middle-%d.txt", width), s.String())
			}()
			script(o)
			o.Close()
			o.Close()
			golden(t, fmt.Sprintf("board-end-%d.txt", width), s.String())
		})
	}
}

// TestBoardAfterResize: a terminal that was made narrower has broken the board's lines, and they are drawn over all
// the same.
func TestBoardAfterResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var width atomic.Int64
		width.Store(79)
		s := &screen{t: t, width: 79}
		v := ui.NewText(ui.Streams{Err: ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return int(width.Load()), 24 }}})
		o := v.Apply(plan.Plan{})
		go func() {
			for i, w := range []int64{79, 60, 45, 120} {
				time.Sleep(2*time.Second + time.Duration(i)*time.Millisecond)
				width.Store(w)
				s.resize(int(w))
			}
		}()
		script(o)
		o.Close()
		before, _, _ := strings.Cut(s.String(), "NOT RECORDED") // what stands there is drawn anew below
		if n := strings.Count(before, "Buying"); n != 1 {
			t.Errorf("the board stands there %d times:\n%s", n, s)
		}
		if n := strings.Count(before, "REGION"); n != 1 {
			t.Errorf("the board's heads stand there %d times:\n%s", n, s)
		}
	})
}

// TestBoardOfManyRegions has more regions than lines.
func TestBoardOfManyRegions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{t: t, width: 80}
		v := ui.NewText(ui.Streams{Err: ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return 80, 10 }}})
		o := v.Apply(plan.Plan{})
		var regions []apply.RegionTotal
		for i := range 30 {
			regions = append(regions, apply.RegionTotal{Region: fmt.Sprintf("cn-edge-%02d", i), Orders: 2, Instances: 2})
		}
		o.Handle(apply.Started{Run: "r", At: time.Now(), Waves: oneWave(regions...)})
		o.Handle(apply.Calling{Address: branch(1), Region: "cn-edge-29", Attempt: 1, At: time.Now()})
		time.Sleep(time.Second)
		o.Close()
		if n := len(strings.Split(strings.TrimRight(s.String(), "\n"), "\n")); n > 10 {
			t.Errorf("%d lines do not fit into 10:\n%s", n, s)
		}
		if !strings.Contains(s.String(), "cn-edge-29") || !strings.Contains(s.String(), "all 30 ") {
			t.Errorf("the region at work and the number of the hidden ones are missing:\n%s", s)
		}
	})
}

// stamped notes when each line was written.
type stamped struct {
	mu    sync.Mutex
	start time.Time
	out   strings.Builder
}

func (s *stamped) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(string(p)) {
		fmt.Fprintf(&s.out, "%5.2fs %s", time.Since(s.start).Seconds(), line)
	}
	return len(p), nil
}

func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stamped{start: time.Now()}
		o := ui.NewText(ui.Streams{Err: ui.Stream{Writer: s}}).Apply(plan.Plan{})
		script(o)
		o.Close()
		golden(t, "progress.txt", s.out.String())
	})
}

func TestProgressJSON(t *testing.T) {
	var stderr bytes.Buffer
	var types = map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		o := ui.NewJSON(ui.Streams{Out: ui.Stream{Writer: &out}, Err: ui.Stream{Writer: &stderr}}).Apply(build(branches(120), nil))
		script(o)
		o.Close()
		var kept []string
		for line := range strings.Lines(out.String()) {
			var e struct{ Type string }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			types[e.Type]++
			if !strings.Contains(line, "order.branch[") || strings.Contains(line, "order.branch[0]") || strings.Contains(line, "order.branch[96]") {
				kept = append(kept, line)
			}
		}
		golden(t, "progress.ndjson", strings.Join(kept, ""))
	})
	for kind, n := range map[string]int{"apply_start": 100, "apply_complete": 96, "apply_errored": 6, "diagnostic": 2} {
		if types[kind] != n {
			t.Errorf("%d events of type %s, want %d", types[kind], kind, n)
		}
	}
	if !strings.Contains(stderr.String(), "buy-96") {
		t.Errorf("what could not be recorded must be on stderr too: %q", stderr.String())
	}
}

// TestWhatIsNotRecordedIsWrittenBeforeHandleReturns: the program may end right afterwards.
func TestWhatIsNotRecordedIsWrittenBeforeHandleReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, view := range []func(ui.Streams) ui.View{
			func(s ui.Streams) ui.View { return ui.NewText(s) },
			func(s ui.Streams) ui.View { return ui.NewJSON(s) },
		} {
			var out, err bytes.Buffer
			v := view(ui.Streams{Out: ui.Stream{Writer: &out}, Err: ui.Stream{Writer: &err}})
			o := v.Apply(plan.Plan{})
			o.Handle(lost())
			doubtful := lost()
			doubtful.Outcome.Result, doubtful.Outcome.Purchase = order.ResultInDoubt, order.Purchase{}
			doubtful.Outcome.Failure = order.Failure{BuyID: "buy-97", SourceIDs: []string{"src-c", "src-d"}}
			o.Handle(doubtful)
			for _, id := range []string{
				"buy-96", "src-a, src-b", "req-96", "[bf:0123456789ABCDEF]", "order.branch[96]", "buy-97", "src-c, src-d",
			} {
				if !strings.Contains(err.String(), id) {
					t.Errorf("%s is not on stderr: %s", id, err.String())
				}
			}
			o.Close()
		}
	})
}

// TestSuspended leaves the terminal to a question between two boards.
func TestSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{t: t, width: 80}
		o := ui.NewText(ui.Streams{Err: ui.Stream{Writer: s, Terminal: true, Size: func() (int, int) { return 80, 24 }}}).Apply(plan.Plan{})
		o.Handle(apply.Started{Run: "r", At: time.Now(), Waves: oneWave(apply.RegionTotal{Region: "cn-north-1", Orders: 2, Instances: 2})})
		o.Handle(apply.Failed{Address: branch(0), Region: "cn-north-1", Attempt: 1, Failure: noStock, At: time.Now()})
		time.Sleep(time.Second)
		o.Suspend()
		before := s.String()
		o.Handle(apply.Failed{Address: branch(1), Region: "cn-north-1", Attempt: 1, Failure: noStock, At: time.Now()})
		time.Sleep(time.Second)
		if s.String() != before {
			t.Errorf("somebody else has the terminal, and this was written:\n%s", s)
		}
		fmt.Fprintln(s, "Go on? yes")
		o.Resume()
		time.Sleep(time.Second)
		after, stands := strings.CutPrefix(s.String(), before+"Go on? yes\n")
		if !stands || !strings.Contains(after, "order.branch[1]") || strings.Count(s.String(), "REGION") != 2 {
			t.Errorf("what follows must stand below:\n%s", s)
		}
		o.Suspend()
		o.Handle(apply.InDoubt{Address: branch(2), Region: "cn-north-1", Attempt: 1, Failure: reset, At: time.Now()})
		o.Close()
		if !strings.Contains(s.String(), "order.branch[2]") {
			t.Errorf("the end of what was suspended is not shown:\n%s", s)
		}
	})
}

// TestSuspendedWhileThingsHappen lets a wave's question come while the run drains, for the race detector to watch.
func TestSuspendedWhileThingsHappen(t *testing.T) {
	o := ui.NewText(ui.Streams{Err: ui.Stream{Writer: io.Discard, Terminal: true, Size: func() (int, int) { return 80, 24 }}}).Apply(plan.Plan{})
	defer o.Close()
	o.Handle(apply.Started{Run: "r", At: time.Now(), Waves: oneWave(apply.RegionTotal{Region: "a", Orders: 1, Instances: 1})})
	var asked sync.WaitGroup
	asked.Go(func() {
		for range 100 {
			o.Suspend()
			o.Resume()
		}
	})
	for range 100 {
		o.Handle(apply.Draining{Reason: "interrupted", At: time.Now()})
	}
	asked.Wait()
}

// stuck is a terminal that takes nothing, until it is let go.
type stuck chan struct{}

func (s stuck) Write(p []byte) (int, error) {
	<-s
	return len(p), nil
}

func TestAStuckTerminalDoesNotHoldUpARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terminal := make(stuck)
		o := ui.NewText(ui.Streams{Err: ui.Stream{Writer: terminal}}).Apply(plan.Plan{})
		o.Handle(apply.Started{Run: "r", At: time.Now(), Waves: oneWave(apply.RegionTotal{Region: "a", Orders: 1000, Instances: 1000})})
		synctest.Wait()
		for i := range 1000 {
			o.Handle(apply.Failed{Address: branch(i), Region: "a", Attempt: 1, Failure: noStock, At: time.Now()})
		}
		close(terminal)
		o.Close()
	})
}

func BenchmarkHandle(b *testing.B) {
	views := map[string]ui.View{
		"text": ui.NewText(ui.Streams{Err: ui.Stream{Writer: &bytes.Buffer{}}}),
		"json": ui.NewJSON(ui.Streams{Out: ui.Stream{Writer: discard{}}, Err: ui.Stream{Writer: discard{}}}),
	}
	for name, v := range views {
		b.Run(name, func(b *testing.B) {
			o := v.Apply(plan.Plan{})
			defer o.Close()
			o.Handle(apply.Started{Run: "r", At: noon, Waves: oneWave(apply.RegionTotal{Region: "cn-north-1", Orders: b.N, Instances: b.N})})
			p := bought(wish("order.a")).Purchases[0]
			b.ReportAllocs()
			for b.Loop() {
				o.Handle(apply.Calling{Address: branch(1), Region: "cn-north-1", Attempt: 1, At: noon})
				o.Handle(apply.Bought{Address: branch(1), Region: "cn-north-1", Purchase: p, At: noon})
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
