package fleet_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bastion-fleet/bastion-fleet/pkg/fleet"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// slow fleets have so many orders, or so large a value, that their variants would take all of the fuzzing time.
var slow = []string{
	"orders_too_many.fleet.hcl", "orders_too_many_for_any_fleet.fleet.hcl", "count_huge.fleet.hcl", "elements_with_one_mistake.fleet.hcl",
	"local_too_large.fleet.hcl",
}

// FuzzLoad loads any text as a fleet file in either syntax: it must never panic, and must keep its promises.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/diagnostics/*.fleet.*", "testdata/fleets/*/*.fleet.*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			if slices.Contains(slow, filepath.Base(path)) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text, filepath.Ext(path) == ".json")
		}
	}
	dir := f.TempDir()
	writeFile(f, filepath.Join(dir, "sites.csv"), "site,region\na,cn-north-1\n")
	f.Fuzz(func(t *testing.T, text []byte, isJSON bool) {
		path := filepath.Join(dir, "a.fleet.hcl")
		if isJSON {
			path = filepath.Join(dir, "a.fleet.json")
		}
		writeFile(t, path, string(text))
		checkPromises(t, path)
		if f, diags := fleet.Load(path, fleet.Options{Unvalued: true}); len(f.Unvalued) > 0 && len(f.Orders) > 0 || !diags.HasErrors() && len(f.Unvalued) == 0 && len(f.Orders) == 0 {
			t.Errorf("without values for %q: %d orders, %v", f.Unvalued, len(f.Orders), diags)
		}
	})
}

// FuzzFormat lays out any text: what parses still parses, has the same tokens, and stays as it is when laid out again.
func FuzzFormat(f *testing.F) {
	paths, err := filepath.Glob("testdata/diagnostics/*.fleet.hcl")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, diags := fleet.Format(text, "a.fleet.hcl")
		if diags.HasErrors() {
			return
		}
		again, diags := fleet.Format(once, "a.fleet.hcl")
		if diags.HasErrors() || string(again) != string(once) {
			t.Errorf("%q is laid out as %q, and then as %q: %v", text, once, again, diags)
		}
		if diff := cmp.Diff(tokens(strings.TrimPrefix(string(text), "\ufeff")), tokens(string(once))); diff != "" {
			t.Errorf("%q has other tokens, laid out:\n%s", text, diff)
		}
	})
}

func checkPromises(t *testing.T, path string) {
	f, diags := fleet.Load(path, fleet.Options{Version: "0.1.0"})
	if diags.HasErrors() == (len(f.Orders) > 0) {
		t.Errorf("%d orders, errors: %t", len(f.Orders), diags.HasErrors())
	}
	_, late := f.Evaluate(nil)
	checkDiagnostics(t, f, slices.Concat(diags, late))
	if !slices.IsSortedFunc(f.Orders, func(a, b order.Order) int { return a.Address.Compare(b.Address) }) {
		t.Error("orders are not sorted")
	}
	for _, o := range f.Orders {
		for _, p := range o.Problems() {
			if !p.Warning {
				t.Errorf("%s: %s", o.Address, p.Detail)
			}
		}
	}
}

// checkDiagnostics holds that every diagnostic says something, of a place that is there.
func checkDiagnostics(t *testing.T, f fleet.Fleet, diags hcl.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		if d.Summary == "" || d.Detail == "" {
			t.Errorf("%q says %q", d.Summary, d.Detail)
		}
		if d.Subject == nil {
			continue
		}
		if file := f.Files[d.Subject.Filename]; file == nil || d.Subject.End.Byte > len(file.Bytes) {
			t.Errorf("%s: %s is outside of the sources", d.Summary, d.Subject)
		}
	}
}

// FuzzConsole evaluates any text as an expression in a console.
func FuzzConsole(f *testing.F) {
	for _, text := range []string{
		`order.branch["bj"].buy_id`, `{ for k, o in order.branch : k => o.status... if o.quantity > 0 }`, `order.pool[*].bids[0]`,
		`try(order.branch["x"], order.gw.charge.mode)`, "<<EOT\n${order.gw.region}\nEOT\n", `alltrue([order.gw.buy_id != ""])`, `(order)`,
		`values(order.branch)[*].nothing`, `sum(order.pool[*].quantity) / 0`, `sensitive(order.pool)[1e3]`, `{ (order.gw.status) = 1 }`,
	} {
		f.Add(text)
	}
	loaded, diags := fleet.Load(writeFleet(f, "a.fleet.hcl", repeated), fleet.Options{Console: true})
	if diags.HasErrors() {
		f.Fatal(rendered(diags))
	}
	console, diags := loaded.Console(bought())
	if diags.HasErrors() {
		f.Fatal(rendered(diags))
	}
	f.Cleanup(console.Close)
	f.Fuzz(func(t *testing.T, text string) {
		fleet.Unfinished(text)
		_, diags := console.Evaluate(text, "<console>")
		checkDiagnostics(t, loaded, diags)
	})
}
