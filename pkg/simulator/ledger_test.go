package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

func TestAnAccountSurvivesItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.ndjson")
	first := start(t, simulator.Options{LedgerFile: path})
	a := buy(t, client(t, first, ""), north, order(2, "a"))
	unpaid := order(1, "b")
	unpaid.ChargeSpec.AutoPay = false
	buy(t, client(t, first, ""), east, unpaid)
	before := first.Ledger()
	// Not closed: the process died.

	second := start(t, simulator.Options{LedgerFile: path})
	if diff := cmp.Diff(before, second.Ledger()); diff != "" {
		t.Errorf("the ledger changed:\n%s", diff)
	}
	c := client(t, second, "")
	b, found, err := c.DescribeSourceID(context.Background(), north, a.SourceIDs[1])
	if err != nil || !found || b.Desc != "a" || b.VPCID != "vpc-a" || b.ChargeUnit != "YEAR" {
		t.Errorf("%+v, found %v, %v", b, found, err)
	}
	if page, err := c.DescribeBastions(context.Background(), east, bastion.Page{Number: 1, Size: 10}); err != nil || page.TotalCount != 0 {
		t.Errorf("an unpaid purchase became paid: %+v, %v", page, err)
	}
	for range 20 {
		buy(t, c, north, order(1, "c"))
	}
	ids := map[string]bool{}
	third := start(t, simulator.Options{LedgerFile: path})
	for _, p := range third.Ledger() {
		for _, id := range append([]string{p.BuyID, p.RequestID}, p.SourceIDs...) {
			if ids[id] {
				t.Errorf("%s was given out twice", id)
			}
			ids[id] = true
		}
	}
	if len(third.Ledger()) != 22 {
		t.Errorf("%d purchases", len(third.Ledger()))
	}
}

func TestALineWithoutItsEndWasNeverAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.ndjson")
	s := start(t, simulator.Options{LedgerFile: path})
	buy(t, client(t, s, ""), north, order(1, "a"))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, whole[:40]...), 0o600); err != nil {
		t.Fatal(err)
	}
	s = start(t, simulator.Options{LedgerFile: path})
	buy(t, client(t, s, ""), north, order(1, "b"))
	s = start(t, simulator.Options{LedgerFile: path})
	if got := s.Ledger(); len(got) != 2 || got[0].Desc != "a" || got[1].Desc != "b" {
		t.Errorf("%+v", got)
	}
}

func TestForeignLedgerFiles(t *testing.T) {
	for text, want := range map[string]string{
		"hello\n":                    "line 1 is not a purchase",
		`{"buy_id":"b"}` + "\n":      "line 1 holds no createInstance request",
		`{"quantity":"many"}` + "\n": "line 1 is not a purchase",
	} {
		path := filepath.Join(t.TempDir(), "account.ndjson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := simulator.New(simulator.Options{LedgerFile: path})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%q was changed to %q", text, after)
		}
	}
}

func TestAPurchaseThatCannotBeWrittenIsNone(t *testing.T) {
	s := start(t, simulator.Options{LedgerFile: filepath.Join(t.TempDir(), "account.ndjson")})
	c := client(t, s, "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := c.CreateInstance(context.Background(), north, order(1, ""))
	var e *bastion.Error
	if !errors.As(err, &e) || e.HTTPStatus != 500 || e.Class != bastion.InDoubt {
		t.Errorf("%v", err)
	}
	if len(s.Ledger()) != 0 || s.Counters().Purchases != 0 {
		t.Errorf("%d purchases", len(s.Ledger()))
	}
	if _, err := simulator.New(simulator.Options{LedgerFile: os.DevNull}); err == nil {
		t.Error("a device passed for a ledger file")
	}
}

func TestTheLedgerIsServed(t *testing.T) {
	s := start(t, simulator.Options{})
	server := overHTTP(t, s)
	read := func() (ledger struct {
		Purchases []simulator.Purchase
		Counters  map[string]any
	}) {
		response, err := http.Get(server.URL + simulator.LedgerPath)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(&ledger); err != nil {
			t.Fatal(err)
		}
		return ledger
	}
	if empty := read(); empty.Purchases == nil || len(empty.Purchases) != 0 {
		t.Errorf("%+v", empty)
	}
	c := client(t, s, server.URL)
	for _, region := range []string{north, north, east} {
		buy(t, c, region, order(2, "d"))
	}
	if _, err := c.DescribeBastions(t.Context(), north, bastion.Page{Number: 1, Size: 10}); err != nil {
		t.Fatal(err)
	}
	got := read()
	if diff := cmp.Diff(s.Ledger(), got.Purchases); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{
		"calls": 3., "purchases": 3., "instances": 6., "reads": 1., "refused": 0., "faults": map[string]any{},
		"max_in_flight": 1., "max_in_flight_regions": map[string]any{north: 1., east: 1.},
	}
	if diff := cmp.Diff(want, got.Counters); diff != "" {
		t.Error(diff)
	}
	response, err := http.Post(server.URL+simulator.LedgerPath, "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HTTP %d", response.StatusCode)
	}
}

func BenchmarkCreate(b *testing.B) {
	s := start(b, simulator.Options{})
	c := client(b, s, "")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.CreateInstance(context.Background(), north, order(1, "branch")); err != nil {
				b.Error(err)
			}
		}
	})
}
