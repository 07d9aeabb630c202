package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

// Looks is how many complete listings must show nothing of an order before it can count as not bought.
const Looks = 3

// A Look is one search, and when it was made. The times must come from time.Now, for only such a clock passes evenly:
// nobody can set it, and it stands still while the machine sleeps.
type Look struct {
	Began, Ended time.Time
	Regions      []Region
}

// A Watch decides which orders in doubt may be bought again: those of which a look at the beginning, one in the middle
// and one at the end of a time showed nothing at all, nor any look between. It is not proof: a purchase that listings
// hide for longer than that is made twice. The orders for which such listings would prove nothing are never among them:
// those without a marker, that wait unpaid, whose answer named ids, that an import announced, that something unmarked
// looks like, and those of regions that could not be searched or in which somebody else buys for the fleet.
type Watch struct {
	settle  time.Duration
	began   time.Time // the end of the first look
	looks   []time.Time
	hopeful map[order.Address]order.Intent
}

// NewWatch returns a watch over the orders of which the first look shows nothing, as far as they are wished.
func NewWatch(settle time.Duration, first Look, wished func(order.Intent) bool) *Watch {
	w := &Watch{settle: settle, began: first.Ended, looks: []time.Time{first.Began}, hopeful: map[order.Address]order.Intent{}}
	for d := range unseen(first) {
		if wished(d) {
			w.hopeful[d.Order.Address] = d
		}
	}
	return w
}

// Next returns when the next look may begin, and false when there is nothing left to look for.
func (w *Watch) Next() (at time.Time, more bool) {
	if len(w.hopeful) == 0 || len(w.looks) == Looks {
		return time.Time{}, false
	}
	return w.began.Add(w.settle * time.Duration(len(w.looks)) / (Looks - 1)), true
}

// Regions are those to look at next, in name order.
func (w *Watch) Regions() []string {
	names := map[string]bool{}
	for _, d := range w.hopeful {
		names[d.Order.Region] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Take takes another look in. What it shows something of, or can't speak for, is watched no more. One that began before
// its time counts for nothing else.
func (w *Watch) Take(l Look) {
	still := map[order.Address]bool{}
	for d := range unseen(l) {
		still[d.Order.Address] = w.hopeful[d.Order.Address].Attempt == d.Attempt
	}
	maps.DeleteFunc(w.hopeful, func(a order.Address, _ order.Intent) bool { return !still[a] })
	if at, more := w.Next(); more && !l.Began.Before(at) {
		w.looks = append(w.looks, l.Began)
	}
}

// A Settled is an order that may be bought again, with the looks that showed nothing of it.
type Settled struct {
	Doubt order.Intent
	Looks []time.Time // when they began
}

// Settled returns the orders that may be bought again, sorted by region, then address. There are none before the last look.
func (w *Watch) Settled() []Settled {
	if len(w.looks) < Looks {
		return nil
	}
	var settled []Settled
	for _, d := range w.hopeful {
		settled = append(settled, Settled{Doubt: d, Looks: slices.Clone(w.looks)})
	}
	slices.SortFunc(settled, func(a, b Settled) int {
		return cmp.Or(cmp.Compare(a.Doubt.Order.Region, b.Doubt.Order.Region), a.Doubt.Order.Address.Compare(b.Doubt.Order.Address))
	})
	return settled
}

// Waiting is where the watch stands at a moment.
func (w *Watch) Waiting(now time.Time) Wait {
	at, _ := w.Next()
	return Wait{Orders: len(w.hopeful), Look: len(w.looks) + 1, Left: at.Sub(now)}
}

// A Wait is what a watch waits for.
type Wait struct {
	Orders int
	Look   int // of Looks, that comes next
	Left   time.Duration
}

// unseen yields the orders of which the look showed nothing, and would have if it had been bought and listings did not lag.
func unseen(l Look) func(yield func(order.Intent) bool) {
	return func(yield func(order.Intent) bool) {
		for _, r := range l.Regions {
			if r.Err != nil || len(r.Foreign) > 0 || len(r.Strangers) > 0 {
				continue
			}
			for _, f := range r.Findings {
				if f.unseen() && !yield(f.Doubt) {
					return
				}
			}
		}
	}
}

func (f Finding) unseen() bool {
	return f.Verdict == Missing && len(f.Suggestions) == 0 && !f.named &&
		f.Doubt.Marker != "" && f.Doubt.Order.Charge.AutoPay && !f.Doubt.Imported
}
