package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/bastion"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// A watchWorld is an account with purchases, and what is asked of it.
type watchWorld struct {
	t       *testing.T
	sim     *simulator.Simulator
	watcher *watcher
	bought  []apply.Watched

	mu          sync.Mutex
	reads       []string // regions, in the sequence of the calls
	inFlight    map[string]int
	maxInFlight int
	refuse      func(region string) *http.Response // nil, or nil returned: the simulator answers
}

func (w *watchWorld) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return w.sim.RoundTrip(r)
	}
	region := strings.Split(r.URL.Path, "/")[3]
	w.mu.Lock()
	w.reads = append(w.reads, region)
	w.inFlight[region]++
	w.maxInFlight = max(w.maxInFlight, w.inFlight[region])
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.inFlight[region]--
	}()
	if w.refuse != nil {
		if response := w.refuse(region); response != nil {
			response.Request = r
			return response, nil
		}
	}
	return w.sim.RoundTrip(r)
}

// watching plays f with a watcher, under fake time.
func watching(t *testing.T, o simulator.Options, r order.Rollout, f func(w *watchWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := bastion.NewCredentials("sim", "sim", "")
		if err != nil {
			t.Fatal(err)
		}
		w := &watchWorld{t: t, sim: sim, inFlight: map[string]int{}}
		client, err := bastion.New(bastion.Options{Credentials: credentials, Transport: w})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		w.watcher = newWatcher(client, r)
		f(w)
	})
}

