package order_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func must(t *testing.T) func(order.Record, error) order.Record {
	return func(r order.Record, err error) order.Record {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func intent(attempt, quantity int) order.Intent {
	o := good()
	o.Quantity = quantity
	return order.Intent{Run: "r", Attempt: attempt, Order: o}
}

func bought(attempt, quantity int, id string) order.Outcome {
	return order.Outcome{
		Address: good().Address, Attempt: attempt, Result: order.ResultBought,
		Purchase: order.Purchase{Attempt: attempt, BuyID: id, Quantity: quantity},
	}
}

func notBought(attempt int, class order.Class) order.Outcome {
	return order.Outcome{
		Address: good().Address, Attempt: attempt, Result: class.Result(),
		Failure: order.Failure{Class: class, Message: "no"},
	}
}

func TestALifeOfARecord(t *testing.T) {
	ok := must(t)
	var r order.Record
	step := func(next order.Record, status order.Status, bought, wished int) {
		t.Helper()
		r = next
		if r.Status() != status || r.Bought() != bought || r.Order.Quantity != wished {
			t.Errorf("%s with %d bought of %d, want %s with %d of %d",
				r.Status(), r.Bought(), r.Order.Quantity, status, bought, wished)
		}
	}
	step(ok(r.Begin(intent(1, 2))), order.StatusInDoubt, 0, 2)
	step(ok(r.Finish(notBought(1, order.ClassThrottled))), order.StatusFailed, 0, 2)
	step(ok(r.Begin(intent(2, 2))), order.StatusInDoubt, 0, 2)
	step(ok(r.Finish(bought(2, 2, "b-1"))), order.StatusBought, 2, 2)
	if r.Failure != nil {
		t.Error("the failure of an earlier attempt outlived the purchase")
	}
	step(ok(r.Begin(intent(3, 3))), order.StatusInDoubt, 2, 2) // a grow from 2 to 5
	step(ok(r.Finish(notBought(3, order.ClassInDoubt))), order.StatusInDoubt, 2, 2)
	if r.DoubtWhy == nil || r.DoubtWhy.Message != "no" {
		t.Errorf("nobody says why it is in doubt: %+v", r.DoubtWhy)
	}
	step(ok(r.Finish(bought(3, 3, "b-2"))), order.StatusBought, 5, 5) // found out later
	if d := cmp.Diff([]string{"b-1", "b-2"}, []string{r.Purchases[0].BuyID, r.Purchases[1].BuyID}); d != "" {
		t.Error(d)
	}
	step(ok(r.Begin(intent(4, 1))), order.StatusInDoubt, 5, 5)
	step(ok(r.Finish(notBought(4, order.ClassRejected))), order.StatusBought, 5, 5)
	if r.Failure == nil || r.Failure.Class != order.ClassRejected {
		t.Error("the failed grow left no trace")
	}
}

func TestACallThatWasNeverMadeLeavesNoFailure(t *testing.T) {
	ok := must(t)
	blank := ok(ok(order.Record{}.Begin(intent(1, 1))).Finish(notBought(1, order.ClassCancelled)))
	if !blank.Blank() || blank.Attempt != 1 {
		t.Errorf("after a cancelled attempt: %+v", blank)
	}
	failed := ok(ok(blank.Begin(intent(2, 1))).Finish(notBought(2, order.ClassRejected)))
	again := ok(ok(failed.Begin(intent(3, 1))).Finish(notBought(3, order.ClassCancelled)))
	if again.Blank() || again.Failure == nil || again.Failure.Class != order.ClassRejected {
		t.Errorf("the cancelled attempt hides what the one before came to: %+v", again.Failure)
	}
}

func TestRecordsRefuseWhatWouldForgetAPurchase(t *testing.T) {
	ok := must(t)
	open := ok(order.Record{}.Begin(intent(2, 1)))
	if _, err := open.Begin(intent(3, 1)); err == nil {
		t.Error("an order in doubt was begun again")
	}
	if _, err := open.Finish(bought(1, 1, "b")); err == nil {
		t.Error("the outcome of another attempt was taken")
	}
	closed := ok(open.Finish(bought(2, 1, "b")))
	if _, err := closed.Finish(bought(2, 1, "b")); err == nil {
		t.Error("an outcome was taken twice")
	}
	if _, err := closed.Begin(intent(2, 1)); err == nil {
		t.Error("an attempt's number was used twice")
	}
	if _, err := closed.Begin(intent(1, 1)); err == nil {
		t.Error("an attempt's number was used that comes before the last one's")
	}
}

func TestARecordsRegion(t *testing.T) {
	ok := must(t)
	here, there := intent(1, 1), intent(2, 1)
	here.Order.Region, there.Order.Region = "cn-north-1", "cn-east-2"
	r := ok(ok(order.Record{}.Begin(here)).Finish(bought(1, 1, "b")))
	if r.Region() != "cn-north-1" {
		t.Errorf("bought in %s", r.Region())
	}
	if r = ok(r.Begin(there)); r.Region() != "cn-east-2" {
		t.Errorf("an open call went to %s", r.Region())
	}
}

// A record is a value: stepping one leaves the earlier one as it was, also where they share their purchases.
func TestStepsDoNotWriteThrough(t *testing.T) {
	ok := must(t)
	var one order.Record
	for n := 1; n <= 5; n++ { // at one of these lengths a slice that grew by itself has room left
		one = ok(ok(one.Begin(intent(n, 1))).Finish(bought(n, 1, "b")))
		left := ok(ok(one.Begin(intent(n+1, 1))).Finish(bought(n+1, 1, "left")))
		right := ok(ok(one.Begin(intent(n+1, 1))).Finish(bought(n+1, 1, "right")))
		if len(one.Purchases) != n || left.Purchases[n].BuyID != "left" || right.Purchases[n].BuyID != "right" {
			t.Errorf("%v, %v, %v", one.Purchases, left.Purchases, right.Purchases)
		}
	}
}

func TestEnumsReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class := order.Class(rapid.IntRange(0, 5).Draw(t, "class"))
		text, _ := class.MarshalText()
		var back order.Class
		if err := back.UnmarshalText(text); err != nil || back != class {
			t.Fatalf("%s was read back as %s: %v", class, back, err)
		}
		result := class.Result()
		text, _ = result.MarshalText()
		var backResult order.Result
		if err := backResult.UnmarshalText(text); err != nil || backResult != result {
			t.Fatalf("%s was read back as %s: %v", result, backResult, err)
		}
	})
	if new(order.Class).UnmarshalText([]byte("x")) == nil || new(order.Result).UnmarshalText([]byte("x")) == nil {
		t.Error("an unknown name was read")
	}
	if (order.Failure{}).Class.Result() != order.ResultInDoubt || (order.Outcome{}).Result != order.ResultInDoubt {
		t.Error("a value that nobody set must mean in doubt")
	}
}

