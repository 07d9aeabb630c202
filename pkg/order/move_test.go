package order_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

var (
	elsewhere = order.Address{Name: "elsewhere"}
	noon      = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
)

func TestAMoveOfBlocksKeepsTheKeys(t *testing.T) {
	a := func(text string) order.Address {
		address, err := order.ParseAddress(text)
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	for _, test := range []struct{ from, to, of, want string }{
		{"order.gw", "order.gateway", "order.gw", "order.gateway"},
		{"order.gw", "order.gateway", `order.gw["bj"]`, `order.gateway["bj"]`},
		{"order.gw", "order.gateway", "order.gw[1]", "order.gateway[1]"},
		{"order.gw", "order.gateway", "order.gateway", ""},
		{"order.gw", `order.gateway["bj"]`, "order.gw", `order.gateway["bj"]`},
		{"order.gw", `order.gateway["bj"]`, `order.gw["sh"]`, ""},
		{"order.gw[0]", "order.gw", "order.gw[0]", "order.gw"},
		{"order.gw[0]", "order.gw", "order.gw[1]", ""},
	} {
		got, speaks := order.Move{From: a(test.from), To: a(test.to)}.Of(a(test.of))
		if speaks != (test.want != "") || speaks && got != a(test.want) {
			t.Errorf("%s to %s leads %s to %s, %t; want %q", test.from, test.to, test.of, got, speaks, test.want)
		}
	}
}

// moved moves the record to another address, at which there was nothing.
func moved(t *testing.T, r order.Record, to order.Address) (left, there order.Record) {
	t.Helper()
	left, there, err := r.MoveTo(order.Record{Address: to}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return left, there
}

// TestAMovedRecordUsesNoMarkerAgain follows the attempts' numbers: markers are made of address and number, so that no
// address may ever come to a number a second time.
func TestAMovedRecordUsesNoMarkerAgain(t *testing.T) {
	ok := must(t)
	here := good().Address
	r := ok(ok(order.Record{}.Begin(intent(3, 2))).Finish(bought(3, 2, "b-1")))
	left, there := moved(t, r, elsewhere)
	if !left.Vacant() || left.Attempt != 3 || left.Bought() != 0 {
		t.Errorf("what is left: %+v", left)
	}
	if there.Attempt != 3 || there.Bought() != 2 || there.Order.Address != elsewhere || there.Purchases[0].For != here {
		t.Errorf("what was moved: %+v", there)
	}
	if r.Purchases[0].For != (order.Address{}) {
		t.Error("the move wrote through the record that it was given")
	}
	if _, err := left.Begin(intent(3, 1)); err == nil {
		t.Error("the old address begins with a number that it had")
	}
	tried := ok(ok(order.Record{}.Begin(order.Intent{Attempt: 7, Order: order.Order{Address: elsewhere}})).Finish(notBought(7, order.ClassRejected)))
	if _, there, err := r.MoveTo(tried, noon); err != nil || there.Attempt != 7 || there.Failure == nil {
		t.Errorf("moved to where 7 attempts failed: %v, %+v", err, there)
	}
	back, err := func() (order.Record, error) { _, back, err := there.MoveTo(left, noon); return back, err }()
	if err != nil || back.Purchases[0].For != (order.Address{}) || back.Attempt != 3 {
		t.Errorf("moved back: %v, %+v", err, back)
	}
}

func TestADoubtMovesWithItsHold(t *testing.T) {
	ok := must(t)
	i := intent(1, 2)
	i.Marker = "[bf:0123456789ABCDEF]"
	r := ok(order.Record{}.Begin(i))
	_, there := moved(t, r, elsewhere)
	if there.Status() != order.StatusInDoubt || there.Doubt.Marker != i.Marker || there.Doubt.For != good().Address || there.Doubt.Order.Address != elsewhere {
		t.Errorf("the moved doubt: %+v", there.Doubt)
	}
	if r.Doubt.Order.Address == elsewhere {
		t.Error("the move wrote through the record that it was given")
	}
	found := bought(1, 2, "b-1")
	found.Address = elsewhere
	if there = ok(there.Finish(found)); there.Purchases[0].For != good().Address {
		t.Errorf("the purchase does not say what its call was made for: %+v", there.Purchases[0])
	}
}

func TestMovesAreRefused(t *testing.T) {
	ok := must(t)
	doubt := ok(order.Record{}.Begin(intent(1, 2)))
	sold := ok(doubt.Finish(bought(1, 2, "b-1")))
	_, taken := moved(t, sold, elsewhere)
	_, held := moved(t, doubt, elsewhere)
	left, _ := moved(t, sold, elsewhere)
	blank := ok(doubt.Finish(notBought(1, order.ClassCancelled)))
	for name, test := range map[string]struct {
		from, to order.Record
		says     string
	}{
		"onto a purchase": {sold, taken, "can't be moved to order.elsewhere, which is bought"},
		"onto a doubt":    {sold, held, "can't be moved to order.elsewhere, which is in doubt"},
		"to itself":       {sold, sold, "can't be moved to itself"},
		"what is gone":    {left, order.Record{Address: elsewhere}, "nothing is recorded there"},
		"what is blank":   {blank, order.Record{Address: elsewhere}, "nothing is recorded there"},
	} {
		if _, _, err := test.from.MoveTo(test.to, noon); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

func TestARemovedRecordKeepsItsIDs(t *testing.T) {
	ok := must(t)
	r := ok(ok(order.Record{}.Begin(intent(1, 2))).Finish(bought(1, 2, "b-1")))
	gone := ok(r.Remove(nil, noon))
	if !gone.Vacant() || gone.Status() != order.StatusFailed || gone.Bought() != 0 || gone.Attempt != 1 || len(gone.Former) != 1 || gone.Former[0].BuyID != "b-1" {
		t.Errorf("removed: %+v", gone)
	}
	again := ok(ok(gone.Begin(intent(2, 1))).Finish(bought(2, 1, "b-2")))
	if again.Vacant() || again.Bought() != 1 || again.Order.Quantity != 1 {
		t.Errorf("bought again: %+v", again)
	}
	if gone = ok(again.Remove(nil, noon)); len(gone.Former) != 2 {
		t.Errorf("removed again: %+v", gone.Former)
	}
	if _, err := gone.Remove(nil, noon); err == nil {
		t.Error("what is gone was removed")
	}
}

func TestADoubtIsGivenUpByAWordAlone(t *testing.T) {
	ok := must(t)
	r := ok(order.Record{}.Begin(intent(1, 2)))
	if _, err := r.Remove(nil, noon); err == nil || !strings.Contains(err.Error(), "attempt 1 is in doubt") {
		t.Errorf("a doubt was removed: %v", err)
	}
	why := &order.Failure{Class: order.ClassResolved, Message: "somebody said so"}
	gone := ok(r.Remove(why, noon))
	if d := cmp.Diff(why, gone.Failure); d != "" || gone.Doubt != nil || !gone.Vacant() {
		t.Errorf("given up: %+v\n%s", gone, d)
	}
}
