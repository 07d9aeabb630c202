package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

const north, east = "cn-north-1", "cn-east-2"

func start(t testing.TB, o simulator.Options) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// overHTTP serves s on a loopback socket.
func overHTTP(t testing.TB, s http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// tester is what testing.TB and *rapid.T share.
type tester interface {
	Helper()
	Fatal(args ...any)
	Cleanup(f func())
}

// client calls s without a socket, or url if there is one.
func client(t tester, s *simulator.Simulator, url string) *bastion.Client {
	t.Helper()
	credentials, err := bastion.NewCredentials("sim", "sim", "")
	if err != nil {
		t.Fatal(err)
	}
	o := bastion.Options{Credentials: credentials, Transport: s}
	if url != "" {
		o.Transport = nil
		if o.Endpoint, err = bastion.ParseEndpoint(url); err != nil {
			t.Fatal(err)
		}
	}
	c, err := bastion.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func order(quantity int, desc string) bastion.CreateInstanceRequest {
	return bastion.CreateInstanceRequest{
		InstanceSpec: bastion.InstanceSpec{
			AZ: "cn-north-1a", VPCID: "vpc-a", SubnetID: "subnet-a", Spec: "bastion-50", Quantity: quantity, IPVersion: "v4&v6", Desc: desc,
		},
		ChargeSpec: &bastion.ChargeSpec{ChargeMode: "MONTHLY", ChargeUnit: "YEAR", ChargeDuration: 1, AutoPay: true},
	}
}

func buy(t testing.TB, c *bastion.Client, region string, r bastion.CreateInstanceRequest) bastion.CreateInstanceResult {
	t.Helper()
	result, err := c.CreateInstance(context.Background(), region, r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestWhatIsBoughtIsInTheLedgerAndTheListing(t *testing.T) {
	s := start(t, simulator.Options{})
	c := client(t, s, "")
	got := buy(t, c, north, order(2, "branch bj [bf:X]"))
	if got.BuyID == "" || len(got.SourceIDs) != 2 || got.RequestID == "" {
		t.Fatalf("%+v", got)
	}
	want := []simulator.Purchase{{
		BuyID: got.BuyID, SourceIDs: got.SourceIDs, Region: north, Quantity: 2, Spec: "bastion-50", Desc: "branch bj [bf:X]",
		Paid: true, RequestID: got.RequestID,
	}}
	if diff := cmp.Diff(want, s.Ledger(), cmpopts.IgnoreFields(simulator.Purchase{}, "Time", "Request")); diff != "" {
		t.Error(diff)
	}
	page, err := c.DescribeBastions(context.Background(), north, bastion.Page{Number: 1, Size: 10})
	if err != nil || page.TotalCount != 2 || len(page.Bastions) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, source := range got.SourceIDs {
		b, found, err := c.DescribeSourceID(context.Background(), north, source)
		if err != nil || !found {
			t.Fatalf("%s: found %v, %v", source, found, err)
		}
		if diff := cmp.Diff(page.Bastions[i], b); diff != "" {
			t.Error(diff)
		}
		if b.Desc != "branch bj [bf:X]" || b.Status != bastion.StatusRunning || b.RegionID != north || b.AZ != "cn-north-1a" {
			t.Errorf("%+v", b)
		}
	}
	elsewhere, err := c.DescribeBastions(context.Background(), east, bastion.Page{Number: 1, Size: 10})
	if err != nil || elsewhere.TotalCount != 0 {
		t.Errorf("another region lists %+v, %v", elsewhere, err)
	}
	if _, found, err := c.DescribeSourceID(context.Background(), north, "source-of-nobody"); found || err != nil {
		t.Errorf("an unknown order: found %v, %v", found, err)
	}
}

func TestUnpaidPurchasesAreInNoListing(t *testing.T) {
	s := start(t, simulator.Options{})
	c := client(t, s, "")
	unpaid := order(1, "")
	unpaid.ChargeSpec.AutoPay = false
	source := buy(t, c, north, unpaid).SourceIDs[0]
	if _, found, err := c.DescribeSourceID(context.Background(), north, source); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	page, err := c.DescribeBastions(context.Background(), north, bastion.Page{Number: 1, Size: 10})
	if err != nil || page.TotalCount != 0 || s.Ledger()[0].Paid {
		t.Errorf("listed %+v, %v", page, err)
	}
	unpaid.ChargeSpec = &bastion.ChargeSpec{ChargeMode: "CONFIG"}
	buy(t, c, north, unpaid)
	unpaid.ChargeSpec = nil
	buy(t, c, north, unpaid)
	if page, err = c.DescribeBastions(context.Background(), north, bastion.Page{Number: 1, Size: 10}); err != nil || page.TotalCount != 2 {
		t.Errorf("listed %+v, %v", page, err)
	}
}

func TestListingsLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, simulator.Options{ListingLag: time.Minute})
		c := client(t, s, "")
		look := func() (listed int, found bool) {
			page, err := c.DescribeBastions(context.Background(), north, bastion.Page{Number: 1, Size: 10})
			if err != nil {
				t.Fatal(err)
			}
			_, found, err = c.DescribeSourceID(context.Background(), north, s.Ledger()[0].SourceIDs[0])
			if err != nil {
				t.Fatal(err)
			}
			return page.TotalCount, found
		}
		buy(t, c, north, order(1, "first"))
		time.Sleep(30 * time.Second)
		buy(t, c, north, order(1, "second"))
		time.Sleep(30*time.Second - time.Nanosecond)
		if listed, found := look(); listed != 0 || found {
			t.Errorf("too early: %d listed, found %v", listed, found)
		}
		time.Sleep(time.Nanosecond)
		if listed, found := look(); listed != 1 || !found {
			t.Errorf("after the first lag: %d listed, found %v", listed, found)
		}
		time.Sleep(30 * time.Second)
		if listed, _ := look(); listed != 2 {
			t.Errorf("after the second lag: %d listed", listed)
		}
	})
}

