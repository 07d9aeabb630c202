package apply

import "testing"

// spendAll spends a budget and returns how many throttles it paid for.
func spendAll(b *budget) int {
	n := 0
	for ; !b.empty(); n++ {
		b.spend()
	}
	return n
}

func earnOften(b *budget, n int) {
	for range n {
		b.earn()
	}
}

func TestABudgetPaysForFewThrottles(t *testing.T) {
	for parallelism, most := range map[int]int{1: 10, 20: 10, 64: 32} {
		b := newBudget(parallelism)
		if n := spendAll(&b); n != most {
			t.Errorf("parallelism %d: it paid for %d throttles, want %d", parallelism, n, most)
		}
	}
}

func TestPurchasesFillABudgetToItsBound(t *testing.T) {
	b := newBudget(1)
	spendAll(&b)
	earnOften(&b, 101)
	if n := spendAll(&b); n != 8 {
		t.Errorf("after 101 purchases it paid for %d throttles, want 8", n)
	}
	earnOften(&b, 10_000)
	if n := spendAll(&b); n != 10 {
		t.Errorf("after 10,000 purchases it paid for %d throttles, want 10", n)
	}
}

// A burst of calls that were in flight together is not paid for to the last one: the region would probe for as long.
func TestABurstLeavesNoDebt(t *testing.T) {
	b := newBudget(1024)
	for range 1024 {
		b.spend()
	}
	earnOften(&b, 12)
	if !b.empty() {
		t.Error("12 purchases paid for a throttle to come")
	}
	if b.earn(); b.empty() {
		t.Error("13 purchases did not")
	}
}
