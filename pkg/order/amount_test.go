package order_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/bastion-fleet/bastion-fleet/pkg/order"
)

func TestAmountsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := order.Amount(rapid.Int64Range(0, int64(order.MaxPrice)).Draw(t, "a"))
		b := order.Amount(rapid.Int64Min(0).Draw(t, "b"))
		n := rapid.IntRange(0, 9*order.MaxQuantity).Draw(t, "n")
		product := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(n)))
		if got := a.Times(n); big.NewInt(int64(got)).Cmp(product) != 0 {
			t.Errorf("%s x %d is %s", a, n, got)
		}
		sum := new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))
		if !sum.IsInt64() {
			sum = big.NewInt(int64(order.MaxAmount))
		}
		if got := a.Plus(b); big.NewInt(int64(got)).Cmp(sum) != 0 {
			t.Errorf("%s + %s is %s", a, b, got)
		}
		if got, err := order.ParseAmount(b.String()); err != nil || got != b {
			t.Errorf("%s is read as %s, %v", b, got, err)
		}
	})
}

// TestAnAmountNeverWraps: a sum that became small, or less than nothing, would pass below every ceiling.
func TestAnAmountNeverWraps(t *testing.T) {
	for _, a := range []order.Amount{1, order.MaxPrice, order.MaxSpend, order.MaxAmount - 1, order.MaxAmount} {
		if got := a.Plus(order.MaxAmount); got != order.MaxAmount {
			t.Errorf("%s and the most there is are %s", a, got)
		}
		if got := a.Times(1 << 62).Times(1 << 62); got != order.MaxAmount {
			t.Errorf("%s many times is %s", a, got)
		}
	}
	if got := order.MaxAmount.Times(2); got != order.MaxAmount { // it fits into 64 bits, but not into an amount
		t.Errorf("twice the most there is is %s", got)
	}
	if order.MaxAmount <= order.MaxSpend {
		t.Error("a sum that is too large to count is within a ceiling")
	}
}

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]order.Amount{
		"0": 0, "15096": 1509600, "99.5": 9950, "0.07": 7, "92233720368547758.07": order.MaxAmount,
	} {
		if got, err := order.ParseAmount(text); err != nil || got != want {
			t.Errorf("%s is read as %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1.234", "1e3", "1,000", "92233720368547758.08", " 1", "١"} {
		if got, err := order.ParseAmount(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestGroupedAmounts(t *testing.T) {
	for a, want := range map[order.Amount]string{
		0: "0.00", 7: "0.07", 99999: "999.99", 100000: "1,000.00", 123456789: "1,234,567.89",
		order.MaxAmount: "more than 92,233,720,368,547,758.07",
	} {
		if got := a.Grouped(); got != want {
			t.Errorf("%s is shown as %s, want %s", a, got, want)
		}
	}
}
