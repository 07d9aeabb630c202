package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bastion-fleet/bastion-fleet/pkg/apply"
	"github.com/bastion-fleet/bastion-fleet/pkg/order"
	"github.com/bastion-fleet/bastion-fleet/pkg/plan"
)

// world plays the API and the journal of a run, and keeps what happened in its sequence.
type world struct {
	t     *testing.T
	began time.Time

	callTime   time.Duration
	commitTime time.Duration
	answer     func(i order.Intent) error // nil error: bought
	beginErr   func(i order.Intent) error
	finishErr  func(o order.Outcome) error
	journalErr error
	sourceIDs  bool // purchases have one

	mu          sync.Mutex
	records     map[order.Address]order.Record // as the journal holds them
	notBegun    map[order.Address]bool         // their intents' Begin failed
	calls       []call
	sold        map[order.Address]int
	inFlight    map[string]int // by region; "" is the whole run
	maxInFlight map[string]int
	openUncalled,
	maxUncalled int
	events []apply.Event
}

type call struct {
	intent order.Intent
	at     time.Time
}

func newWorld(t *testing.T) *world {
	return &world{
		t: t, began: time.Now(), callTime: 50 * time.Millisecond, commitTime: 2 * time.Millisecond,
		answer:   func(order.Intent) error { return nil },
		records:  map[order.Address]order.Record{},
		notBegun: map[order.Address]bool{},
		sold:     map[order.Address]int{},
		inFlight: map[string]int{}, maxInFlight: map[string]int{},
	}
}

func (w *world) Begin(ctx context.Context, i order.Intent) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	time.Sleep(w.commitTime)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.beginErr != nil {
		if err := w.beginErr(i); err != nil {
			w.notBegun[i.Order.Address] = true
			return err
		}
	}
	next, err := w.records[i.Order.Address].Begin(i)
	if err != nil {
		w.t.Errorf("the journal refuses an intent: %v", err)
		return err
	}
	w.records[i.Order.Address] = next
	w.openUncalled++
	w.maxUncalled = max(w.maxUncalled, w.openUncalled)
	return nil
}

func (w *world) Finish(o order.Outcome) error {
	time.Sleep(w.commitTime)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.notBegun[o.Address] {
		if o.Failure.Class != order.ClassCancelled {
			w.t.Errorf("%s: %s, though its intent was not durable", o.Address, o.Failure.Class)
		}
		return errDisk
	}
	if o.Failure.Class == order.ClassCancelled {
		w.openUncalled--
	}
	if w.finishErr != nil {
		if err := w.finishErr(o); err != nil {
			return err
		}
	}
	next, err := w.records[o.Address].Finish(o)
	if err != nil {
		w.t.Errorf("the journal refuses an outcome: %v", err)
		return err
	}
	w.records[o.Address] = next
	return nil
}

func (w *world) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.journalErr
}

func (w *world) Buy(ctx context.Context, i order.Intent) (order.Purchase, error) {
	w.mu.Lock()
	if doubt := w.records[i.Order.Address].Doubt; doubt == nil || doubt.Attempt != i.Attempt {
		w.t.Errorf("%s: attempt %d was sent before its intent was durable", i.Order.Address, i.Attempt)
	}
	w.openUncalled--
	w.calls = append(w.calls, call{i, time.Now()})
	for _, limit := range []string{"", i.Order.Region} {
		w.inFlight[limit]++
		w.maxInFlight[limit] = max(w.maxInFlight[limit], w.inFlight[limit])
	}
	w.mu.Unlock()

	time.Sleep(w.callTime)

	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight[""]--
	w.inFlight[i.Order.Region]--
	if ctx.Err() != nil {
		w.t.Errorf("%s: the call's context ended while it was in flight", i.Order.Address)
	}
	if err := w.answer(i); err != nil {
		return order.Purchase{}, err
	}
	w.sold[i.Order.Address]++
	p := order.Purchase{BuyID: fmt.Sprintf("buy-%s-%d", i.Order.Address, i.Attempt), RequestID: "req"}
	if w.sourceIDs {
		p.SourceIDs = []string{"source-" + i.Order.Address.String()}
	}
	return p, nil
}

func (w *world) observe(e apply.Event) { w.events = append(w.events, e) }

// buys returns n orders in each region.
func buys(n int, regions ...string) []plan.Buy {
	var all []plan.Buy
	for _, region := range regions {
		for i := range n {
			all = append(all, plan.Buy{Attempt: 1, Order: order.Order{
				Address: order.Address{Name: region, Key: order.IndexKey(i)}, Region: region, Quantity: 2,
				Charge: order.Charge{AutoPay: true},
			}})
		}
	}
	return all
}

// numberOf returns which of its region's orders one is.
func numberOf(a order.Address) int {
	n, err := strconv.Atoi(a.Key.Text())
	if err != nil {
		panic(err)
	}
	return n
}

func (w *world) config(b []plan.Buy) apply.Config {
	return apply.Config{
		Run: "run-1", Fleet: "f", Lineage: "l", Buys: b, Rollout: order.DefaultRollout(),
		Buyer: w, Journal: w, Observe: w.observe,
	}
}

// eventsOf returns the events of type E.
func eventsOf[E apply.Event](w *world) []E {
	var found []E
	for _, e := range w.events {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

func fail(class order.Class, message string) error {
	return &apply.CallError{Failure: order.Failure{Class: class, Message: message}}
}

func attempts(w *world) []int {
	var numbers []int
	for _, c := range w.calls {
		numbers = append(numbers, c.intent.Attempt)
	}
	return numbers
}

// inBubble runs f under fake time.
func inBubble(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) })
}

var errDisk = errors.New("no space left on device")

func sortedAddresses(entries []apply.Entry, end apply.End) []string {
	var found []string
	for _, e := range entries {
		if e.End == end {
			found = append(found, e.Address.String())
		}
	}
	slices.Sort(found)
	return found
}