func TestPages(t *testing.T) {
	s := start(t, simulator.Options{})
	c := client(t, s, "")
	for i := range 25 {
		buy(t, c, north, order(1, fmt.Sprint(i)))
	}
	var seen []string
	for number := 1; number <= 4; number++ {
		page, err := c.DescribeBastions(context.Background(), north, bastion.Page{Number: number, Size: 10})
		if err != nil || page.TotalCount != 25 {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, b := range page.Bastions {
			seen = append(seen, b.Desc)
		}
	}
	if got, want := strings.Join(seen, " "), "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"; got != want {
		t.Errorf("the pages hold %s", got)
	}
}

func TestLatencyAndCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, simulator.Options{Latency: 50 * time.Millisecond, Jitter: 10 * time.Millisecond, Seed: 3})
		c := client(t, s, "")
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() { buy(t, c, map[bool]string{true: north, false: east}[i < 8], order(2, "")) })
		}
		wg.Wait()
		if took := time.Since(began); took <= 50*time.Millisecond || took > 60*time.Millisecond {
			t.Errorf("twelve calls at a time took %v", took)
		}
		want := simulator.Counters{
			Calls: 12, Purchases: 12, Instances: 24, Faults: map[simulator.Fault]int{},
			MaxInFlight: 12, MaxInFlightRegions: map[string]int{north: 8, east: 4},
		}
		if diff := cmp.Diff(want, s.Counters()); diff != "" {
			t.Error(diff)
		}
		buy(t, c, north, order(1, ""))
		if got := s.Counters().MaxInFlight; got != 12 {
			t.Errorf("a later call changed the maximum to %d", got)
		}
	})
}

func TestACallGivenUpHasBought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, simulator.Options{Latency: time.Second})
		c := client(t, s, "")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_, err := c.CreateInstance(ctx, north, order(1, ""))
		var e *bastion.Error
		if !errors.As(err, &e) || e.Class != bastion.InDoubt || len(s.Ledger()) != 1 {
			t.Errorf("%v, %d purchases", err, len(s.Ledger()))
		}
		_, err = c.CreateInstance(ctx, north, order(1, ""))
		if !errors.As(err, &e) || e.Class != bastion.NotSent || len(s.Ledger()) != 1 {
			t.Errorf("%v, %d purchases", err, len(s.Ledger()))
		}
	})
}

