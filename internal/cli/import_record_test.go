package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
	"github.com/bastion-fleet/bastion-fleet/pkg/state"
)

// anImport is of an order that another state has bought two instances for.
func anImport(t *testing.T) imported {
	o := wished(1)[0]
	o.Quantity = 2
	p := reconcile.Pair{Order: o, Attempt: 1}
	m := order.NewMarker("f", "another", o.Address, 1)
	for _, bid := range []string{"bid-1", "bid-2"} {
		p.Instances = append(p.Instances, reconcile.Instance{BID: bid, Desc: m.AppendTo(o.Desc)})
	}
	imports, err := importsOf([]reconcile.Pair{p}, state.Snapshot{})
	if err != nil {
		t.Fatal(err)
	}
	return imports[0]
}

func storeForImport(t *testing.T, path string) *state.Store {
	t.Helper()
	store, err := state.Open(t.Context(), path, state.Owner{Command: "import"}, 0)
	if err == nil {
		err = store.Bind(state.Binding{Fleet: "f", Account: "a", Endpoint: "e"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// An import that dies between its two entries leaves its order in doubt, with the marker by which a reconcile finds the
// instances, and its region one that the state does not know yet. One that ends well can be restored from its log alone.
func TestAnImportThatDiesLeavesADoubt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	i := anImport(t)
	store := storeForImport(t, path)
	now := time.Now()
	run, err := store.StartRun(t.Context(), state.RunInfo{ID: state.NewRunID(now), Command: "import", Started: now})
	if err == nil {
		err = run.Begin(t.Context(), i.intent(run.ID(), now))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := state.Read(path)
	if err != nil || len(s.Records) != 1 || s.Records[0].Doubt == nil {
		t.Fatalf("%v: %+v", err, s.Records)
	}
	d := *s.Records[0].Doubt
	if !d.Imported || d.Marker != i.pair.Marker() || d.Marker == "" || d.Order.Quantity != 2 {
		t.Errorf("in doubt is %+v", d)
	}
	region := i.pair.Order.Region
	if diff := cmp.Diff([]string{region}, reconcile.FirstRegions([]string{region}, s.Records)); diff != "" {
		t.Errorf("regions to look over (-want +got):\n%s", diff)
	}
}

func TestAnImportIsInBothFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	i := anImport(t)
	store := storeForImport(t, path)
	if err := recordImports(t.Context(), store, []imported{i}, 2); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := state.Read(path)
	if err != nil || len(s.Records) != 1 || len(s.Records[0].Purchases) != 1 {
		t.Fatalf("%v: %+v", err, s.Records)
	}
	p := s.Records[0].Purchases[0]
	if !p.Imported || p.Quantity != 2 || cmp.Diff([]string{"bid-1", "bid-2"}, p.BIDs) != "" || p.Marker != i.pair.Marker() {
		t.Errorf("recorded as %+v", p)
	}
	logs, err := filepath.Glob(filepath.Join(state.PathsOf(path).Runs, "*.ndjson"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("%v: run logs %v", err, logs)
	}
	log, err := os.Open(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	fold, err := state.FoldLog(log)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Records, fold.Records, cmp.AllowUnexported(order.Key{})); diff != "" || !fold.Ended {
		t.Errorf("the log tells something else (-state +log), or is not ended (%t):\n%s", fold.Ended, diff)
	}
}
