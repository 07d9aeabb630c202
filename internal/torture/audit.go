package torture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/simulator"
)

// An Audit holds what the API sold against what the state holds. It can be made at any moment at which no program works
// with the state: also when one has just been killed.
type Audit struct {
	Wished map[string]int       // what the fleet asks for: instances by address, over all of its attempts
	Sold   []simulator.Purchase // the API's ledger; each description is its order's address, perhaps with a marker
	Held   Holding
	Told   []string // buyIds that a program said it had recorded: it must have
}

// A Verdict is what an audit finds. Each count but Problems is of sales in the ledger, unless it says otherwise.
type Verdict struct {
	Purchases  int // all
	Bought     int // held under their own ids
	Adopted    int // held under the bids of their instances, after an answer got lost
	Doubtful   int // not held, but their order is in doubt by the very call that bought them
	Held       int // orders in doubt, whether they were sold or not
	Duplicates int // bought by an attempt that had bought before, or beyond what the fleet asks for
	Lost       int // none of Bought, Adopted and Doubtful; or told as recorded, or in a run log, and not in the state
	Invented   int // purchases in the state that were never sold to that order, or that two orders claim
	Problems   []string
}

// Figures are the verdict as a part of a stage's.
func (v Verdict) Figures() Figures {
	return Figures{Purchases: v.Purchases, Duplicates: v.Duplicates, Lost: v.Lost + v.Invented, Held: v.Held}
}

// Sound tells whether there is nothing to complain of.
func (v Verdict) Sound() bool { return len(v.Problems) == 0 }

// String names every problem, a line each.
func (v Verdict) String() string { return strings.Join(v.Problems, "\n") }

// Check makes the audit.
func (a Audit) Check() Verdict {
	v := Verdict{Purchases: len(a.Sold)}
	b := bookOf(a.Held.Records)
	v.Held = len(b.doubts)
	a.checkDuplicates(&v)
	for _, sale := range a.Sold {
		a.checkSale(&v, b, sale)
	}
	for id, owners := range b.purchases {
		for _, owner := range owners {
			v.complain(&v.Invented, "the state holds %s for %s, and no such sale is left to it", id, owner)
		}
	}
	a.checkTold(&v)
	a.checkLogs(&v)
	slices.Sort(v.Problems)
	return v
}

func (v *Verdict) complain(count *int, format string, args ...any) {
	*count++
	v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
}

// A book is the state by what the ledger knows of it.
type book struct {
	purchases map[string][]string     // the addresses that hold a purchase; taken out as the ledger accounts for them
	doubts    map[string]order.Intent // by address
}

func bookOf(records []order.Record) book {
	b := book{map[string][]string{}, map[string]order.Intent{}}
	for _, r := range records {
		address := r.Address.String()
		if r.Doubt != nil {
			b.doubts[address] = *r.Doubt
		}
		for _, p := range r.Purchases {
			b.purchases[known(p)] = append(b.purchases[known(p)], address)
		}
	}
	return b
}

// take tells whether the address holds the purchase of that name, once for each that it holds.
func (b book) take(name, address string) bool {
	owners := b.purchases[name]
	i := slices.Index(owners, address)
	if i < 0 {
		return false
	}
	if owners = slices.Delete(owners, i, i+1); len(owners) == 0 {
		delete(b.purchases, name)
	} else {
		b.purchases[name] = owners
	}
	return true
}

// checkDuplicates counts the sales that nobody asked for, each of them once.
func (a Audit) checkDuplicates(v *Verdict) {
	sold, attempts := map[string]int{}, map[order.Marker]string{}
	for _, sale := range a.Sold {
		address, marker := addressOf(sale), order.FindMarker(sale.Desc)
		before := attempts[marker]
		sold[address] += sale.Quantity
		switch {
		case marker != "" && before != "":
			v.complain(&v.Duplicates, "%s and %s of %s were bought by one attempt, %s", before, sale.BuyID, address, marker)
		case sold[address] > a.Wished[address]:
			v.complain(&v.Duplicates, "%s brings %s to %d instances, and %d were asked for", sale.BuyID, address, sold[address], a.Wished[address])
		}
		attempts[marker] = sale.BuyID
	}
}

// checkSale looks where the state holds a sale.
func (a Audit) checkSale(v *Verdict, b book, sale simulator.Purchase) {
	address := addressOf(sale)
	doubt, inDoubt := b.doubts[address]
	switch {
	case b.take(sale.BuyID, address), b.take(strings.Join(sale.SourceIDs, " "), address):
		v.Bought++
	case b.take(strings.Join(sale.BIDs(), " "), address):
		v.Adopted++
	case inDoubt && doubt.Marker == order.FindMarker(sale.Desc):
		v.Doubtful++
		delete(b.doubts, address) // a call stands for one sale
	case inDoubt:
		v.complain(&v.Lost, "%s was bought for %s by %s, which is in doubt by %s", sale.BuyID, address, order.FindMarker(sale.Desc), doubt.Marker)
	default:
		v.complain(&v.Lost, "%s was bought for %s, which the state neither holds nor holds in doubt", sale.BuyID, address)
	}
}

// checkTold looks for what a program said it had recorded.
func (a Audit) checkTold(v *Verdict) {
	b := bookOf(a.Held.Records)
	for _, id := range a.Told {
		if len(b.purchases[id]) == 0 {
			v.complain(&v.Lost, "%s was told as bought, and the state does not hold it", id)
		}
	}
}

// checkLogs looks for what the run logs know and the state does not.
func (a Audit) checkLogs(v *Verdict) {
	b := bookOf(a.Held.Records)
	for _, log := range a.Held.Logs {
		for _, r := range log.Records {
			for _, p := range r.Purchases {
				if !slices.Contains(b.purchases[known(p)], r.Address.String()) {
					v.complain(&v.Lost, "the log of run %s holds %s for %s, and the state does not", log.Run, known(p), r.Address)
				}
			}
		}
	}
}

// addressOf is the order that a sale was made for.
func addressOf(sale simulator.Purchase) string {
	address, _, _ := strings.Cut(sale.Desc, " [bf:")
	return address
}
