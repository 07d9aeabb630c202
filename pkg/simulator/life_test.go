package simulator_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// looks are what describeSourceId says of an instance as the seconds pass: - where it shows none.
func looks(t *testing.T, c *bastion.Client, source string, seconds ...int) []string {
	t.Helper()
	var all []string
	began := time.Now()
	for _, s := range seconds {
		time.Sleep(time.Until(began.Add(time.Duration(s) * time.Second)))
		b, found, err := c.DescribeSourceID(t.Context(), north, source)
		switch {
		case err != nil:
			t.Fatal(err)
		case !found:
			all = append(all, "-")
		default:
			all = append(all, fmt.Sprint(b.Status))
		}
	}
	return all
}

func TestInstancesComeUp(t *testing.T) {
	const lag, comeUp = 30 * time.Second, 90 * time.Second
	for fault, want := range map[simulator.InstanceFault][]string{
		simulator.NoInstanceFault: {"-", "2", "2", "1", "1", "1"},
		simulator.Stuck:           {"-", "2", "2", "2", "2", "2"},
		simulator.Expired:         {"-", "2", "2", "13", "13", "13"},
		simulator.Falls:           {"-", "2", "2", "1", "2", "2"},
	} {
		t.Run(fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, simulator.Options{
					ListingLag: lag, ComeUp: comeUp, InstanceScript: func(simulator.Instance) simulator.InstanceFault { return fault },
				})
				c := client(t, s, "")
				bought := buy(t, c, north, order(1, "gw"))
				if diff := cmp.Diff(want, looks(t, c, bought.SourceIDs[0], 29, 30, 89, 90, 180, 3600)); diff != "" {
					t.Errorf("statuses (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestListingsShowTheSameStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, simulator.Options{ComeUp: time.Minute, InstanceFaults: simulator.InstanceFaults{simulator.Expired: 1}})
		c := client(t, s, "")
		bought := buy(t, c, north, order(1, "gw"))
		time.Sleep(time.Minute)
		b, _, err := c.DescribeSourceID(t.Context(), north, bought.SourceIDs[0])
		if err != nil || b.Status != bastion.StatusExpired {
			t.Fatalf("status %d, %v", b.Status, err)
		}
		page, err := c.DescribeBastions(t.Context(), north, bastion.Page{Number: 1, Size: 10})
		if err != nil || page.Bastions[0].Status != bastion.StatusExpired {
			t.Errorf("the listing shows %+v, %v", page.Bastions, err)
		}
	})
}

// Whatever else is called, and however often the account is continued: an instance has one fate.
func TestInstanceFaultsDependOnTheSeed(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "ledger.ndjson")
	o := simulator.Options{LedgerFile: ledger, Seed: 7, InstanceFaults: simulator.InstanceFaults{simulator.Stuck: 0.3, simulator.Expired: 0.3}}
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, s, "")
	var sources []string
	for n := range 40 {
		sources = append(sources, buy(t, c, north, order(1, fmt.Sprint(n))).SourceIDs...)
		buy(t, c, east, order(2, fmt.Sprint(n)))
	}
	statuses := func(c *bastion.Client) (all []string) {
		for _, source := range sources {
			all = append(all, looks(t, c, source, 0)...)
		}
		return all
	}
	before := statuses(c)
	count := map[string]int{}
	for _, status := range before {
		count[status]++
	}
	if count["1"] < 5 || count["2"] < 5 || count["13"] < 5 {
		t.Errorf("of 40 instances: %v", count)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, statuses(client(t, start(t, o), ""))); diff != "" {
		t.Errorf("statuses after a restart (-before +after):\n%s", diff)
	}
}

func TestInstanceFaultsAreParsed(t *testing.T) {
	fault, rate, err := simulator.ParseInstanceFault("expired=0.25")
	if fault != simulator.Expired || rate != 0.25 || err != nil {
		t.Errorf("%s, %v, %v", fault, rate, err)
	}
	for _, text := range []string{"", "stuck", "stuck=2", "stuck=NaN", "none=1", "broken=0.1"} {
		if _, _, err := simulator.ParseInstanceFault(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, faults := range []simulator.InstanceFaults{{simulator.Stuck: -1}, {simulator.Stuck: 0.6, simulator.Falls: 0.6}} {
		if _, err := simulator.New(simulator.Options{InstanceFaults: faults}); err == nil {
			t.Errorf("%v was taken", faults)
		}
	}
}
