package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bastion-fleet/bastion-fleet/internal/ui"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/reconcile"
)

// aSearch looks a source up and reads pages of two regions.
func aSearch(v ui.View) {
	s := v.Search()
	s.Handle(reconcile.Step{Region: "cn-north-1", Source: 1, Sources: 2})
	s.Handle(reconcile.Step{Region: "cn-north-1", Page: 1})
	s.Handle(reconcile.Step{Region: "cn-east-2", Page: 1})
	s.Handle(reconcile.Step{Region: "cn-north-\x1b1", Page: 2, Pages: 12})
	s.Close()
	s.Close()
}

func TestASearchIsALineOnATerminal(t *testing.T) {
	_, err := shown(80, true, aSearch)
	want := []string{
		"Looking: cn-north-1 source id 1 of 2\x1b[K", "Looking: cn-north-1 page 1\x1b[K",
		"Looking: cn-east-2 page 1, cn-north-1 page 1\x1b[K",
		"Looking: cn-east-2 page 1, cn-north-\\x1b1 page 2 of 12, cn-north-1 page 1\x1b[K", "\x1b[K",
	}
	if got := strings.Split(strings.TrimPrefix(err, "\r"), "\r"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestASearchIsSilentWhereNobodyLooks(t *testing.T) {
	if out, err := shown(0, false, aSearch); out+err != "" {
		t.Errorf("%q and %q", out, err)
	}
}

func TestSearchJSON(t *testing.T) { golden(t, "search.json", events(t, aSearch)) }

// aWait waits for a look for three minutes, and for half a minute for the next one.
func aWait(v ui.View) {
	s := v.Search()
	for left := 3 * time.Minute; left > 0; left -= time.Second {
		s.Wait(reconcile.Wait{Orders: 2, Look: 2, Left: left})
	}
	s.Close()
	s = v.Search()
	s.Wait(reconcile.Wait{Orders: 1, Look: 3, Left: 30 * time.Second})
	s.Close()
}

// A terminal counts down every second; a log has a line a minute.
func TestAWaitIsShown(t *testing.T) {
	_, err := shown(80, true, aWait)
	if strings.Count(err, "\r") != 180+1+1+1 || !strings.Contains(err, "\rWaiting 2m59s for look 2 of 3 (Ctrl-C changes nothing): 2 orders") {
		t.Errorf("%d drawings: %q", strings.Count(err, "\r"), err)
	}
	_, err = shown(0, false, aWait)
	golden(t, "wait.txt", err)
	golden(t, "wait.json", events(t, aWait))
}

func settledOrders(n int) []reconcile.Settled {
	var settled []reconcile.Settled
	for _, o := range branches(n) {
		settled = append(settled, reconcile.Settled{Doubt: *doubtful(order.Record{}, o).Doubt, Looks: []time.Time{noon, noon, noon}})
	}
	return settled
}

func TestSettledOrders(t *testing.T) {
	for _, width := range []int{0, 80} {
		out, _ := shown(width, false, func(v ui.View) { v.Settled(settledOrders(22), 10*time.Minute) })
		golden(t, fmt.Sprintf("settled-%d.txt", width), out)
		checkWidth(t, out, width)
	}
	golden(t, "settled.json", events(t, func(v ui.View) { v.Settled(settledOrders(1), 10*time.Minute) }))
}