func TestInvalidOrders(t *testing.T) {
	change := func(f func(*bastion.CreateInstanceRequest)) bastion.CreateInstanceRequest {
		r := order(1, "")
		f(&r)
		return r
	}
	type request = bastion.CreateInstanceRequest
	for want, r := range map[string]request{
		"az is required":             change(func(r *request) { r.InstanceSpec.AZ = "" }),
		"vpcId is required":          change(func(r *request) { r.InstanceSpec.VPCID = "" }),
		"subnetId is required":       change(func(r *request) { r.InstanceSpec.SubnetID = "" }),
		".spec is required":          change(func(r *request) { r.InstanceSpec.Spec = "" }),
		"ipVersion is required":      change(func(r *request) { r.InstanceSpec.IPVersion = "" }),
		"ipVersion must be":          change(func(r *request) { r.InstanceSpec.IPVersion = "v6" }),
		"quantity must be":           order(0, ""),
		"quantity must be 1 to 1000": order(1001, ""),
		"chargeMode must be":         change(func(r *request) { r.ChargeSpec.ChargeMode = "monthly" }),
		"chargeUnit must be":         change(func(r *request) { r.ChargeSpec.ChargeUnit = "" }),
		"chargeUnit must be MONTH":   change(func(r *request) { r.ChargeSpec.ChargeUnit = "DAY" }),
		"1 to 3 by the YEAR":         change(func(r *request) { r.ChargeSpec.ChargeDuration = 4 }),
		"1 to 9 by the MONTH":        change(func(r *request) { r.ChargeSpec = &bastion.ChargeSpec{ChargeUnit: "MONTH", ChargeDuration: 10} }),
		"must be 1 to 9":             change(func(r *request) { r.ChargeSpec = &bastion.ChargeSpec{ChargeUnit: "MONTH"} }),
		"buyScenario must be":        change(func(r *request) { r.ChargeSpec.BuyScenario = "{}" }),
		"buyScenario must be base64": change(func(r *request) { r.ChargeSpec.BuyScenario = "eyJhY3Rpdml0eSI6e319" }),
	} {
		s := start(t, simulator.Options{})
		_, err := client(t, s, "").CreateInstance(context.Background(), north, r)
		var e *bastion.Error
		if !errors.As(err, &e) || e.Class != bastion.Rejected || e.HTTPStatus != 400 || e.Code != "INVALID_ARGUMENT" || !strings.Contains(e.Message, want) {
			t.Errorf("%v; want %q", err, want)
		}
		if len(s.Ledger()) != 0 {
			t.Errorf("%s was bought", want)
		}
	}
	valid := change(func(r *request) {
		r.ChargeSpec.BuyScenario = "eyJhY3Rpdml0eSI6eyJhY3Rpdml0eVR5cGUiOiJwIiwiYWN0aXZpdHlJZGVudGlmaWVyIjoiMSJ9fQ=="
	})
	buy(t, client(t, start(t, simulator.Options{}), ""), north, valid)
}

func TestOddBodies(t *testing.T) {
	spec := `"instanceSpec":{"az":"a","vpcId":"v","subnetId":"s","spec":"x","quantity":1,"ipVersion":"v4\u0026v6","desc":null}`
	for body, want := range map[string]int{
		`{"regionId":"cn-north-1",` + spec + `,"chargeSpec":null}`:                                                            200,
		`{"regionId":null,` + spec + `,"unknown":[1]}`:                                                                        200,
		`{` + spec + `,"chargeSpec":{"chargeMode":null,"chargeUnit":"MONTH","chargeDuration":1,"autoChangeChargeMode":null}}`: 200,
		`{"regionId":"cn-east-2",` + spec + `}`:                                                                               400,
		strings.Replace(`{`+spec+`}`, `:1,`, `:"1",`, 1):                                                                      400,
		`{`:  400,
		``:   400,
		`[]`: 400,
	} {
		s := start(t, simulator.Options{})
		response := send(t, s, signed(t, http.MethodPost, "/v1/regions/cn-north-1/instances", body))
		if response.StatusCode != want || len(s.Ledger()) != map[int]int{200: 1, 400: 0}[want] {
			t.Errorf("%s: HTTP %d, %d purchases", body, response.StatusCode, len(s.Ledger()))
		}
	}
}