func TestMarkers(t *testing.T) {
	a := order.Address{Name: "gw"}
	m := order.NewMarker("fleet", "lineage", a, 1)
	if len(" "+string(m)) != order.MarkerLength {
		t.Errorf("%q has %d bytes, MarkerLength says %d", " "+m, len(m)+1, order.MarkerLength)
	}
	for name, other := range map[string]order.Marker{
		"attempt": order.NewMarker("fleet", "lineage", a, 2),
		"address": order.NewMarker("fleet", "lineage", order.Address{Name: "gx"}, 1),
		"lineage": order.NewMarker("fleet", "other", a, 1),
		"fleet":   order.NewMarker("other", "lineage", a, 1),
	} {
		if other == m {
			t.Errorf("the marker of another %s is the same", name)
		}
	}
	for desc, want := range map[string]order.Marker{
		m.AppendTo("branch"): m, m.AppendTo(""): m, "branch": "", string(m) + " moved": "", "[bf:short]": "", "": "",
	} {
		if got := order.FindMarker(desc); got != want {
			t.Errorf("in %q found %q, want %q", desc, got, want)
		}
	}
	for _, desc := range []string{"branch", "", " ", "branch ", "[bf:short]", string(m) + " moved"} {
		if got := order.WithoutMarker(m.AppendTo(desc)); got != desc {
			t.Errorf("%q came back as %q", desc, got)
		}
		if got := order.WithoutMarker(desc); got != desc {
			t.Errorf("%q, which has none, came back as %q", desc, got)
		}
	}
	if got := order.Marker("").AppendTo("branch"); got != "branch" {
		t.Errorf("without a marker the description is %q", got)
	}
	if !m.OfFleet("fleet") || m.OfFleet("other") || !m.OfLineage("fleet", "lineage") || m.OfLineage("fleet", "other") {
		t.Error("the marker does not tell its fleet and lineage")
	}
}

// A number that no version of this program knows, from a damaged file say, must neither end the program nor let
// anything be bought again.
func TestUnknownNumbersAreSurvived(t *testing.T) {
	if got := order.Class(99).Result(); got != order.ResultInDoubt {
		t.Errorf("a call of an unknown class came to %s", got)
	}
	if got := order.Class(99).String() + " " + order.Result(99).String(); got != "class(99) result(99)" {
		t.Error(got)
	}
}

// Whoever finishes what an import announced, a reconcile after a crash too, the purchase is known as imported.
func TestImportedPurchasesAreKnownAsSuch(t *testing.T) {
	for _, imported := range []bool{false, true} {
		i := intent(1, 1)
		i.Imported = imported
		r := must(t)(order.Record{}.Begin(i))
		r = must(t)(r.Finish(bought(1, 1, "b-1")))
		if r.Purchases[0].Imported != imported {
			t.Errorf("announced by an import: %t, the purchase says %t", imported, r.Purchases[0].Imported)
		}
	}
}