// buy buys n instances at once.
func (w *watchWorld) buy(region, desc string, n int) {
	w.t.Helper()
	result, err := w.watcher.client.CreateInstance(w.t.Context(), region, bastion.CreateInstanceRequest{
		InstanceSpec: bastion.InstanceSpec{
			AZ: region + "a", VPCID: "vpc-a", SubnetID: "subnet-a", Spec: "bastion-50", Quantity: n, IPVersion: "v4", Desc: desc,
		},
		ChargeSpec: &bastion.ChargeSpec{ChargeMode: "MONTHLY", ChargeUnit: "YEAR", ChargeDuration: 1, AutoPay: true},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.bought = append(w.bought, apply.Watched{Region: region, SourceIDs: result.SourceIDs, Instances: n})
}

// looks are up/down of each purchase, at once.
func (w *watchWorld) look() string {
	w.t.Helper()
	healths, err := w.watcher.Look(w.t.Context(), w.bought)
	if err != nil {
		return "unknown"
	}
	var texts []string
	for _, h := range healths {
		texts = append(texts, fmt.Sprintf("%d/%d", h.Up, h.Down))
	}
	return strings.Join(texts, " ")
}

const watchedNorth, watchedEast = "cn-north-1", "cn-east-2"

func TestTheWatcherTellsWhatComesUpFromWhatFails(t *testing.T) {
	fates := map[string]simulator.InstanceFault{"stuck": simulator.Stuck, "expired": simulator.Expired, "falls": simulator.Falls}
	o := simulator.Options{
		ListingLag: 10 * time.Second, ComeUp: time.Minute,
		InstanceScript: func(i simulator.Instance) simulator.InstanceFault { return fates[i.Desc] },
	}
	watching(t, o, order.DefaultRollout(), func(w *watchWorld) {
		for _, desc := range []string{"fine", "stuck", "expired", "falls"} {
			w.buy(watchedNorth, desc, 2)
		}
		var got []string
		for range 5 {
			got = append(got, w.look())
			time.Sleep(30 * time.Second)
		}
		want := []string{
			"0/0 0/0 0/0 0/0", // not shown yet
			"0/0 0/0 0/0 0/0", // shown, with a status that says nothing
			"2/0 0/0 0/2 2/0",
			"2/0 0/0 0/2 2/0",
			"2/0 0/0 0/2 0/2",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("up/down (-want +got):\n%s", diff)
		}
		healths, err := w.watcher.Look(w.t.Context(), w.bought)
		if err != nil || !strings.Contains(healths[2].Why, "its status is 13, expired") || !strings.Contains(healths[3].Why, "it ran, and now its status is 2") {
			t.Errorf("%+v, %v", healths, err)
		}
	})
}

// Which of a 404, a null and an empty instance says that there is none yet is unknown; none of them is a failure, until
// the instance has run.
func TestWhatIsNotShownIsComingUntilItHasRun(t *testing.T) {
	forms := []string{
		`{"requestId":"r","error":{"code":404,"status":"NOT_FOUND","message":"no such order"}}`,
		`{"requestId":"r","result":{"bastion":null}}`, `{"requestId":"r","result":{"bastion":{}}}`, `{"requestId":"r"}`,
	}
	for _, form := range forms {
		watching(t, simulator.Options{}, order.DefaultRollout(), func(w *watchWorld) {
			w.buy(watchedNorth, "gw", 1)
			hidden := true
			w.refuse = func(string) *http.Response {
				if !hidden {
					return nil
				}
				return says(http.StatusOK, form, nil)
			}
			got := w.look()
			hidden = false
			got += ", " + w.look()
			hidden = true
			got += ", " + w.look()
			if want := "0/0, 1/0, 0/1"; got != want {
				t.Errorf("%s: %s, want %s", form, got, want)
			}
			healths, err := w.watcher.Look(w.t.Context(), w.bought)
			if err != nil || !strings.Contains(healths[0].Why, "it ran, and describeSourceId shows it no more") {
				t.Errorf("%s: %+v, %v", form, healths, err)
			}
		})
	}
}

func says(status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// A region of many instances is looked over in several rounds, at its own rate, and no other waits for it.
func TestTheWatcherKeepsTheRegionsRate(t *testing.T) {
	rollout := order.DefaultRollout()
	limits := rollout.In(watchedNorth)
	limits.Rate = 2
	rollout.Regions = []order.RegionRollout{{Region: watchedNorth, Limits: limits}}
	watching(t, simulator.Options{}, rollout, func(w *watchWorld) {
		for range 50 {
			w.buy(watchedNorth, "slow", 1)
		}
		w.buy(watchedEast, "quick", 1)
		began := time.Now()
		var north []int
		for range 3 {
			_ = w.look()
			n := strings.Count(strings.Join(w.reads, " "), watchedNorth)
			north = append(north, n)
			if most := 1 + int(2*time.Since(began).Seconds()); n > most {
				t.Errorf("%d reads within %v", n, time.Since(began))
			}
		}
		if got := w.look(); got != strings.Repeat("1/0 ", 50)+"1/0" {
			t.Errorf("after four rounds: %s", got)
		}
		if north[0] < 15 || north[0] > 22 {
			t.Errorf("the first round made %d reads in the slow region", north[0])
		}
	})
}

func TestTheWatcherMakesAFewCallsAtOnce(t *testing.T) {
	for parallelism, want := range map[int]int{1: 1, 32: looksAtOnce} {
		rollout := order.DefaultRollout()
		rollout.Parallelism = parallelism
		watching(t, simulator.Options{Latency: 50 * time.Millisecond}, rollout, func(w *watchWorld) {
			for range 20 {
				w.buy(watchedNorth, "gw", 1)
			}
			_ = w.look()
			if w.maxInFlight != want || len(w.reads) != 20 {
				t.Errorf("parallelism %d: %d reads, %d at once, want %d", parallelism, len(w.reads), w.maxInFlight, want)
			}
		})
	}
}

func TestAThrottledRegionIsLeftAlone(t *testing.T) {
	watching(t, simulator.Options{}, order.DefaultRollout(), func(w *watchWorld) {
		for range 20 {
			w.buy(watchedNorth, "gw", 1)
		}
		w.buy(watchedEast, "gw", 1)
		throttle := `{"requestId":"r","error":{"code":429,"status":"RATE_LIMIT","message":"too many requests"}}`
		w.refuse = func(region string) *http.Response {
			if region != watchedNorth {
				return nil
			}
			return says(http.StatusTooManyRequests, throttle, http.Header{"Retry-After": {"60"}})
		}
		reads := func() int { return strings.Count(strings.Join(w.reads, " "), watchedNorth) }
		if got := w.look(); got != strings.Repeat("0/0 ", 20)+"1/0" {
			t.Errorf("the other region: %s", got)
		}
		first := reads()
		time.Sleep(59 * time.Second)
		_ = w.look()
		if first > looksAtOnce || reads() != first {
			t.Errorf("%d reads were throttled, and %d followed within a minute", first, reads()-first)
		}
		w.refuse = nil
		time.Sleep(time.Second)
		if got := w.look(); got != strings.Repeat("1/0 ", 20)+"1/0" {
			t.Errorf("after the pause: %s", got)
		}
	})
}

// Where no call comes through nothing is known, and that is said; where some do, the others are as they were seen last.
func TestLooksThatFail(t *testing.T) {
	watching(t, simulator.Options{}, order.DefaultRollout(), func(w *watchWorld) {
		for range 10 {
			w.buy(watchedNorth, "gw", 1)
		}
		broken := true
		w.refuse = func(string) *http.Response {
			if broken {
				return says(http.StatusInternalServerError, "oops", nil)
			}
			return nil
		}
		_, err := w.watcher.Look(w.t.Context(), w.bought)
		if _, ok := errors.AsType[*bastion.Error](err); !ok || !strings.Contains(err.Error(), watchedNorth) {
			t.Errorf("%v", err)
		}
		if len(w.reads) > failedLooks+looksAtOnce {
			t.Errorf("%d calls that all failed", len(w.reads))
		}
		broken = false
		if got := w.look(); got != strings.TrimSpace(strings.Repeat("1/0 ", 10)) {
			t.Errorf("once they come through: %s", got)
		}
	})
}

func TestSourcesNeedNotBeAsManyAsInstances(t *testing.T) {
	watching(t, simulator.Options{}, order.DefaultRollout(), func(w *watchWorld) {
		w.buy(watchedNorth, "gw", 2)
		w.bought[0].Instances = 5
		w.bought = append(w.bought, apply.Watched{Region: watchedNorth, SourceIDs: append(w.bought[0].SourceIDs, "source-unknown"), Instances: 2})
		if got := w.look(); got != "5/0 2/0" {
			t.Errorf("got %s: all sources of the first run, and as many of the second as it has instances", got)
		}
	})
}
