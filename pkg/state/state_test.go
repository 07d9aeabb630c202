package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var (
	testTime    = time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)
	testBinding = Binding{Fleet: "branch-bastions", Account: "ak-1", Endpoint: "https://bastion.jdcloud-api.com/v1"}
	sameAddress = cmp.AllowUnexported(order.Key{})
)

// place returns the path of a state in a new directory.
func place(t testing.TB) string { return DefaultPath(t.TempDir()) }

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Owner{Command: "apply"}, 0)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Bind(testBinding); err != nil {
		t.Fatalf("Bind: %v", err)
	}
	return s
}

func start(t testing.TB, s *Store, n int) *Run {
	t.Helper()
	at := testTime.Add(time.Duration(n) * time.Minute)
	r, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(at), Command: "apply", Parallelism: 64, Started: at})
	if err != nil {
		t.Fatalf("StartRun: %v", err)
	}
	return r
}

func testOrder(i int) order.Order {
	return order.Order{
		Address: order.Address{Name: "branch", Key: order.TextKey(fmt.Sprintf("site-%05d", i))},
		Region:  "cn-north-1", AZ: "cn-north-1a", VPCID: "vpc-a1b2c3d4", SubnetID: "subnet-e5f6a7b8",
		Spec: "bastion-50", Quantity: 2, IPVersion: order.IPv4, Desc: fmt.Sprintf("branch site-%05d", i),
		Charge: order.Charge{Mode: order.ChargeMonthly, Unit: order.UnitYear, Duration: 1, AutoPay: true},
	}
}

func intent(r *Run, o order.Order, attempt int) order.Intent {
	return order.Intent{
		Run: r.ID(), Attempt: attempt, Order: o, At: testTime.Add(time.Duration(attempt) * time.Second),
		Marker: order.NewMarker(testBinding.Fleet, r.Lineage(), o.Address, attempt),
	}
}

func bought(r *Run, o order.Order, attempt int) order.Outcome {
	at := testTime.Add(time.Duration(attempt)*time.Second + 50*time.Millisecond)
	id := fmt.Sprintf("%s-%d", o.Desc[len(o.Desc)-5:], attempt)
	return order.Outcome{
		Run: r.ID(), Address: o.Address, Attempt: attempt, Result: order.ResultBought, At: at,
		Purchase: order.Purchase{
			Attempt: attempt, BuyID: "buy-" + id, SourceIDs: []string{"src-" + id + "-a", "src-" + id + "-b"},
			RequestID: "req-" + id, Quantity: o.Quantity, Run: r.ID(), At: at,
			Marker: order.NewMarker(testBinding.Fleet, r.Lineage(), o.Address, attempt),
		},
	}
}

func failed(r *Run, o order.Order, attempt int, class order.Class) order.Outcome {
	return order.Outcome{
		Run: r.ID(), Address: o.Address, Attempt: attempt, Result: class.Result(), At: testTime.Add(time.Minute),
		Failure: order.Failure{Class: class, HTTPStatus: 400, Code: "FAILED_PRECONDITION", Message: "no stock", RequestID: "req-x"},
	}
}

func buy(t testing.TB, r *Run, o order.Order, attempt int) {
	t.Helper()
	if err := r.Begin(context.Background(), intent(r, o, attempt)); err != nil {
		t.Fatalf("Begin: %v", err)
	}
	if err := r.Finish(bought(r, o, attempt)); err != nil {
		t.Fatalf("Finish: %v", err)
	}
}

func closeAll(t testing.TB, r *Run, s *Store) {
	t.Helper()
	if err := r.Close(RunSummary{Ended: testTime.Add(time.Hour), Bought: 1}); err != nil {
		t.Fatalf("Close of the run: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close of the store: %v", err)
	}
}

func read(t testing.TB, path string) Snapshot {
	t.Helper()
	snapshot, err := Read(path)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return snapshot
}

func TestStateKeepsWhatWasBought(t *testing.T) {
	path := place(t)
	if fresh := read(t, path); !fresh.Fresh() || fresh.Serial != 0 || len(fresh.Records) != 0 {
		t.Fatalf("a new place is not fresh: %+v", fresh)
	}
	s := open(t, path)
	r := start(t, s, 0)
	buy(t, r, testOrder(2), 1)
	buy(t, r, testOrder(1), 1)
	if err := r.Begin(t.Context(), intent(r, testOrder(3), 1)); err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(failed(r, testOrder(3), 1, order.ClassRejected)); err != nil {
		t.Fatal(err)
	}
	if err := r.Begin(t.Context(), intent(r, testOrder(4), 1)); err != nil {
		t.Fatal(err)
	}
	lineage := r.Lineage()
	if err := r.Close(RunSummary{Ended: testTime.Add(time.Hour), Bought: 2}); err != nil {
		t.Fatal(err)
	}
	under := s.Snapshot()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	got := read(t, path)
	if got.Lineage != lineage || got.Binding != testBinding || got.Serial == 0 {
		t.Errorf("lineage %q, binding %+v, serial %d", got.Lineage, got.Binding, got.Serial)
	}
	if diff := cmp.Diff(under.Records, got.Records, sameAddress); diff != "" {
		t.Errorf("what was read differs from what the store held (-store +read):\n%s", diff)
	}
	var seen []string
	for _, record := range got.Records {
		seen = append(seen, fmt.Sprintf("%s %s %d", record.Address, record.Status(), record.Bought()))
	}
	want := []string{
		`order.branch["site-00001"] bought 2`, `order.branch["site-00002"] bought 2`,
		`order.branch["site-00003"] failed 0`, `order.branch["site-00004"] in_doubt 0`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// A copy of a database is told from the one that runs wrote, until a run answers for it; a moved one is none.
func TestACopyIsToldFromTheState(t *testing.T) {
	path := used(t, 2)
	looks := func(path string, lookedOver bool) (before, after bool) {
		s := open(t, path)
		before = s.Snapshot().Copied
		r, err := s.StartRun(t.Context(), RunInfo{ID: NewRunID(testTime), Command: "apply", Started: testTime, LookedOver: lookedOver})
		if err != nil {
			t.Fatal(err)
		}
		after = s.Snapshot().Copied
		closeAll(t, r, s)
		if read, err := Read(path); err != nil || read.Copied != after {
			t.Errorf("read afterwards: copied %t, %v", read.Copied, err)
		}
		return before, after
	}
	check := func(what, path string, lookedOver, wantBefore, wantAfter bool) {
		t.Helper()
		if before, after := looks(path, lookedOver); before != wantBefore || after != wantAfter {
			t.Errorf("%s: copied %t, then %t; want %t, then %t", what, before, after, wantBefore, wantAfter)
		}
	}
	check("as it was made", path, false, false, false)
	check("as it was left", path, false, false, false)
	elsewhere := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(elsewhere, os.DirFS(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(elsewhere, filepath.Base(path))
	check("a copy", copied, false, true, true)
	check("a copy that somebody answers for", copied, true, true, false)
	check("the original", path, false, false, false)
	moved := filepath.Join(filepath.Dir(filepath.Dir(path)), "moved")
	if err := os.Rename(filepath.Dir(path), moved); err != nil {
		t.Fatal(err)
	}
	check("moved", filepath.Join(moved, filepath.Base(path)), false, false, false)
}
