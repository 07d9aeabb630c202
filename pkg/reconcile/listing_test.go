package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

func search(a *account, doubts ...order.Intent) reconcile.Search {
	return reconcile.Search{Fleet: fleet, Lineage: lineage, Records: opened(doubts), Lister: a}
}

func TestEachRegionIsListedOnceForAllItsDoubts(t *testing.T) {
	unmarked := doubt(9, 1, "cn-south-1")
	unmarked.Marker = ""
	a := &account{regions: map[string][]reconcile.Instance{north: others(250), east: others(200)}}
	regions := search(a, doubt(2, 1, north), doubt(1, 1, north), doubt(3, 1, east), unmarked).Run(t.Context())
	want := []string{"cn-east-2 1", "cn-east-2 2", "cn-north-1 1", "cn-north-1 2", "cn-north-1 3", "cn-south-1 1"}
	slices.Sort(a.calls) // regions are listed side by side
	if d := cmp.Diff(want, a.calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	var names []string
	for _, r := range regions {
		for _, f := range r.Findings {
			names = append(names, r.Name+" "+f.Doubt.Order.Address.String())
		}
	}
	want = []string{"cn-east-2 order.gw[3]", "cn-north-1 order.gw[1]", "cn-north-1 order.gw[2]", "cn-south-1 order.gw[9]"}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}

func TestAListingWhosePagesDisagreeBeginsAnew(t *testing.T) {
	d := doubt(1, 1, north)
	listed := append(others(220), sold(d, "b1")...)
	for _, c := range []struct {
		name  string
		spoil func(call int, p *page) // of the pages of one listing, from 1
		pages int                     // that are read before it begins anew
	}{
		{"the total changes", func(call int, p *page) {
			if call == 2 {
				p.total++
			}
		}, 2},
		{"an instance is shown twice", func(call int, p *page) {
			if call == 2 {
				p.instances = append(slices.Clone(p.instances[:99]), listed[0])
			}
		}, 2},
		{"a page is short", func(call int, p *page) { p.instances = p.instances[:len(p.instances)-1] }, 1},
		{"a page is empty", func(call int, p *page) {
			if call == 3 {
				p.instances = nil
			}
		}, 3},
	} {
		for _, spoilt := range []int{1, 3, 4} {
			a := &account{regions: map[string][]reconcile.Instance{north: listed}}
			a.script = func(call int, p *page) error {
				if call <= spoilt*c.pages {
					c.spoil((call-1)%c.pages+1, p)
				}
				return nil
			}
			r := search(a, d).Run(t.Context())[0]
			verdict, calls := reconcile.Adopted, spoilt*c.pages+3
			if spoilt == 4 {
				verdict, calls = reconcile.Unlisted, 4*c.pages
			}
			if got := r.Findings[0].Verdict; got != verdict || errors.Is(r.Err, reconcile.ErrDisagree) != (spoilt == 4) {
				t.Errorf("%s in %d listings: %s, %v", c.name, spoilt, got, r.Err)
			}
			if len(a.calls) != calls {
				t.Errorf("%s in %d listings: %d calls, want %d", c.name, spoilt, len(a.calls), calls)
			}
		}
	}
}

func TestATotalThatIsNoneIsRefused(t *testing.T) {
	for _, total := range []int{-1, 100_001} {
		a := &account{script: func(_ int, p *page) error { p.total = total; return nil }}
		r := search(a, doubt(1, 1, north)).Run(t.Context())[0]
		if r.Err == nil || r.Findings[0].Verdict != reconcile.Unlisted || len(a.calls) != 1 {
			t.Errorf("a total of %d: %s, %v, %d calls", total, r.Findings[0].Verdict, r.Err, len(a.calls))
		}
	}
}

// How many pages are read is fixed by the first one: a listing that shows the same page for ever is not read for ever.
func TestTheLargestListingEndsWithItsLastPage(t *testing.T) {
	a := &account{script: func(_ int, p *page) error {
		p.instances, p.total = make([]reconcile.Instance, reconcile.PageSize), 100_000
		return nil
	}}
	r := search(a, doubt(1, 1, north)).Run(t.Context())[0]
	if r.Err != nil || r.Findings[0].Verdict != reconcile.Missing || len(a.calls) != 1000 {
		t.Errorf("%s, %v, %d calls", r.Findings[0].Verdict, r.Err, len(a.calls))
	}
}

func TestAnOrderWithoutAMarkerIsHeldForThat(t *testing.T) {
	unmarked := doubt(2, 1, north)
	unmarked.Marker = ""
	a := &account{script: func(int, *page) error { return errors.New("denied") }}
	r := search(a, doubt(1, 1, north), unmarked).Run(t.Context())[0]
	if r.Findings[0].Verdict != reconcile.Unlisted || r.Findings[1].Verdict != reconcile.NoMarker {
		t.Errorf("%s and %s, though the region can't be listed: %v", r.Findings[0].Verdict, r.Findings[1].Verdict, r.Err)
	}
}

func TestABidThatIsNoneIsRefused(t *testing.T) {
	d := doubt(1, 1, north)
	a := &account{regions: map[string][]reconcile.Instance{north: sold(d, strings.Repeat("b", order.MaxTextLength+1))}}
	if r := search(a, d).Run(t.Context())[0]; r.Err == nil || r.Findings[0].Verdict != reconcile.Unlisted {
		t.Errorf("%s, %v", r.Findings[0].Verdict, r.Err)
	}
}

var errThrottled = errors.New("slow down")

func TestAPageIsReadAgainWhereThatMayHelp(t *testing.T) {
	for _, c := range []struct {
		name     string
		failures int
		err      error
		calls    int
		verdict  reconcile.Verdict
		least    time.Duration
		most     time.Duration
	}{
		{"twice throttled", 2, &reconcile.PassingError{Err: errThrottled}, 3, reconcile.Adopted, time.Second, 4 * time.Second},
		{"told to wait", 1, &reconcile.PassingError{Err: errThrottled, RetryAfter: time.Minute}, 2, reconcile.Adopted, time.Minute, time.Minute},
		{"told to wait too long", 1, &reconcile.PassingError{Err: errThrottled, RetryAfter: 24 * time.Hour}, 2, reconcile.Adopted, 5 * time.Minute, 5 * time.Minute},
		{"always throttled", 99, &reconcile.PassingError{Err: errThrottled}, 5, reconcile.Unlisted, 4 * time.Second, 13 * time.Second},
		{"denied", 1, errThrottled, 1, reconcile.Unlisted, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, start := doubt(1, 1, north), time.Now()
				a := &account{regions: map[string][]reconcile.Instance{north: sold(d, "b1")}}
				a.script = func(call int, _ *page) error {
					if call <= c.failures {
						return c.err
					}
					return nil
				}
				r := search(a, d).Run(t.Context())[0]
				if got := r.Findings[0].Verdict; got != c.verdict || (r.Err == nil) != (got == reconcile.Adopted) || len(a.calls) != c.calls {
					t.Errorf("%s after %d calls, want %s after %d: %v", got, len(a.calls), c.verdict, c.calls, r.Err)
				}
				if took := time.Since(start); took < c.least || took > c.most {
					t.Errorf("took %v, want %v to %v", took, c.least, c.most)
				}
			})
		})
	}
}

func TestAnEndingSearchCallsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		a := &account{script: func(int, *page) error { return &reconcile.PassingError{Err: errThrottled, RetryAfter: time.Minute} }}
		start := time.Now()
		regions := search(a, doubt(1, 1, east), doubt(2, 1, north)).Run(ctx)
		if took := time.Since(start); took != 100*time.Millisecond || !errors.Is(regions[0].Err, context.DeadlineExceeded) {
			t.Errorf("ended after %v: %v", took, regions[0].Err)
		}
		if len(a.calls) != 2 || regions[1].Findings[0].Verdict != reconcile.Unlisted {
			t.Errorf("%d calls in two regions, and the second one is %s", len(a.calls), regions[1].Findings[0].Verdict)
		}
		if search(a, doubt(1, 1, east)).Run(ctx); len(a.calls) != 2 {
			t.Errorf("%d calls after the end", len(a.calls))
		}
	})
}
